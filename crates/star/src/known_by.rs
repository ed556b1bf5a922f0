//! What people know a row by, whatever its primary key: for those who compare or show what is stored.

/// Columns that together tell a row of a table from the others; of several sets the first that holds something counts.
/// Tables that are not listed have no such columns.
const KNOWN_BY: [(&str, &[&[&str]]); 40] = [
    ("mrn", &[&["mrn"], &["nhs_number"]]),
    ("mrn_to_live", &[&["mrn_id"]]),
    ("core_demographic", &[&["mrn_id"]]),
    ("hospital_visit", &[&["encounter"]]),
    ("department", &[&["internal_id"]]),
    ("department_state", &[&["department_id", "valid_from"]]),
    ("department_event", &[&["department_id", "event_datetime", "speciality"]]),
    ("room", &[&["department_id", "hl7string"]]),
    ("room_state", &[&["csn"]]),
    ("bed", &[&["room_id", "hl7string"]]),
    ("bed_state", &[&["csn"]]),
    ("bed_facility", &[&["bed_state_id", "type"]]),
    ("location", &[&["location_string"]]),
    ("location_visit", &[&["hospital_visit_id", "location_id", "admission_datetime"]]),
    ("planned_movement", &[&["hospital_visit_id", "event_type", "location_id"]]),
    ("visit_observation_type", &[&["source_observation_type", "interface_id", "id_in_application"]]),
    ("visit_observation", &[&["hospital_visit_id", "visit_observation_type_id", "observation_datetime"]]),
    ("lab_battery", &[&["lab_provider", "battery_code"]]),
    ("lab_test_definition", &[&["lab_provider", "test_lab_code"]]),
    ("lab_battery_element", &[&["lab_battery_id", "lab_test_definition_id"]]),
    ("lab_sample", &[&["mrn_id", "external_lab_number"]]),
    ("lab_order", &[&["lab_sample_id", "lab_battery_id"]]),
    ("lab_result", &[&["lab_order_id", "lab_test_definition_id"]]),
    ("lab_isolate", &[&["lab_result_id", "lab_internal_id"]]),
    ("lab_sensitivity", &[&["lab_isolate_id", "agent"]]),
    ("condition_type", &[&["data_type", "internal_code"]]),
    ("patient_condition", &[&["mrn_id", "condition_type_id", "internal_id", "added_datetime"]]),
    ("condition_visits", &[&["patient_condition_id", "hospital_visit_id"]]),
    ("allergen_reaction", &[&["patient_condition_id", "name"]]),
    ("consultation_type", &[&["code"]]),
    ("consultation_request", &[&["internal_id"]]),
    ("advance_decision_type", &[&["care_code"]]),
    ("advance_decision", &[&["internal_id"]]),
    ("question", &[&["question"]]),
    ("request_answer", &[&["parent_id", "question_id"]]),
    ("form_definition", &[&["internal_id"]]),
    ("form_question", &[&["internal_id"]]),
    ("form", &[&["internal_id"]]),
    ("form_answer", &[&["internal_id"]]),
    ("location_event", &[&["hospital_visit_id", "event_type", "location_id", "event_datetime"]]),
];

/// Columns that tell a row of this table from the others; of several sets the first that holds something counts. None
/// if the table has no such columns.
pub fn known_by(table: &str) -> &'static [&'static [&'static str]] {
    KNOWN_BY.iter().find(|(name, _)| *name == table).map_or(&[], |(_, sets)| sets)
}
