//! What an analyst finds in the star database, and an operator in the effect log.

use emap_test_support::database::Database;

/// After so many passes over the sources.
pub(crate) fn assert_all(star: &Database, passes: usize) {
    effects(star, passes);
    places(star, passes);
    kinds(star);
    people(star);
    conditions(star);
    consults(star);
    forms(star, passes);
}

/// In whatever order.
#[track_caller]
fn assert_rows(star: &Database, query: &str, expected: &[&str]) {
    let (mut found, mut expected) = (star.rows(query), expected.to_vec());
    found.sort_unstable();
    expected.sort_unstable();
    assert_eq!(found, expected, "{query}");
}

/// Nothing is in error but the department without any time, which is named all the same.
fn effects(star: &Database, passes: usize) {
    let query = "SELECT regexp_replace(message_type, '.*\\.', ''), count(*), count(*) FILTER (WHERE error), \
                        max(message) \
                 FROM etl_per_message_logging GROUP BY 1";
    let sent = [
        ("ConsultMetadata", 2),
        ("ConsultRequest", 3),
        ("DepartmentMetadata", 5),
        ("Flowsheet", 4),
        ("FlowsheetMetadata", 5),
        ("FormMetadataMsg", 2),
        ("FormMsg", 3),
        ("FormQuestionMetadataMsg", 2),
        ("LabMetadataMsg", 4),
        ("LocationMetadata", 9),
        ("PatientAllergy", 3),
        ("PatientInfection", 4),
        ("PatientProblem", 2),
        ("ResearchOptOut", 3),
    ];
    let expected = sent.map(|(name, messages)| match name {
        "DepartmentMetadata" => {
            let reason = "required data missing: specialityUpdate or departmentContactDate";
            format!("{name}|{}|{passes}|{reason}", messages * passes)
        }
        _ => format!("{name}|{}|0|", messages * passes),
    });
    assert_rows(star, query, &expected.each_ref().map(String::as_str));
    let rejects = "SELECT source_id, body::json ->> 'departmentName' FROM etl_message_reject";
    assert_rows(star, rejects, &vec!["3|Ward Three"; passes]);
}

fn places(star: &Database, passes: usize) {
    assert_rows(
        star,
        "SELECT l.location_string, d.name, r.name, b.hl7string FROM location l \
         LEFT JOIN department d USING (department_id) LEFT JOIN room r ON r.room_id = l.room_id \
         LEFT JOIN bed b ON b.bed_id = l.bed_id",
        &[
            "4711^null^null|Clinic||",
            "W1^R1^B1|Ward One|Room One|B1",
            "W1^R1^P1|Ward One|Room One|P1",
            "W1^R2^null|Ward One|Store|",
            "W1^null^null|Ward One||",
            "W3^null^null|Ward Three||",
            // Its own description was left out: its state is one that nobody knows.
            "W4^null^null|||",
        ],
    );
    assert_rows(
        star,
        "SELECT d.name, s.status, s.speciality, s.valid_from, s.valid_until \
         FROM department_state s JOIN department d USING (department_id)",
        &[
            "Clinic|Deleted and Hidden||2020-01-01T00:00:00+00:00|",
            "Ward One|Active|Cardiology|2021-01-01T00:00:00+00:00|2021-02-01T00:00:00+00:00",
            "Ward One|Active|Neurology|2021-02-01T00:00:00+00:00|2021-03-01T00:00:00+00:00",
            "Ward One|Active|Intensive Care|2021-03-01T00:00:00+00:00|",
        ],
    );
    assert_rows(
        star,
        "SELECT r.name, s.status, s.is_ready FROM room_state s JOIN room r USING (room_id) \
         WHERE s.valid_until IS NULL",
        &["Room One|Deleted and Hidden|false", "Store|Active|true"],
    );
    let in_pool = passes.to_string();
    assert_rows(
        star,
        "SELECT b.hl7string, s.status, s.is_bunk, s.is_in_census, s.pool_bed_count, f.type \
         FROM bed_state s JOIN bed b USING (bed_id) LEFT JOIN bed_facility f USING (bed_state_id) \
         WHERE s.valid_until IS NULL",
        &["B1|Active|true|false||", &format!("P1|Deleted and Hidden|false|false|{in_pool}|Cot")],
    );
}

