//! Two streams that differ in what must not matter give the same tables: how many messages a batch has, a message that
//! comes twice at once, messages about others between.

use emap_core::Outcome;
use emap_interchange::{
    Flowsheet, FormAnswer, InterchangeValue::Save, LabResult, Message, Payload, ValueType,
};
use proptest::{collection::vec, prelude::*, test_runner::TestCaseError};
use serde_json::Value;

use crate::{
    clinical::{self, messages::epic},
    labs,
    reference::{self, messages::clarity},
    same_everywhere::of_all_families,
    ward,
    world::World,
};

/// What the tables hold, the pipeline's own aside.
fn applied(world: &World) -> Vec<String> {
    let mut content = world.content();
    content.retain(|line| !line.starts_with("etl_"));
    content
}

fn after(messages: impl IntoIterator<Item = Message>) -> World {
    let mut world = World::in_memory();
    world.receive(messages);
    world
}

/// Each message delivered twice ends as one delivery ends, and leaves what that leaves.
fn bear_repeats(messages: &[Message]) -> Result<(), TestCaseError> {
    let mut once = World::in_memory();
    let outcomes = once.receive(messages.to_vec());
    let mut twice = World::in_memory();
    for (message, outcome) in messages.iter().zip(outcomes) {
        let outcomes = twice.receive([message.clone(), message.clone()]);
        prop_assert_eq!(outcomes[0], outcome);
        // A report that contradicts the one before it is kept, and so agrees with itself.
        prop_assert!(outcomes[1] == outcome || outcomes[1] == Outcome::Success, "{:?}", outcomes);
    }
    prop_assert_eq!(applied(&once), applied(&twice));
    Ok(())
}

/// Beds of a pool are counted as often as they are sent.
fn without_pools(mut message: Message) -> Message {
    if let Payload::LocationMetadata(place) = &mut message.payload
        && let Some(bed) = &mut place.bed_metadata
    {
        bed.is_pool_bed = Some(false);
    }
    message
}

/// The same message about other patients, visits, specimens, forms, places and kinds.
fn about_others(message: &Message) -> Message {
    let mut body = serde_json::from_slice(&message.to_json()).unwrap();
    rename(&mut body, false);
    Message::from_json(body.to_string().as_bytes()).unwrap()
}

/// Properties by which rows are found.
const KEYS: [&str; 37] = [
    "mrn",
    "nhsNumber",
    "visitNumber",
    "previousMrn",
    "previousNhsNumber",
    "previousVisitNumber",
    "otherMrn",
    "otherNhsNumber",
    "otherVisitNumber",
    "fullLocationString",
    "previousLocationString",
    "otherFullLocationString",
    "pendingDestination",
    "cancelledLocation",
    "interfaceId",
    "flowsheetId",
    "conditionCode",
    "consultationType",
    "code",
    "epicConsultId",
    "advanceDecisionNumber",
    "advanceCareCode",
    "labSpecimenNumber",
    "testBatteryLocalCode",
    "testItemLocalCode",
    "shortCode",
    "formId",
    "formInstanceId",
    "questionId",
    "sourceMessageId",
    "hl7String",
    "departmentId",
    "departmentHl7",
    "roomCsn",
    "bedCsn",
    "roomHl7",
    "bedHl7",
];

fn rename(value: &mut Value, is_key: bool) {
    match value {
        Value::String(text) if is_key && !text.is_empty() => text.insert_str(0, "other "),
        Value::Number(number) if is_key => *number = (number.as_i64().unwrap() + 1_000_000).into(),
        Value::Array(elements) => elements.iter_mut().for_each(|element| rename(element, is_key)),
        Value::Object(properties) => {
            for (name, property) in properties.iter_mut() {
                match name.as_str() {
                    "questions" => ask_otherwise(property),
                    // Of a wrapper.
                    "value" => rename(property, is_key),
                    name => rename(property, KEYS.contains(&name)),
                }
            }
        }
        _ => {}
    }
}

