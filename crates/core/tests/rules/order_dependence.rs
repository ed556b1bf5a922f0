//! What the order of arrival decides, and what it does not: `docs/order-of-arrival.md`.

use std::collections::BTreeSet;

use chrono::Duration;
use emap_core::{
    Rules,
    orders::{self, Choice, Findings},
};
use emap_interchange::{ConditionKind, Instant, InterchangeValue, Message, Payload};
use emap_test_support::seeded;
use proptest::{collection::vec, prelude::*};

use crate::{clinical, labs, messages::at};

fn explore(messages: &[Message], choice: Choice) -> Findings {
    let rules = Rules { forms: true, ..Rules::default() };
    orders::explore(messages, rules, choice.orders(messages.len())).unwrap()
}

fn with_several_contents(findings: Findings) -> impl Iterator<Item = &'static str> {
    findings.tables.into_iter().filter(|table| table.contents.len() > 1).map(|table| table.name)
}

/// Tables with different contents after different orders of a few messages, of which none fails.
pub(crate) fn depending(messages: &[Message]) -> Vec<&'static str> {
    let choice = Choice { at_most: 120, seed: 0 };
    assert!(choice.is_all(messages.len()));
    let findings = explore(messages, choice);
    assert!(findings.failures.is_empty(), "{:?}", findings.failures);
    with_several_contents(findings).collect()
}

/// Tables that turn out to depend on the order in some of many streams, each in many orders.
fn depending_in_streams(message: impl Strategy<Value = Message>) -> BTreeSet<&'static str> {
    let stream = vec(message, 30).prop_map(plausible);
    let found = |seed| explore(&seeded(&stream, seed), Choice { at_most: 60, seed });
    (0..20).flat_map(|seed| with_several_contents(found(seed))).collect()
}

/// A stream in which every message has a time of its own, and numbers and visits of one patient are no other's.
fn plausible(mut messages: Vec<Message>) -> Vec<Message> {
    for (minute, message) in (0..).zip(&mut messages) {
        settle(message, at("12:00") + Duration::minutes(minute));
    }
    messages
}

fn settle(message: &mut Message, now: Instant) {
    let visit = |mrn: &Option<String>| mrn.as_ref().map(|mrn| mrn.replace('M', "V"));
    let number = |mrn: &Option<String>| mrn.as_ref().and_then(|mrn| mrn.strip_prefix('M')?.parse().ok());
    match &mut message.payload {
        Payload::Flowsheet(sent) => {
            sent.updated_time = Some(now);
            sent.visit_number = visit(&sent.mrn);
        }
        Payload::FlowsheetMetadata(sent) => sent.last_updated_instant = Some(now),
        Payload::Condition(sent) => {
            sent.updated_date_time = Some(now);
            sent.visit_number = InterchangeValue::from_option(visit(&sent.mrn));
            // Infections without a number are reported live.
            if sent.epic_condition_id.is_save()
                || !matches!(sent.kind, ConditionKind::PatientInfection { .. })
            {
                sent.epic_condition_id = InterchangeValue::from_option(number(&sent.mrn));
            }
        }
        Payload::ConsultRequest(sent) => {
            sent.status_change_date_time = Some(now);
            sent.visit_number = visit(&sent.mrn);
            sent.epic_consult_id = sent.epic_consult_id.and(number(&sent.mrn));
        }
        Payload::ConsultMetadata(sent) => sent.last_updated_date = Some(now),
        Payload::AdvanceDecision(sent) => {
            sent.status_change_date_time = Some(now);
            sent.visit_number = visit(&sent.mrn);
            sent.advance_decision_number = number(&sent.mrn);
        }
        Payload::LabOrder(sent) => {
            sent.status_change_time = Some(now);
            sent.visit_number = visit(&sent.mrn);
            sent.lab_results.iter_mut().for_each(|result| result.result_time = Some(now));
        }
        Payload::LabMetadata(sent) => sent.valid_from = Some(now),
        // Not among these streams, or without a time that is compared. Without `_`, so that a new class is thought of.
        Payload::Adt(_)
        | Payload::ResearchOptOut(_)
        | Payload::Form(_)
        | Payload::FormMetadata(_)
        | Payload::FormQuestionMetadata(_)
        | Payload::LocationMetadata(_)
        | Payload::DepartmentMetadata(_)
        | Payload::Waveform(_)
        | Payload::WaveformHighFreq(_)
        | Payload::WaveformLowFreq(_) => {}
    }
}

#[test]
fn tables_of_clinical_messages() {
    let expected = [
        "condition_type",
        "consultation_request",
        "consultation_type",
        "hospital_visit",
        "mrn",
        "patient_condition",
        "request_answer",
        "visit_observation",
        "visit_observation_type",
    ];
    let found = depending_in_streams(clinical::streams::message());
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

#[test]
fn tables_of_laboratories() {
    let expected = [
        "hospital_visit",
        "lab_battery",
        "lab_isolate",
        "lab_order",
        "lab_result",
        "lab_sample",
        "lab_sensitivity",
        "lab_test_definition",
        "mrn",
        "request_answer",
    ];
    let found = depending_in_streams(labs::streams::message());
    assert_eq!(found.into_iter().collect::<Vec<_>>(), expected);
}

/// Tables that a second delivery of a whole stream changes.
fn changed_by_redelivery(message: impl Strategy<Value = Message>) -> BTreeSet<&'static str> {
    let rules = Rules { forms: true, ..Rules::default() };
    let stream = vec(message, 30).prop_map(plausible);
    let changed = |seed| {
        let messages = seeded(&stream, seed);
        let (once, twice) = (0..messages.len(), (0..messages.len()).chain(0..messages.len()));
        with_several_contents(orders::explore(&messages, rules, [once.collect(), twice.collect()]).unwrap())
    };
    (0..60).flat_map(changed).collect()
}

#[test]
fn what_a_broken_daemon_gets_again_changes_nothing() {
    assert_eq!(changed_by_redelivery(labs::streams::message()), BTreeSet::new());
    // Values of the kind that a mapping made of two say again whether these are live.
    assert_eq!(changed_by_redelivery(clinical::streams::message()), ["visit_observation_type"].into());
}
