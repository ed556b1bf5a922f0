//! What the order of arrival decides: the shortest streams, and the tables that end up different.

use emap_interchange::{
    AdvanceDecision, Condition, ConditionAction, ConsultMetadata, ConsultRequest, Flowsheet,
    InterchangeValue::Unknown, Message,
};
use emap_star::rows::ConditionType;

use super::messages::{
    allergy, asked, at, clarity, consult, decision, described, epic, live_infection, numbered_infection,
    problem, pulse, text,
};
use crate::{order_dependence::depending, world::World};

fn commented(comment: &str, time: &str) -> Message {
    epic(Flowsheet { comment: text(comment), ..pulse(80.0, time) })
}

#[test]
fn values_are_the_same_in_every_order() {
    let messages =
        [commented("lying", "08:00"), commented("sitting", "09:00"), commented("standing", "10:00")];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_value_that_is_told_again_gives_way_to_one_of_a_time_between() {
    // 8:00, 10:00, 9:00: what 10:00 repeats still counts as of 8:00.
    let messages = [commented("lying", "08:00"), commented("sitting", "09:00"), commented("lying", "10:00")];
    assert_eq!(depending(&messages), ["visit_observation"]);
}

#[test]
fn an_older_message_fills_nothing_in() {
    let uncommented = epic(Flowsheet { comment: Unknown, ..pulse(80.0, "10:00") });
    assert_eq!(depending(&[commented("lying", "09:00"), uncommented]), ["visit_observation"]);
    let with_status = epic(Condition { status: text("active"), ..problem("09:00") });
    assert_eq!(depending(&[with_status, epic(problem("10:00"))]), ["patient_condition"]);
    let noted = epic(ConsultRequest { notes: text("soon"), ..consult("09:00") });
    assert_eq!(depending(&[noted, epic(consult("10:00"))]), ["consultation_request"]);
}

#[test]
fn the_first_message_decides_where_a_patient_is_known_from() {
    let messages = [epic(pulse(80.0, "09:00")), clarity(problem("10:00"))];
    assert_eq!(depending(&messages), ["mrn"]);
    let elsewhere = clarity(Flowsheet { observation_time: Some(at("09:00")), ..pulse(81.0, "10:00") });
    assert_eq!(
        depending(&[epic(pulse(80.0, "09:00")), elsewhere]),
        ["mrn", "hospital_visit"],
        "and since when, which is left aside here"
    );
}

#[test]
fn the_first_message_decides_visit_and_kind_of_a_request() {
    let elsewhere = ConsultRequest { visit_number: Some("V2".to_owned()), ..consult("10:00") };
    assert_eq!(depending(&[epic(consult("09:00")), epic(elsewhere)]), ["consultation_request"]);
    let elsewhere = AdvanceDecision { visit_number: Some("V2".to_owned()), ..decision("10:00") };
    assert_eq!(depending(&[epic(decision("09:00")), epic(elsewhere)]), ["advance_decision"]);
    let renamed =
        AdvanceDecision { advance_decision_type_name: Some("Ceiling".to_owned()), ..decision("10:00") };
    assert_eq!(depending(&[epic(decision("09:00")), epic(renamed)]), ["advance_decision_type"]);
}

#[test]
fn a_kind_is_live_from_the_first_newer_live_value_on() {
    let extracted = epic(Flowsheet { is_real_time: Some(false), ..pulse(80.0, "10:00") });
    assert_eq!(depending(&[epic(pulse(80.0, "09:00")), extracted]), ["visit_observation_type"]);
}

#[test]
fn a_mapping_meets_the_kinds_that_are_there() {
    let live = epic(pulse(80.0, "09:00"));
    let extracted = Flowsheet {
        interface_id: None,
        flowsheet_id: Some("F9".to_owned()),
        is_real_time: Some(false),
        ..pulse(80.0, "09:30")
    };
    let mapping = clarity(described(Some("77"), Some("F9"), "10:00"));
    assert_eq!(depending(&[live, epic(extracted), mapping]), ["visit_observation_type"]);
}

#[test]
fn a_deleted_allergy_does_not_come_back() {
    let deleted = Condition { action: Some(ConditionAction::Delete), ..allergy(&["rash"], "09:00") };
    assert_eq!(depending(&[epic(deleted), epic(allergy(&["rash"], "10:00"))]), ["patient_condition"]);
}

#[test]
fn problems_and_reactions_are_the_same_in_every_order() {
    let deleted = |time| {
        epic(Condition { action: Some(ConditionAction::Delete), status: text("active"), ..problem(time) })
    };
    let known = |time| epic(Condition { status: text("active"), ..problem(time) });
    assert_eq!(depending(&[known("08:00"), deleted("09:00"), known("10:00"), deleted("11:00")]), [""; 0]);
    let messages = [
        epic(allergy(&["rash"], "08:00")),
        epic(allergy(&["cough"], "09:00")),
        epic(allergy(&["rash", "fever"], "10:00")),
    ];
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_live_infection_that_comes_after_the_extract_stays() {
    let messages = [epic(live_infection("08:00")), clarity(numbered_infection(5, "10:00"))];
    assert_eq!(depending(&messages), ["mrn", "patient_condition"]);
}

#[test]
fn a_name_that_is_told_again_gives_way_to_one_of_a_time_between() {
    let kind = |name: &str, time| epic(Condition { condition_name: text(name), ..problem(time) });
    assert_eq!(depending(&[kind("Asthma", "08:00"), kind("Wheeze", "09:00")]), [""; 0]);
    let messages = [kind("Asthma", "08:00"), kind("Wheeze", "09:00"), kind("Asthma", "10:00")];
    assert_eq!(depending(&messages), ["condition_type"]);
    let named = |name: &str, time| {
        clarity(ConsultMetadata {
            code: Some("CON9".to_owned()),
            name: Some(name.to_owned()),
            last_updated_date: Some(at(time)),
        })
    };
    let messages = [named("Heart", "08:00"), named("Cardiology", "09:00"), named("Heart", "10:00")];
    assert_eq!(depending(&messages), ["consultation_type"]);
}

#[test]
fn answers_of_consults_follow_their_times_and_those_of_decisions_do_not() {
    let answered = |answer: &str| asked(&[("Urgent?", answer)]);
    let consults = ["yes", "no"].into_iter().zip(["09:00", "10:00"]);
    let consults: Vec<_> = consults
        .map(|(answer, time)| epic(ConsultRequest { questions: answered(answer), ..consult(time) }))
        .collect();
    // The request itself keeps the time of the message that changed it last.
    assert_eq!(depending(&consults), ["consultation_request"]);
    let decisions = ["yes", "no"].into_iter().zip(["09:00", "10:00"]);
    let decisions: Vec<_> = decisions
        .map(|(answer, time)| epic(AdvanceDecision { questions: answered(answer), ..decision(time) }))
        .collect();
    assert_eq!(depending(&decisions), ["request_answer"]);
}

fn of_kind(name: &str, time: &str) -> Message {
    epic(Condition { condition_name: text(name), ..problem(time) })
}

#[test]
fn what_came_out_of_order_names_a_kind_otherwise_when_all_of_it_comes_again() {
    let name = |world: &World| world.only::<ConditionType>().name.unwrap();
    // 10:00 repeats what is known since 8:00, so 9:00 counts as newer.
    let messages = [of_kind("Asthma", "08:00"), of_kind("Asthma", "10:00"), of_kind("Wheeze", "09:00")];
    let mut world = World::after(messages.clone());
    assert_eq!(name(&world), "Wheeze");
    world.receive(messages.clone());
    assert_eq!(name(&world), "Asthma", "as if they had come in order");
    let settled = world.content();
    world.receive(messages);
    assert_eq!(world.content(), settled, "and a third time changes nothing");
}

#[test]
fn a_message_that_fills_a_gap_dates_a_kind_back_for_what_comes_again() {
    let name = |world: &World| world.only::<ConditionType>().name.unwrap();
    let filling = epic(Condition { sub_type: text("CHRONIC"), ..problem("08:00") });
    let mut world = World::after([of_kind("Asthma", "09:00"), of_kind("Wheeze", "10:00"), filling]);
    assert_eq!((name(&world), world.only::<ConditionType>().valid_from), ("Wheeze".to_owned(), at("08:00")));
    world.receive([of_kind("Asthma", "09:00")]);
    assert_eq!(name(&world), "Asthma", "9:00 is newer than 8:00");
    world.receive([of_kind("Wheeze", "10:00")]);
    assert_eq!(name(&world), "Wheeze");
}