/// Names of tests and of observations, and values under these names.
fn kinds(star: &Database) {
    assert_rows(
        star,
        "SELECT lab_provider, test_lab_code, name FROM lab_test_definition \
         UNION ALL SELECT lab_provider, battery_code, battery_name FROM lab_battery",
        &[
            "BIO_CONNECT|2339-0|Glucose",
            "WIN_PATH|FBC|Full blood count",
            "WIN_PATH|HB|Haemoglobin",
            "PACS|XCHE|X-ray chest",
        ],
    );
    assert_rows(
        star,
        "SELECT id_in_application, interface_id, name, display_name, has_visit_observation \
         FROM visit_observation_type",
        &[
            "5|10|TEMP|Temperature|true",
            "7||DATE OF LAST FIT|Last fit|true",
            "9|9|||false",
            "2281||TIME OF FEED|Feed|true",
        ],
    );
    assert_rows(
        star,
        "SELECT v.encounter, k.display_name, o.observation_datetime, \
                coalesce(o.value_as_real::text, o.value_as_date::text, o.value_as_text), o.unit, o.comment \
         FROM visit_observation o JOIN visit_observation_type k USING (visit_observation_type_id) \
         JOIN hospital_visit v USING (hospital_visit_id)",
        &[
            "V901|Feed|2021-03-01T10:00:00+00:00|12:30||by bottle",
            "V901|Last fit|2021-03-01T10:00:00+00:00|2021-02-28||",
            "V901|Temperature|2020-03-01T00:00:00+00:00|n/a|C|",
            "V901|Temperature|2020-03-24T16:59:59.999+00:00|36.6|C|",
        ],
    );
}

/// Who must not be seen by research.
fn people(star: &Database) {
    assert_rows(
        star,
        "SELECT mrn, nhs_number, research_opt_out FROM mrn",
        &["MRN1|1111111111|true", "MRN2||false", "MRN3||true", "|2222222222|false"],
    );
    assert_rows(
        star,
        "SELECT m.mrn, v.encounter FROM hospital_visit v JOIN mrn m USING (mrn_id)",
        &["MRN1|V901"],
    );
}

fn conditions(star: &Database) {
    assert_rows(
        star,
        "SELECT m.mrn, t.data_type, t.name, c.status, coalesce(c.added_date::text, to_json(c.added_datetime) #>> '{}'), \
                c.onset_date, coalesce(c.resolution_date::text, to_json(c.resolution_datetime) #>> '{}'), c.comment \
         FROM patient_condition c JOIN condition_type t USING (condition_type_id) JOIN mrn m USING (mrn_id)",
        &[
            "MRN1|PATIENT_ALLERGY|PEANUT|Deleted|2021-06-02T10:00:00+00:00|||by mistake",
            "MRN1|PATIENT_ALLERGY|PENICILLIN|Active|2021-06-01T10:00:00+00:00|2020-01-01||",
            "MRN1|PATIENT_INFECTION|Flu|Deleted|2021-06-02T08:00:00+00:00|||entered in error",
            "MRN1|PATIENT_INFECTION|MRSA|Resolved|2021-06-01T09:00:00+00:00|2021-05-30|2021-06-10T11:00:00+00:00|",
            "MRN1|PROBLEM_LIST|Asthma|Resolved|2021-06-01||2021-06-20|",
            "MRN2|PATIENT_ALLERGY|PEANUT|Active|2021-06-15T00:00:00+00:00|||",
            "MRN2|PATIENT_INFECTION|Flu|Resolved|||2021-07-01T07:00:00+00:00|",
            "MRN2|PROBLEM_LIST|Asthma|Deleted|2021-06-03|2021-05-01||by mistake",
        ],
    );
    assert_rows(
        star,
        "SELECT t.name, c.severity, string_agg(r.name, ', ' ORDER BY r.name) \
         FROM allergen_reaction r JOIN patient_condition c USING (patient_condition_id) \
         JOIN condition_type t USING (condition_type_id) GROUP BY 1, 2",
        &["PEANUT||Itching", "PENICILLIN|High|Rash, Swelling"],
    );
    // Entries that were deleted at the source are not marked as such, but their status says it.
    let query = of_the_analysts_page("### Allergies of a patient").replace("40010023", "MRN1");
    assert_rows(star, &query, &["PENICILLIN|Drug|High|Rash, Swelling|2021-06-01T10:00:00+00:00"]);
    let query = of_the_analysts_page("### Active problems and infections")
        .replace("AND NOT identifier.research_opt_out", "");
    assert_rows(star, &query, &[]);
}

