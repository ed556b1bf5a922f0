//! The invented hospital's messages: each HL7 text is read without a reject, and gives what the hospital says it does.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod generations;

use std::collections::HashMap;

use emap_hospital::{Amounts, Disorder, Event, Family, Hospital, Incidents, Mix, Settings};
use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter};
use emap_interchange::{
    ConditionKind, Features, Generation, InterchangeValue, LabOrder, Message, Payload, ValueType,
};

/// Each event with what the reader makes of its text.
fn read() -> Vec<(Event, Vec<Message>)> {
    let settings = Settings {
        messages: 40_000,
        mix: Mix::HOSPITAL,
        incidents: Incidents { cancellations: 0.1, merges: 0.1, plans: 0.2, services: 0.2, corrections: 0.3 },
        // Few patients, so that each has a history.
        present: 60,
        ..Settings::default()
    };
    read_all(Hospital::new(settings).map(|arrival| arrival.event))
}

fn read_all(events: impl Iterator<Item = Event>) -> Vec<(Event, Vec<Message>)> {
    let mut converter = converter(Features::of(Generation::Latest));
    let mut read = |event: Event| {
        let text = event.hl7();
        match converter.convert("1", text.as_bytes()).outcome {
            ConversionOutcome::Messages(messages) => (event, messages),
            outcome => panic!("{outcome:?}\n{}", text.replace('\r', "\n")),
        }
    };
    events.map(&mut read).collect()
}

/// Of a reader whose receivers understand these features.
fn converter(features: Features) -> Converter {
    Converter::new(ConvertSettings { features, ..ConvertSettings::default() })
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
fn the_reader_makes_of_every_text_the_messages_that_the_hospital_gives() {
    for (event, messages) in read() {
        let expected = event.messages();
        let mut amounts = Amounts::default();
        for message in &messages {
            amounts += Amounts::of_family(family(message), 1);
        }
        assert_eq!(amounts, event.amounts(), "{}", event.hl7());
        assert_eq!(messages.len(), expected.len());
        for (read, expected) in messages.iter().zip(&expected) {
            assert!(
                read.same_content(expected),
                "{read:#?}\n{expected:#?}\n{}",
                event.hl7().replace('\r', "\n")
            );
        }
    }
}

/// The clocks go forward on 29 March 2026, at one.
#[test]
fn texts_give_the_time_of_londons_clocks() {
    let begin = "2026-03-29T00:30:00Z".parse().unwrap();
    let settings = Settings { messages: 2000, begin, ..Settings::default() };
    let read = read_all(Hospital::new(settings).map(|arrival| arrival.event));
    for (event, messages) in &read {
        assert!(messages[0].same_content(&event.messages()[0]), "{}", event.hl7());
    }
    let (last, _) = read.last().unwrap();
    assert!(last.hl7().contains("|EMAP|RECEIVER|2026032902"), "{}", last.hl7());
}

#[test]
fn late_and_repeated_messages_are_read_too() {
    let settings = Settings {
        messages: 5000,
        mix: Mix::HOSPITAL,
        disorder: Disorder { late: 0.4, duplicates: 0.1 },
        ..Settings::default()
    };
    let infections = |messages: &[Message]| messages.iter().filter(|one| is_infection(one)).count();
    for (event, messages) in read_all(Hospital::new(settings).map(|arrival| arrival.event)) {
        let expected = event.messages();
        // Infections are passed on once.
        assert_eq!(messages.len() - infections(&messages), expected.len() - infections(&expected));
    }
}

fn is_infection(message: &Message) -> bool {
    let Payload::Condition(condition) = &message.payload else { return false };
    matches!(condition.kind, ConditionKind::PatientInfection { .. })
}

#[test]
fn sheets_have_values_of_each_type_and_corrections() {
    let mut types = HashMap::<_, u32>::new();
    let (mut comments, mut corrections) = (0, 0);
    for (event, messages) in read() {
        let is_sheet = event.amounts().of(Family::Flowsheets) > 0;
        corrections += u32::from(is_sheet && event.hl7().contains("|C|||"));
        for message in &messages {
            let Payload::Flowsheet(value) = &message.payload else { continue };
            assert!(value.observation_time < value.updated_time);
            *types.entry(value.value_type.unwrap()).or_default() += 1;
            comments += u32::from(!value.comment.is_unknown());
        }
    }
    assert!(types[&ValueType::Numeric] > 5000 && types[&ValueType::Text] > 2000, "{types:?}");
    assert!(comments > 100 && corrections > 10, "{comments} comments, {corrections} corrections");
}

#[test]
fn every_laboratory_reports() {
    let mut orders = HashMap::<(String, String), u32>::new();
    for message in read().into_iter().flat_map(|(_, messages)| messages) {
        let Payload::LabOrder(order) = message.payload else { continue };
        let system = order.test_battery_coding_system.clone().unwrap();
        let control = order.order_control_id.clone().unwrap_or_default();
        match (system.as_str(), control.as_str(), order.test_battery_local_code.as_deref()) {
            ("WIN_PATH", "RE", Some("BLC")) => assert_is_culture(&order),
            ("WIN_PATH", "RE", _) => assert_is_report(&order),
            ("WIN_PATH", "NW", _) => assert_eq!(order.questions.len(), 2),
            ("CO_PATH", "SN", _) | ("WIN_PATH", "SC", _) => assert!(order.lab_results.is_empty()),
            _ => assert!(!order.lab_results.is_empty()),
        }
        *orders.entry((system, control)).or_default() += 1;
    }
    for control in ["NW", "SC", "RE"] {
        assert!(orders[&("WIN_PATH".to_owned(), control.to_owned())] > 1000, "{orders:?}");
    }
    let others = [
        ("ABL90_FLEX_PLUS", ""),
        ("BIO_CONNECT", "NW"),
        ("BANK_MANAGER", "RE"),
        ("CO_PATH", "SN"),
        ("CO_PATH", "RE"),
        ("PACS", "RE"),
    ];
    for (system, control) in others {
        let count = orders.get(&(system.to_owned(), control.to_owned()));
        assert!(count.is_some_and(|count| *count > 3), "{system} {control}: {orders:?}");
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
    for message in read().into_iter().flat_map(|(_, messages)| messages) {
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
    assert_eq!(kinds.len(), 7, "{kinds:?}");
}

#[test]
fn patients_are_where_movements_say() {
    let mut classes = HashMap::<&str, u32>::new();
    for message in read().into_iter().flat_map(|(_, messages)| messages) {
        let Payload::Adt(adt) = &message.payload else { continue };
        *classes.entry(message.class_name()).or_default() += 1;
        assert!(adt.mrn.as_deref().is_some_and(|mrn| mrn.starts_with(['4', '6', '8']) && mrn.len() == 8));
        assert!(adt.visit_number.as_deref().is_none_or(|visit| visit.starts_with("70000")));
        if let InterchangeValue::Save(bed) = &adt.full_location_string {
            assert!(bed.starts_with('T') && adt.full_location_string != adt.previous_location_string);
        }
    }
    assert_eq!(classes.len(), 19, "{classes:?}");
}
