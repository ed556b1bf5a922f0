//! A person's data is removed.

use emap_core::Outcome;
use emap_interchange::{AdtEvent, InterchangeValue::Save, Message, PendingType};
use emap_star::rows::EtlPersonRemoval;
use emap_test_support::messages::{admit, adt, at, discharge, transfer, update};

use crate::world::World;

const PLACE: &str = "ACU^ACU BAY2^ACU-07";
const OTHER_PLACE: &str = "W1^W1 BAY1^W1-01";

fn day(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

fn deleted(mrn: &str, time: &str) -> Message {
    adt(AdtEvent::DeletePersonInformation, mrn, "", PLACE, &day(time))
}

fn planned(mrn: &str, encounter: &str, time: &str) -> Message {
    let event = AdtEvent::PendingTransfer {
        pending_event_type: Some(PendingType::Transfer),
        pending_destination: Save(OTHER_PLACE.to_owned()),
        hospital_service: Save("Renal".to_owned()),
    };
    adt(event, mrn, encounter, PLACE, &day(time))
}

fn story(mrn: &str, encounter: &str) -> Vec<Message> {
    vec![
        admit(mrn, encounter, PLACE, &day("08:00")),
        planned(mrn, encounter, "08:30"),
        transfer(mrn, encounter, OTHER_PLACE, &day("09:00")),
        discharge(mrn, encounter, OTHER_PLACE, &day("10:00")),
    ]
}

fn and(mut messages: Vec<Message>, more: impl IntoIterator<Item = Message>) -> Vec<Message> {
    messages.extend(more);
    messages
}

#[test]
fn only_identifiers_and_former_versions_stay() {
    let before = World::after(story("M1", "V1")).snapshot();
    let rows = World::everywhere(&and(story("M1", "V1"), [deleted("M1", "11:00")])).snapshot();
    assert_eq!((rows.mrns.len(), rows.lives.len()), (1, 1));
    assert!(rows.demographics.is_empty() && rows.visits.is_empty());
    assert!(rows.stays.is_empty() && rows.events.is_empty() && rows.plans.is_empty());
    let gained = |now: usize, then: usize| now - then;
    assert_eq!(gained(rows.demographic_audits.len(), before.demographic_audits.len()), 1);
    assert_eq!(gained(rows.visit_audits.len(), before.visit_audits.len()), 1);
    assert_eq!(gained(rows.stay_audits.len(), before.stay_audits.len()), 2);
    assert_eq!(gained(rows.plan_audits.len(), before.plan_audits.len()), 1);
    let last = rows.visit_audits.last().unwrap();
    assert_eq!(last.discharge_datetime, Some(at(&day("10:00"))));
    assert_eq!(last.valid_until, Some(at(&day("11:00"))));
}

#[test]
fn strangers_keep_everything() {
    let other = World::after(story("M2", "V2")).snapshot();
    let messages = and(and(story("M1", "V1"), story("M2", "V2")), [deleted("M1", "11:00")]);
    let rows = World::everywhere(&messages).snapshot();
    assert_eq!(rows.visit().encounter, "V2");
    assert_eq!(rows.journey(), other.journey());
    assert_eq!((rows.demographics.len(), rows.events.len(), rows.plans.len()), (1, 3, 1));
}

#[test]
fn a_deletion_older_than_everything_does_nothing() {
    let before = World::after(story("M1", "V1")).snapshot();
    let rows = World::after(and(story("M1", "V1"), [deleted("M1", "07:00")])).snapshot();
    assert_eq!(rows.demographics.len(), 1);
    assert_eq!(rows.journey(), before.journey());
    assert_eq!(rows.visit().encounter, "V1");
    assert_eq!((rows.events.len(), rows.plans.len()), (3, 1));
    assert_eq!(rows.visit_audits.len(), before.visit_audits.len());
    assert_eq!(rows.stay_audits.len(), before.stay_audits.len());
    assert!(rows.demographic_audits.is_empty());
}

#[test]
fn what_changed_after_the_deletion_stays() {
    let rows = World::everywhere(&[
        admit("M1", "V1", PLACE, &day("08:00")),
        admit("M1", "V2", PLACE, &day("12:00")),
        deleted("M1", "10:00"),
    ])
    .snapshot();
    assert_eq!(rows.visit().encounter, "V2");
    assert_eq!(rows.stays.len(), 1);
}

#[test]
fn a_visit_of_the_same_time_goes_and_demographics_stay() {
    let rows =
        World::everywhere(&[admit("M1", "V1", PLACE, &day("08:00")), deleted("M1", "08:00")]).snapshot();
    assert_eq!((rows.visits.len(), rows.demographics.len()), (0, 1));
}

#[test]
fn a_repeat_changes_nothing_and_a_stranger_becomes_known() {
    let mut world = World::after(and(story("M1", "V1"), [deleted("M1", "11:00")]));
    let before = world.snapshot();
    assert_eq!(world.receive([deleted("M1", "11:00"), deleted("M2", "11:00")]), [Outcome::Success; 2]);
    let after = world.snapshot();
    assert_eq!((after.visit_audits, after.stay_audits), (before.visit_audits, before.stay_audits));
    assert_eq!(after.demographic_audits, before.demographic_audits);
    assert_eq!(after.mrns.len(), 2);
}

#[test]
fn all_identifiers_of_the_person_are_concerned() {
    for named in ["M1", "M2"] {
        let merge = AdtEvent::MergePatient { previous_mrn: Some("M1".to_owned()), previous_nhs_number: None };
        let rows = World::everywhere(&[
            admit("M1", "V1", PLACE, &day("08:00")),
            admit("M2", "V2", PLACE, &day("08:00")),
            adt(merge, "M2", "", PLACE, &day("09:00")),
            deleted(named, "10:00"),
        ])
        .snapshot();
        assert!(rows.visits.is_empty() && rows.demographics.is_empty() && rows.stays.is_empty());
        assert_eq!(rows.live("M1"), "M2", "identifiers stay");
    }
}

/// Bodies of rejected messages are looked for by these.
#[test]
fn the_numbers_of_the_person_are_noted_and_no_others() {
    let merge = AdtEvent::MergePatient { previous_mrn: Some("M1".to_owned()), previous_nhs_number: None };
    let world = World::everywhere(&[
        admit("M1", "V1", PLACE, &day("08:00")),
        admit("M2", "V2", PLACE, &day("08:00")),
        admit("M2", "V3", PLACE, &day("12:00")),
        admit("M4", "V4", PLACE, &day("08:00")),
        adt(merge, "M2", "", PLACE, &day("09:00")),
        deleted("M2", "10:00"),
    ]);
    let removals: Vec<EtlPersonRemoval> = world.rows();
    let numbers: Vec<&str> = removals.iter().map(|row| row.number.as_str()).collect();
    assert_eq!(numbers, ["M1", "M2", "V1", "V2"]);
    assert!(removals.iter().all(|row| row.removed_datetime == at(&day("10:00"))));
}

/// A patient with one visit and, on it, one row of everything that can hang on a visit. `n`: distinguishes patients.
fn everything_of(n: u32) -> String {
    let since = "'2031-03-02T08:00Z', '2031-03-02T08:00Z'";
    // Keys: the number of the kind of row, then the patient's.
    let key = |kind: u32| format!("-{kind}0{n}");
    let [mrn, live, visit, place, stay, plan, observation] = [1, 2, 3, 4, 5, 6, 7].map(key);
    let [sample, order, result, isolate, sensitivity] = [11, 12, 13, 14, 15].map(key);
    let [condition, linked, reaction, seen] = [21, 22, 23, 24].map(key);
    let [consultation, decision, first_answer, second_answer, sample_answer] = [31, 32, 33, 34, 35].map(key);
    let [form, filled, own_form, own_filled, patient] = [41, 42, 43, 44, 51].map(key);
    format!(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from, research_opt_out)
           VALUES ({mrn}, 'M{n}', 'EPIC', '2030-01-01Z', false);
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
           VALUES ({live}, {mrn}, {mrn}, {since});
         INSERT INTO core_demographic (core_demographic_id, mrn_id, valid_from, stored_from)
           VALUES ({patient}, {mrn}, {since});
         INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, source_system, valid_from, stored_from)
           VALUES ({visit}, {mrn}, 'V{n}', 'EPIC', {since});
         INSERT INTO location (location_id, location_string) VALUES ({place}, 'W{n}^R^B');
         INSERT INTO location_visit (location_visit_id, hospital_visit_id, location_id, admission_datetime,
                                     inferred_admission, inferred_discharge, valid_from, stored_from)
           VALUES ({stay}, {visit}, {place}, '2031-03-02T08:00Z', false, false, {since});
         INSERT INTO location_event (location_event_id, hospital_visit_id, location_id, event_type, event_datetime,
                                     message_datetime, stored_from)
           VALUES ({stay}, {visit}, {place}, 'MOVE', '2031-03-02T08:00Z', {since});
         INSERT INTO planned_movement (planned_movement_id, hospital_visit_id, location_id, valid_from, stored_from)
           VALUES ({plan}, {visit}, {place}, {since});
         INSERT INTO visit_observation (visit_observation_id, hospital_visit_id, visit_observation_type_id,
                                        observation_datetime, source_system, valid_from, stored_from)
           VALUES ({observation}, {visit}, -901, '2031-03-02T08:00Z', 'EPIC', {since});
         INSERT INTO lab_sample (lab_sample_id, mrn_id, external_lab_number, valid_from, stored_from)
           VALUES ({sample}, {mrn}, 'L{n}', {since});
         INSERT INTO lab_order (lab_order_id, hospital_visit_id, lab_battery_id, lab_sample_id, valid_from, stored_from)
           VALUES ({order}, {visit}, -902, {sample}, {since});
         INSERT INTO lab_result (lab_result_id, lab_order_id, lab_test_definition_id, valid_from, stored_from)
           VALUES ({result}, {order}, -903, {since});
         INSERT INTO lab_isolate (lab_isolate_id, lab_result_id, valid_from, stored_from)
           VALUES ({isolate}, {result}, {since});
         INSERT INTO lab_sensitivity (lab_sensitivity_id, lab_isolate_id, valid_from, stored_from)
           VALUES ({sensitivity}, {isolate}, {since});
         INSERT INTO patient_condition (patient_condition_id, condition_type_id, hospital_visit_id, mrn_id, valid_from,
                                        stored_from)
           VALUES ({condition}, -904, {visit}, {mrn}, {since}), ({seen}, -904, NULL, {mrn}, {since});
         INSERT INTO condition_visits (condition_visits_id, hospital_visit_id, patient_condition_id)
           VALUES ({linked}, {visit}, {condition}), ({seen}, {visit}, {seen});
         INSERT INTO allergen_reaction (allergen_reaction_id, patient_condition_id, valid_from, stored_from)
           VALUES ({reaction}, {condition}, {since});
         INSERT INTO consultation_request (consultation_request_id, consultation_type_id, hospital_visit_id, internal_id,
                                           valid_from, stored_from)
           VALUES ({consultation}, -905, {visit}, {consultation}, {since});
         INSERT INTO advance_decision (advance_decision_id, advance_decision_type_id, hospital_visit_id, internal_id,
                                       valid_from, stored_from)
           VALUES ({decision}, -906, {visit}, {decision}, {since});
         INSERT INTO request_answer (request_answer_id, parent_table, parent_id, question_id, valid_from, stored_from)
           VALUES ({first_answer}, 'CONSULT_REQUEST', {consultation}, -907, {since}),
                  ({second_answer}, 'ADVANCE_DECISION', {decision}, -907, {since}),
                  ({sample_answer}, 'LAB_SAMPLE', {consultation}, -907, {since});
         INSERT INTO form (form_id, internal_id, hospital_visit_id, mrn_id, valid_from, stored_from)
           VALUES ({form}, 'F{n}', {visit}, NULL, {since}), ({own_form}, 'G{n}', NULL, {mrn}, {since});
         INSERT INTO form_answer (form_answer_id, internal_id, form_id, form_question_id, valid_from, stored_from)
           VALUES ({filled}, 'F{n}', {form}, -908, {since}), ({own_filled}, 'G{n}', {own_form}, -908, {since});"
    )
}