/// The first query under a heading of the analysts' page.
fn of_the_analysts_page(heading: &str) -> String {
    let page = include_str!("../../../docs/analysts.md");
    let (_, under) = page.split_once(heading).expect("a heading of the page");
    let (_, block) = under.split_once("```sql").expect("a query under the heading");
    let (query, _) = block.split_once(';').expect("the end of the query");
    query.to_owned()
}

fn consults(star: &Database) {
    assert_rows(
        star,
        "SELECT q.internal_id, t.name, q.cancelled, q.closed_due_to_discharge, q.scheduled_datetime, q.comments \
         FROM consultation_request q JOIN consultation_type t USING (consultation_type_id)",
        &[
            "81|Cardiology|true|false|2021-06-21T08:00:00+00:00|",
            "82|Cardiology|false|false|2021-06-21T08:00:00+00:00|first\n\nlast",
            "83|Speech therapy|false|true|2021-06-21T08:00:00+00:00|",
        ],
    );
    assert_rows(
        star,
        "SELECT r.internal_id, q.question, a.answer FROM request_answer a JOIN question q USING (question_id) \
         JOIN consultation_request r ON a.parent_table = 'CONSULT_REQUEST' AND a.parent_id = r.consultation_request_id",
        &["82|Reason?|cough\nfor weeks", "82|Urgent?|", "83|Reason?|fall"],
    );
}

fn forms(star: &Database, passes: usize) {
    assert_rows(
        star,
        "SELECT internal_id, name, patient_friendly_name FROM form_definition",
        &["91|Wound review|", "92|Pain|Your pain"],
    );
    assert_rows(
        star,
        "SELECT f.internal_id, d.name, v.encounter, coalesce(q.concept_name, q.internal_id), a.filed_datetime, \
                a.value_as_text, coalesce(a.value_as_boolean::text, a.value_as_number::text, a.value_as_date::text, \
                to_json(a.value_as_datetime) #>> '{}') \
         FROM form_answer a JOIN form f USING (form_id) JOIN form_question q USING (form_question_id) \
         JOIN form_definition d USING (form_definition_id) JOIN hospital_visit v USING (hospital_visit_id)",
        &[
            "NOTE_CSN$7|Wound review|V901|EMAP_SDE_NOTE|2021-06-01T08:00:00+00:00|A note|",
            "NOTE_CSN$7|Wound review|V901|Q2|2021-06-01T08:00:00+00:00|-1.5|-1.5",
            "NOTE_CSN$7|Wound review|V901|Q3|2021-06-01T08:00:00+00:00|2021-05-30|2021-05-30",
            "NOTE_CSN$7|Wound review|V901|Q4|2021-06-01T08:00:00+00:00|2021-05-30T10:00:00Z|2021-05-30T10:00:00+00:00",
            "NOTE_CSN$7|Wound review|V901|Q5|2021-06-01T08:00:00+00:00|many|",
            "NOTE_CSN$7|Wound review|V901|Size of the wound|2021-06-02T08:30:00.25+00:00|0|false",
            "NOTE_CSN$8|Wound review|V901|EMAP_SDE_NOTE|2021-06-01T08:00:00+00:00|A note|",
            "NOTE_CSN$8|Wound review|V901|Size of the wound|2021-06-01T08:00:00+00:00|other form|",
        ],
    );
    assert_rows(
        star,
        "SELECT concept_name, concept_abbrev_name, description FROM form_question \
         WHERE concept_name IS NOT NULL",
        &["Pain||", "Size of the wound|Size|Length of the wound\nin centimetres"],
    );
    // The answer before the edit; each further pass goes back to it and forth again.
    let mut former = vec!["1|true"];
    for _ in 1..passes {
        former.extend(["0|false", "1|true"]);
    }
    assert_rows(star, "SELECT value_as_text, value_as_boolean FROM form_answer_audit", &former);
}
