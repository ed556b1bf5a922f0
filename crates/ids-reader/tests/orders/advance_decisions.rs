//! Advance decisions.

use emap_ids_reader::RejectReason;
use emap_interchange::{AdvanceDecision, Payload};
use emap_test_support::fixtures;

use crate::{hl7, order_messages, support::rejected};

fn decision(text: &str) -> AdvanceDecision {
    let mut messages = order_messages(text);
    assert_eq!(messages.len(), 1);
    let Payload::AdvanceDecision(decision) = messages.remove(0).payload else { panic!("no decision") };
    *decision
}

#[test]
fn whole_messages() {
    for name in ["new", "new_with_questions", "cancelled", "closed_at_discharge"] {
        let expected = fixtures::advance_decision(&format!("{name}.yaml"));
        assert_eq!(order_messages(&hl7(&format!("advance_decisions/{name}"))), [expected], "{name}");
    }
}

#[test]
fn a_question_that_comes_again_collects_its_answers() {
    let found = decision(&hl7("advance_decisions/new_with_questions"));
    assert_eq!(found.questions.len(), 10);
    assert_eq!(found.questions["Nurse in charge told?"].as_deref(), Some("Yes"));
    let expected = "Yes, on Tuesday\nSister, by phone\nShe agrees";
    assert_eq!(found.questions["Talked about with family?"].as_deref(), Some(expected));
}

#[test]
fn comments_have_no_place() {
    let ordinary = hl7("advance_decisions/new_with_questions");
    let commented = ordinary.replacen("NTE|1||", "NTE|1||to be\nNTE|2||typed up\nNTE|3||", 1);
    assert_eq!(decision(&commented), decision(&ordinary));
}

#[test]
fn a_message_is_about_exactly_one() {
    let one = hl7("advance_decisions/cancelled");
    let order = &one[one.find("ORC|").unwrap()..];
    assert_eq!(rejected(&format!("{one}{order}")), RejectReason::SeveralOrders(2));
}

#[test]
fn a_decision_without_a_name() {
    let found = decision(&hl7("advance_decisions/new").replace("FULL TREATMENT", ""));
    assert_eq!(found.advance_decision_type_name.as_deref(), Some(""));
}