/// Questions are found by their text.
fn ask_otherwise(questions: &mut Value) {
    if let Value::Object(questions) = questions {
        for (text, answer) in std::mem::take(questions) {
            questions.insert(format!("other {text}"), answer);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn how_many_messages_a_batch_has(
        messages in vec(of_all_families(), 1..40),
        sizes in vec(1..12_usize, 40),
    ) {
        let mut one_by_one = World::in_memory();
        let expected = one_by_one.receive(messages.clone());
        let mut in_batches = World::on_postgres();
        let (mut rest, mut outcomes) = (messages.as_slice(), Vec::new());
        for size in sizes {
            let (batch, later) = rest.split_at(size.min(rest.len()));
            outcomes.extend(in_batches.receive_together(batch.to_vec()));
            rest = later;
        }
        prop_assert_eq!(outcomes, expected);
        prop_assert_eq!(in_batches.content_and_log(), one_by_one.content_and_log());
    }
}

proptest! {
    #[test]
    fn that_a_clinical_message_comes_twice(messages in vec(clinical::streams::message(), 1..20)) {
        bear_repeats(&messages)?;
    }

    #[test]
    fn that_a_laboratory_message_comes_twice(messages in vec(labs::streams::message(), 1..20)) {
        bear_repeats(&messages)?;
    }

    #[test]
    fn that_a_message_of_forms_and_places_comes_twice(
        messages in vec(reference::streams::message().prop_map(without_pools), 1..20),
    ) {
        bear_repeats(&messages)?;
    }

    #[test]
    // What a repeat of other patient messages does is said in `docs/order-of-arrival.md`.
    fn that_a_movement_comes_twice(messages in ward::stream(ward::MOVEMENTS, 1..20)) {
        bear_repeats(&messages)?;
    }

    #[test]
    fn messages_about_others_between(messages in vec((any::<bool>(), of_all_families()), 1..40)) {
        let messages: Vec<_> = messages
            .into_iter()
            .map(|(other, message)| (other, if other { about_others(&message) } else { message }))
            .collect();
        let of = |which| messages.iter().filter(move |(other, _)| *other == which).map(|(_, message)| message.clone());
        let mut expected = [after(of(false)).content(), after(of(true)).content()].concat();
        expected.sort();
        let together = after(messages.iter().map(|(_, message)| message.clone()));
        prop_assert_eq!(together.content(), expected);
    }
}

#[test]
fn that_a_value_which_is_no_number_comes_twice() {
    let charted = epic(clinical::messages::pulse(f64::NAN, "09:00"));
    let result = LabResult {
        reference_low: Save(f64::NAN),
        reference_high: Save(f64::NAN),
        ..labs::messages::number("K", f64::NAN, "09:00")
    };
    let examined =
        labs::messages::lab(labs::messages::with_results(vec![result], labs::messages::order("09:00")));
    let answer =
        FormAnswer { numeric_value: Save(f64::NAN), ..reference::messages::answer("Q1", "NaN", "01") };
    // A note is filed anew with every export.
    let exported = |day| {
        let answer = FormAnswer { filed_date_time: Some(reference::messages::may(day)), ..answer.clone() };
        clarity(reference::messages::form("F1", vec![answer]))
    };
    let messages = [charted, examined, exported("01")];
    let repeats = [messages[0].clone(), messages[1].clone(), exported("02")];
    let once = World::everywhere(&messages);
    let twice = World::everywhere(&[messages, repeats].concat());
    assert!(applied(&once).iter().any(|line| line.contains("value_as_real=NaN")));
    assert!(applied(&once).iter().any(|line| line.contains("range_low=NaN")));
    assert!(applied(&once).iter().any(|line| line.contains("value_as_number=NaN")));
    assert_eq!(applied(&twice), applied(&once));
}

#[test]
fn a_number_that_becomes_none_and_again_one_is_two_changes() {
    let charted = |value, time| {
        epic(Flowsheet { value_type: Some(ValueType::Numeric), ..clinical::messages::pulse(value, time) })
    };
    let world = after([charted(80.0, "09:00"), charted(f64::NAN, "10:00"), charted(80.0, "11:00")]);
    let audits: Vec<emap_star::rows::VisitObservationAudit> = world.rows();
    assert_eq!(audits.len(), 2);
}
