//! What the order of arrival decides: the shortest streams, and the tables that end up different.

use emap_interchange::{Form as FormMessage, Message, ResearchOptOut};

use super::messages::{
    answer, bed, clarity, form, may, place, pool_bed, question, room, some, template, ward, with_bed,
};
use crate::order_dependence::depending;

#[test]
fn answers_are_those_of_the_last_message() {
    let filed = |value: &str, day| clarity(form("F1", vec![answer("Q1", value, day)]));
    assert_eq!(depending(&[filed("yes", "02"), filed("no", "03")]), ["form_answer"]);
}

#[test]
fn the_first_message_decides_visit_and_filing_time_of_a_form() {
    let again = FormMessage { first_filed_date_time: Some(may("02")), ..form("F1", vec![]) };
    assert_eq!(depending(&[clarity(form("F1", vec![])), clarity(again)]), ["form"]);
    let elsewhere = FormMessage { visit_number: some("V2"), ..form("F1", vec![]) };
    assert_eq!(depending(&[clarity(form("F1", vec![])), clarity(elsewhere)]), ["form"]);
    let of_other_template = FormMessage { form_id: some("T2"), ..form("F1", vec![]) };
    assert_eq!(depending(&[clarity(form("F1", vec![])), clarity(of_other_template)]), ["form"]);
}

#[test]
fn descriptions_are_those_of_the_last_message() {
    let messages = [template("T1", Some("Falls"), Some("02")), template("T1", Some("Fall"), Some("03"))];
    assert_eq!(depending(&messages), ["form_definition"]);
    let messages = [question("Q1", Some("Fallen"), Some("02")), question("Q1", Some("Fell"), Some("03"))];
    assert_eq!(depending(&messages), ["form_question"]);
}

#[test]
fn forms_and_their_descriptions_may_come_in_any_order() {
    let messages = [
        clarity(form("F1", vec![answer("Q1", "yes", "02")])),
        clarity(form("F2", vec![answer("Q2", "no", "02")])),
        template("T1", Some("Falls"), Some("02")),
        question("Q1", Some("Fallen"), Some("03")),
    ];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn states_of_rooms_and_beds_may_come_in_any_order() {
    let rooms = [room(100, "02"), room(101, "03"), room(102, "04"), room(101, "03")];
    assert_eq!(depending(&rooms.map(|room| clarity(place(Some(room), None)))), [""; 0]);
    let beds = [bed(500, "02"), bed(501, "03"), pool_bed(502, "04"), bed(501, "03")];
    assert_eq!(depending(&beds.map(with_bed)), [""; 0]);
}

#[test]
fn of_two_states_of_one_moment_the_one_processed_last_is_open() {
    let rooms = [room(100, "02"), room(101, "02")].map(|room| clarity(place(Some(room), None)));
    assert_eq!(depending(&rooms), ["room_state"]);
    assert_eq!(depending(&[with_bed(bed(500, "02")), with_bed(bed(501, "02"))]), ["bed_state"]);
    let wards = ["Medicine", "Surgery"].map(|speciality| clarity(ward(speciality, None, "02")));
    assert_eq!(depending(&wards), ["department_state"]);
}

#[test]
fn beds_of_a_pool_are_counted_under_the_first_contact_number() {
    let beds: Vec<_> = [500, 501, 502].into_iter().map(|csn| with_bed(pool_bed(csn, "02"))).collect();
    assert_eq!(depending(&beds), ["bed_state"]);
}

#[test]
fn states_of_a_department_may_come_in_any_order() {
    let messages: Vec<Message> = ["02", "03", "04"]
        .into_iter()
        .zip(["Medicine", "Surgery", "Theatre"])
        .map(|(day, speciality)| clarity(ward(speciality, None, day)))
        .collect();
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_speciality_that_returns_may_come_before_what_was_between() {
    // 2, 4, 3: on the fourth the ward is what it was on the second.
    let messages = [("Medicine", "02"), ("Surgery", "03"), ("Medicine", "04")]
        .map(|(speciality, day)| clarity(ward(speciality, None, day)));
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_former_speciality_may_be_reported_before_or_after_the_next() {
    let messages = [
        clarity(ward("Medicine", None, "02")),
        clarity(ward("Surgery", Some("Medicine"), "03")),
        clarity(ward("Theatre", Some("Surgery"), "04")),
    ];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn the_last_message_decides_whether_a_patient_opts_out() {
    let sent = |active, day| {
        clarity(ResearchOptOut { mrn: some("M1"), nhs_number: None, last_updated: Some(may(day)), active })
    };
    assert_eq!(depending(&[sent(true, "02"), sent(false, "03")]), ["mrn"]);
}
