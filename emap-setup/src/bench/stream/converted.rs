//! What the reader makes of the stream of a hospital.

use std::collections::HashMap;

use emap_ids_reader::{ConvertSettings, Converter, ConversionOutcome};
use emap_interchange::{AdtEvent, ConditionKind, InterchangeValue, LabOrder, Message, Payload, ValueType};

use super::{Family, HospitalStream, Mix, StreamMessage, StreamSettings, Told};

/// Each HL7 message with the interchange messages it gives.
fn converted() -> Vec<(StreamMessage, Vec<Message>)> {
    let settings = StreamSettings {
        messages: 30_000,
        mix: Mix::Hospital,
        cancellations: 0.1,
        merges: 0.1,
        // Few patients, so that each has a history.
        present: 60,
        ..StreamSettings::default()
    };
    let mut converter = Converter::new(ConvertSettings::default());
    let convert = |message: StreamMessage| match converter.convert("1", message.text.as_bytes()).outcome {
        ConversionOutcome::Messages(messages) => (message, messages),
        outcome => panic!("{outcome:?}\n{}", message.text),
    };
    HospitalStream::new(settings).map(convert).collect()
}

fn family(message: &Message) -> Family {
    match message.payload {
        Payload::Flowsheet(_) => Family::Flowsheets,
        Payload::LabOrder(_) => Family::Labs,
        Payload::Adt(_) => Family::Adt,
        _ => Family::Others,
    }
}

#[test]
fn every_message_gives_what_the_stream_says() {
    for (sent, messages) in converted() {
        let mut told = Told::default();
        for message in &messages {
            told += Told::only(family(message), 1);
        }
        assert_eq!(told, sent.told, "{}", sent.text);
    }
}

#[test]
fn what_is_implied_of_patient_and_visit_is_complete() {
    for (sent, messages) in converted() {
        let Payload::Adt(adt) = &messages[0].payload else { continue };
        if sent.trigger.starts_with('A') && sent.trigger != "A05" {
            continue;
        }
        assert_eq!(adt.event, AdtEvent::ImpliedAdtMessage);
        assert!(adt.mrn.as_deref().is_some_and(|mrn| mrn.starts_with(['4', '8']) && mrn.len() == 8));
        assert!(adt.visit_number.as_deref().is_some_and(|visit| visit.starts_with("70000")));
        assert!(matches!(&adt.full_location_string, InterchangeValue::Save(bed) if bed.starts_with('T')));
    }
}

#[test]
fn sheets_have_values_of_each_type_and_corrections() {
    let mut types = HashMap::<_, u32>::new();
    let (mut comments, mut corrections) = (0, 0);
    for (sent, messages) in converted() {
        corrections += u32::from(sent.told.of(Family::Flowsheets) > 0 && sent.text.contains("|C|||"));
        for message in &messages {
            let Payload::Flowsheet(value) = &message.payload else { continue };
            assert!(value.interface_id.as_deref().is_some_and(|code| code.starts_with('5')));
            assert!(value.observation_time < value.updated_time);
            *types.entry(value.value_type.unwrap()).or_default() += 1;
            comments += u32::from(!value.comment.is_unknown());
        }
    }
    assert!(types[&ValueType::Numeric] > 5000 && types[&ValueType::Text] > 2000, "{types:?}");
    assert!(comments > 100 && corrections > 10, "{comments} comments, {corrections} corrections");
}

#[test]
fn orders_are_made_received_and_reported_with_ten_results_each() {
    let mut controls = HashMap::<String, u32>::new();
    let orders = converted().into_iter().flat_map(|(_, messages)| messages);
    for message in orders {
        let Payload::LabOrder(order) = message.payload else { continue };
        let control = order.order_control_id.clone().unwrap();
        assert_eq!(order.lab_specimen_number.as_deref().map(str::len), Some(9));
        assert!(order.collection_date_time < order.status_change_time);
        assert_eq!(order.questions.len(), if control == "NW" { 2 } else { 0 });
        match (control.as_str(), order.test_battery_local_code.as_deref()) {
            ("RE", Some("BLC")) => assert_is_culture(&order),
            ("RE", _) => assert_is_report(&order),
            _ => assert!(order.lab_results.is_empty()),
        }
        *controls.entry(control).or_default() += 1;
    }
    for control in ["NW", "SC", "RE"] {
        assert!(controls[control] > 1000, "{controls:?}");
    }
}

fn assert_is_report(order: &LabOrder) {
    assert_eq!(order.lab_results.len(), 10);
    for result in &order.lab_results {
        assert!(
            result.numeric_value.is_save() && result.reference_high.is_save() && result.result_time.is_some()
        );
    }
}

fn assert_is_culture(order: &LabOrder) {
    assert!((1..=2).contains(&order.lab_results.len()));
    for result in &order.lab_results {
        let isolate = result.lab_isolate.as_ref().unwrap();
        assert!(isolate.culture_type.is_save() && isolate.isolate_code.is_some());
        assert_eq!(isolate.sensitivities.len(), 8);
    }
}

#[test]
fn conditions_and_requests_of_all_kinds() {
    let mut kinds = HashMap::<&str, u32>::new();
    for (_, messages) in converted() {
        for message in &messages {
            let kind = match &message.payload {
                Payload::Condition(condition) => match &condition.kind {
                    ConditionKind::PatientAllergy { reactions } => {
                        assert!(!reactions.is_empty());
                        "allergy"
                    }
                    ConditionKind::PatientProblem { added_date, .. } => {
                        assert!(added_date.is_some());
                        "problem"
                    }
                    ConditionKind::PatientInfection { .. } => {
                        assert!(condition.added_date_time.is_some());
                        "infection"
                    }
                },
                Payload::ConsultRequest(request) if request.cancelled => "consult called off",
                Payload::ConsultRequest(request) => {
                    assert!(!request.questions.is_empty());
                    "consult"
                }
                Payload::AdvanceDecision(decision) if decision.cancelled => "decision called off",
                Payload::AdvanceDecision(_) => "decision",
                _ => continue,
            };
            *kinds.entry(kind).or_default() += 1;
        }
    }
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}