const TYPES: &str = "
    INSERT INTO visit_observation_type (visit_observation_type_id, source_observation_type, valid_from, stored_from)
      VALUES (-901, 'flowsheet', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO lab_battery (lab_battery_id, lab_provider, valid_from, stored_from)
      VALUES (-902, 'WIN_PATH', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO lab_test_definition (lab_test_definition_id, lab_provider, test_lab_code, valid_from, stored_from)
      VALUES (-903, 'WIN_PATH', 'FE', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO condition_type (condition_type_id, data_type, valid_from, stored_from)
      VALUES (-904, 'PATIENT_ALLERGY', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO consultation_type (consultation_type_id, code, valid_from, stored_from)
      VALUES (-905, 'CON7', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO advance_decision_type (advance_decision_type_id, care_code, name) VALUES (-906, 'AD7', 'Decision');
    INSERT INTO question (question_id, question, valid_from, stored_from)
      VALUES (-907, 'Why?', '2030-01-01Z', '2030-01-01Z');
    INSERT INTO form_question (form_question_id, internal_id, valid_from, stored_from)
      VALUES (-908, 'FQ7', '2030-01-01Z', '2030-01-01Z');";

/// Tables with rows that hang on a visit or on a form of the patient: rows of each patient, and how many are deleted.
const TABLES: [(&str, usize, usize); 17] = [
    ("core_demographic", 1, 1),
    ("hospital_visit", 1, 1),
    ("location_visit", 1, 1),
    ("planned_movement", 1, 1),
    ("visit_observation", 1, 1),
    ("lab_sample", 1, 0),
    ("lab_order", 1, 1),
    ("lab_result", 1, 1),
    ("lab_isolate", 1, 1),
    ("lab_sensitivity", 1, 1),
    ("patient_condition", 2, 1), // the other one names no visit
    ("allergen_reaction", 1, 1),
    ("consultation_request", 1, 1),
    ("advance_decision", 1, 1),
    ("request_answer", 3, 2), // that of a sample with the same key stays
    ("form", 2, 2),
    ("form_answer", 2, 2),
];

/// Tables from which references lead to a visit, directly or by way of others.
const REFERRING_TO_VISITS: &str = "
    WITH RECURSIVE referring(oid) AS (
        SELECT 'hospital_visit'::regclass::oid
        UNION SELECT conrelid FROM pg_constraint JOIN referring ON confrelid = referring.oid WHERE contype = 'f')
    SELECT relname FROM referring JOIN pg_class USING (oid) ORDER BY relname";

#[test]
fn each_table_that_refers_to_visits_has_a_row_here() {
    let world = World::on_postgres_with(&format!("{TYPES}{}", everything_of(1)));
    let tables = world.ask(REFERRING_TO_VISITS);
    assert!(tables.contains(&"lab_sensitivity".to_owned()), "{tables:?}");
    for table in tables {
        assert_ne!(
            world.ask(&format!("SELECT count(*) FROM {table}")),
            ["0"],
            "{table} is not in everything_of"
        );
        let is_counted = TABLES.iter().any(|(counted, ..)| *counted == table);
        assert!(is_counted || ["location_event", "condition_visits"].contains(&table.as_str()), "{table}");
    }
}

#[test]
fn no_table_stops_a_deletion() {
    let mut world = World::on_postgres_with(&format!("{TYPES}{}{}", everything_of(1), everything_of(2)));
    let report = world.report(&deleted("M1", "09:00"));
    assert_eq!((report.outcome, report.reason), (Outcome::Success, None));
    let count = |table: &str| world.ask(&format!("SELECT count(*) FROM {table}")).concat().parse().unwrap();
    for (table, rows, gone) in TABLES {
        assert_eq!((table, 2 * rows - gone), (table, count(table)));
        assert_eq!((table, gone), (table, count(&format!("{table}_audit"))));
    }
    assert_eq!(count("location_event"), 1);
    assert_eq!(count("condition_visits"), 2, "those of the other patient");
    assert_eq!(count("mrn"), 2);
    assert_eq!(count("location"), 2, "places belong to nobody");
    assert_eq!(
        world.ask("SELECT DISTINCT valid_until FROM lab_sensitivity_audit"),
        ["2031-03-02T09:00:00+00:00"]
    );
}

#[test]
fn a_form_of_no_visit_goes_if_it_is_older_and_one_of_a_visit_with_its_visit() {
    let mut world = World::on_postgres_with(&format!("{TYPES}{}", everything_of(1)));
    assert_eq!(world.receive([deleted("M1", "08:00")]), [Outcome::Success]);
    assert_eq!(world.ask("SELECT internal_id FROM form"), ["G1"]);
    assert_eq!(world.ask("SELECT internal_id FROM form_answer"), ["G1"]);
}

#[test]
fn many_deletions_cost_as_many_queries_as_few() {
    let patients: String = (1..=9).map(everything_of).collect();
    let mut world = World::on_postgres_with(&format!("{TYPES}{patients}"));
    let mut cost = |patients: std::ops::RangeInclusive<u32>| {
        let before = world.statements();
        let outcomes = world.receive_together(patients.map(|n| deleted(&format!("M{n}"), "09:00")));
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success));
        world.statements() - before
    };
    let (few, many) = (cost(1..=2), cost(3..=9));
    assert_eq!(few, many);
}

#[test]
fn a_deletion_waits_for_who_works_on_a_visit() {
    let mut world = World::on_postgres();
    world.receive([admit("M1", "V1", PLACE, &day("08:00")), update("M2", "", PLACE, &day("08:00"))]);
    let mut other = world.other_session();
    let encounters = vec!["V1".to_owned()];
    let other = other.begin(&emap_star::Subjects { encounters, ..Default::default() }).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let deleting = std::thread::spawn(move || {
        let outcomes = world.receive([deleted("M1", "09:00")]);
        sender.send(()).unwrap();
        (outcomes, world.snapshot().visits.len())
    });
    assert!(receiver.recv_timeout(std::time::Duration::from_millis(200)).is_err(), "V1 is taken");
    other.flush().unwrap().commit().unwrap();
    assert_eq!(deleting.join().unwrap(), (vec![Outcome::Success], 0));
}
