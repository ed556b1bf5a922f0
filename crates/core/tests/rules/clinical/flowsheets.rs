//! Observed values and their kinds.

use chrono::NaiveDate;
use emap_core::Outcome;
use emap_interchange::{
    Flowsheet, FlowsheetMetadata,
    InterchangeValue::{self, Save},
    Message, ValueType,
};
use emap_star::rows::*;

use super::messages::{at, clarity, described, epic, from, pulse, text};
use crate::world::World;

fn charted(note: &str, time: &str) -> Flowsheet {
    Flowsheet { value_type: Some(ValueType::Text), string_value: text(note), ..pulse(0.0, time) }
}

/// A value as the nightly extract knows it.
fn extracted(value: f64, time: &str) -> Flowsheet {
    Flowsheet {
        interface_id: None,
        flowsheet_id: Some("F9".to_owned()),
        is_real_time: Some(false),
        ..pulse(value, time)
    }
}

/// Says this in each column that describes a kind.
fn named(name: Option<&str>, time: &str) -> Message {
    let name = name.map(str::to_owned);
    clarity(FlowsheetMetadata {
        creation_instant: name.as_ref().map(|_| at(time)),
        display_name: name.clone(),
        description: name.clone(),
        value_type: name.clone(),
        name,
        ..described(Some("77"), None, time)
    })
}

#[test]
fn values_make_patient_visit_kind_and_observation_known() {
    let observed = (0..9).map(|n| {
        epic(Flowsheet {
            interface_id: Some(format!("{}", 70 + n % 3)),
            observation_time: Some(at(&format!("08:0{n}"))),
            ..pulse(f64::from(n), "09:00")
        })
    });
    let world = World::after(observed);
    let mrn: Mrn = world.only();
    assert_eq!(mrn.source_system.as_deref(), Some("EPIC"));
    assert_eq!(world.only::<MrnToLive>().live_mrn_id, mrn.mrn_id);
    let visit: HospitalVisit = world.only();
    assert_eq!((visit.mrn_id, visit.patient_class, visit.valid_from), (mrn.mrn_id, None, at("08:00")));
    assert_eq!(world.count::<VisitObservationType>(), 3);
    let rows: Vec<VisitObservation> = world.rows();
    assert_eq!(rows.len(), 9);
    assert!(rows.iter().all(|row| row.hospital_visit_id == visit.hospital_visit_id));
    assert!(rows.iter().all(|row| row.source_system == "EPIC" && row.valid_from == at("09:00")));
    assert_eq!(world.count::<VisitObservationAudit>() + world.count::<VisitObservationTypeAudit>(), 0);
}

#[test]
fn a_newer_value_replaces_the_known_one_and_an_older_one_does_not() {
    let newer = Flowsheet { comment: text("after exercise"), ..pulse(121.5, "10:00") };
    let mut world = World::after([epic(pulse(80.0, "09:00")), epic(newer)]);
    let row: VisitObservation = world.only();
    assert_eq!(row.value_as_real, Some(121.5));
    assert_eq!(row.comment.as_deref(), Some("after exercise"));
    let former: VisitObservationAudit = world.only();
    assert_eq!((former.value_as_real, former.comment), (Some(80.0), None));
    assert_eq!((former.valid_from, former.valid_until), (at("09:00"), Some(at("10:00"))));
    assert_eq!(former.stored_until, Some(row.stored_from));
    assert_eq!(world.receive([epic(pulse(60.0, "09:59"))]), [Outcome::Success]);
    assert_eq!(world.only::<VisitObservation>(), row);
    assert_eq!(world.count::<VisitObservationAudit>(), 1);
}

#[test]
fn a_value_of_equal_time_replaces_and_a_repeated_one_changes_nothing() {
    let mut world = World::after([epic(pulse(80.0, "09:00")), epic(pulse(81.0, "09:00"))]);
    assert_eq!(world.only::<VisitObservation>().value_as_real, Some(81.0));
    let before = world.content();
    world.receive([epic(pulse(81.0, "11:00"))]);
    assert_eq!(world.content(), before);
}

#[test]
fn a_deleted_value_is_cleared_and_its_row_stays() {
    let deleted = |time| Flowsheet { string_value: InterchangeValue::delete(), ..charted("", time) };
    let mut world = World::after([epic(charted("drowsy", "09:00"))]);
    world.receive([epic(deleted("08:59"))]);
    assert_eq!(world.only::<VisitObservation>().value_as_text.as_deref(), Some("drowsy"));
    world.receive([epic(deleted("10:00"))]);
    assert_eq!(world.only::<VisitObservation>().value_as_text, None);
    assert_eq!(world.only::<VisitObservationAudit>().value_as_text.as_deref(), Some("drowsy"));
    let number = Flowsheet { numeric_value: InterchangeValue::delete(), ..pulse(0.0, "10:00") };
    let world = World::after([epic(pulse(80.0, "09:00")), epic(number)]);
    assert_eq!(world.only::<VisitObservation>().value_as_real, None);
}

#[test]
fn a_date_is_stored_as_a_date_and_only_the_column_of_its_type_is_touched() {
    let date = NaiveDate::from_ymd_opt(2031, 3, 1).unwrap();
    let dated = Flowsheet {
        value_type: Some(ValueType::Date),
        date_value: Save(date),
        numeric_value: Save(7.0),
        ..pulse(0.0, "10:00")
    };
    let world = World::after([epic(charted("see chart", "09:00")), epic(dated)]);
    let row: VisitObservation = world.only();
    assert_eq!(row.value_as_date, Some(date));
    assert_eq!((row.value_as_real, row.value_as_text.as_deref()), (None, Some("see chart")));
}

#[test]
fn a_kind_knows_whether_it_is_observed_and_whether_live() {
    let flags = |world: &World| {
        let kind: VisitObservationType = world.only();
        (kind.has_visit_observation.unwrap(), kind.is_real_time.unwrap())
    };
    let world = World::after([epic(pulse(80.0, "09:00"))]);
    assert_eq!(flags(&world), (true, true));
    let kind: VisitObservationType = world.only();
    assert_eq!((kind.interface_id.as_deref(), kind.id_in_application), (Some("77"), None));
    assert_eq!(kind.source_observation_type, "flowsheet");
    let mut world = World::after([from("caboodle", extracted(80.0, "09:00"))]);
    assert_eq!(flags(&world), (true, false));
    let live = Flowsheet { is_real_time: Some(true), ..extracted(82.0, "10:00") };
    world.receive([epic(live)]);
    assert_eq!(flags(&world), (true, true));
    world.receive([from("caboodle", extracted(83.0, "11:00"))]);
    assert_eq!(flags(&world), (true, true), "once live, always live");
    assert_eq!(world.only::<VisitObservationType>().valid_from, at("10:00"), "live since then");
    assert_eq!(world.only::<VisitObservationTypeAudit>().is_real_time, Some(false));
    assert_eq!(flags(&World::after([named(Some("R PULSE"), "09:00")])), (false, false));
}

#[test]
fn metadata_describes_a_kind() {
    let message = FlowsheetMetadata {
        name: Some("R PULSE".to_owned()),
        display_name: Some("Pulse".to_owned()),
        description: Some("Heart beats in a minute".to_owned()),
        value_type: Some("Numeric".to_owned()),
        creation_instant: Some(at("01:00")),
        ..described(None, Some("F9"), "09:00")
    };
    let kind: VisitObservationType = World::after([clarity(message)]).only();
    assert_eq!((kind.id_in_application.as_deref(), kind.interface_id), (Some("F9"), None));
    assert_eq!(kind.name.as_deref(), Some("R PULSE"));
    assert_eq!(kind.display_name.as_deref(), Some("Pulse"));
    assert_eq!(kind.description.as_deref(), Some("Heart beats in a minute"));
    assert_eq!(kind.primary_data_type.as_deref(), Some("Numeric"));
    assert_eq!((kind.creation_datetime, kind.valid_from), (Some(at("01:00")), at("09:00")));
}

#[test]
fn newer_metadata_replaces_and_clears_and_older_only_fills() {
    let mut world = World::after([named(Some("FIRST"), "09:00"), named(Some("OLDER"), "08:00")]);
    let said = |world: &World| {
        let kind: VisitObservationType = world.only();
        let words = [kind.display_name, kind.description, kind.primary_data_type];
        assert!(words.iter().all(|word| *word == kind.name), "{words:?}");
        (kind.name, kind.creation_datetime)
    };
    let first = (Some("FIRST".to_owned()), Some(at("09:00")));
    assert_eq!(said(&world), first);
    world.receive([named(Some("EQUALLY OLD"), "09:00")]);
    assert_eq!(said(&world), first);
    world.receive([named(Some("NEWER"), "10:00")]);
    assert_eq!(said(&world), (Some("NEWER".to_owned()), Some(at("10:00"))));
    world.receive([named(None, "11:00")]);
    assert_eq!(said(&world), (None, None));
    world.receive([named(Some("LATE"), "07:00")]);
    assert_eq!(said(&world), (Some("LATE".to_owned()), Some(at("07:00"))));
    assert_eq!(world.only::<VisitObservationType>().valid_from, at("07:00"));
    assert_eq!(world.count::<VisitObservationTypeAudit>(), 3);
}

#[test]
fn kinds_of_different_families_are_different_kinds() {
    for message in [pulse(80.0, "09:00"), extracted(80.0, "09:00")] {
        let other = Flowsheet { source_observation_type: Some("ventilator".to_owned()), ..message.clone() };
        let world = World::after([epic(message), epic(other)]);
        assert_eq!(world.count::<VisitObservationType>(), 2);
        assert_eq!(world.count::<VisitObservation>(), 2);
    }
}

#[test]
fn of_two_identifiers_that_of_hl7_counts() {
    let both = Flowsheet { flowsheet_id: Some("F9".to_owned()), ..pulse(82.0, "10:00") };
    let world = World::after([epic(pulse(80.0, "09:00")), clarity(extracted(81.0, "09:00")), epic(both)]);
    let values: Vec<_> = world.rows::<VisitObservation>().into_iter().map(|row| row.value_as_real).collect();
    assert_eq!(values, [Some(82.0), Some(81.0)]);
    assert_eq!(world.count::<VisitObservationType>(), 2, "only a mapping unites kinds");
}

/// A way to spoil a message, how that ends, a word of the reason, and how many rows there are then of: patient, visit,
/// kind, observation.
type Mistake = (fn(&mut Flowsheet), Outcome, &'static str, [usize; 4]);

#[test]
fn what_lacks_something_leaves_a_reason() {
    use Outcome::{Error, RequiredDataMissing};
    let mistakes: [Mistake; 11] = [
        (|f| f.mrn = None, RequiredDataMissing, "MRN", [0, 0, 0, 0]),
        (|f| f.visit_number = None, RequiredDataMissing, "visit number", [1, 0, 0, 0]),
        (|f| f.visit_number = Some(String::new()), RequiredDataMissing, "visit number", [1, 0, 0, 0]),
        (|f| f.value_type = None, RequiredDataMissing, "value type", [1, 1, 0, 0]),
        (|f| f.value_type = Some(ValueType::Pdf), RequiredDataMissing, "value type", [1, 1, 1, 0]),
        (|f| f.interface_id = None, RequiredDataMissing, "interfaceId", [1, 1, 0, 0]),
        (|f| f.interface_id = Some(String::new()), RequiredDataMissing, "interfaceId", [1, 1, 0, 0]),
        (|f| f.observation_time = None, Error, "observationTime", [0, 0, 0, 0]),
        (|f| f.updated_time = None, RequiredDataMissing, "updatedTime", [1, 1, 0, 0]),
        (|f| f.source_observation_type = None, RequiredDataMissing, "sourceObservationType", [1, 1, 0, 0]),
        (|f| f.unit = text(&"u".repeat(256)), Error, "visit_observation.unit", [0, 0, 0, 0]),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut world = World::in_memory();
        let mut message = pulse(80.0, "09:00");
        spoil(&mut message);
        let report = world.report(&epic(message));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{word}: {:?}", report.reason);
        let counts = [
            world.count::<Mrn>(),
            world.count::<HospitalVisit>(),
            world.count::<VisitObservationType>(),
            world.count::<VisitObservation>(),
        ];
        assert_eq!(counts, rows, "{word}");
        assert_eq!(world.count::<EtlMessageReject>(), 1);
        assert_eq!(world.receive([epic(pulse(80.0, "09:00"))]), [Outcome::Success]);
        assert_eq!(world.count::<VisitObservation>(), 1);
    }
}

#[test]
fn metadata_needs_an_identifier_and_a_time() {
    let mut world = World::in_memory();
    let nameless = world.report(&clarity(described(None, None, "09:00")));
    assert_eq!(nameless.outcome, Outcome::RequiredDataMissing);
    let timeless = FlowsheetMetadata { last_updated_instant: None, ..described(None, Some("F9"), "09:00") };
    assert_eq!(world.receive([clarity(timeless)]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.count::<VisitObservationType>(), 0);
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        epic(pulse(80.0, "09:00")),
        epic(charted("drowsy", "09:30")),
        epic(Flowsheet { value_type: Some(ValueType::Boolean), ..pulse(1.0, "10:00") }),
        clarity(extracted(81.5, "09:00")),
        named(Some("R PULSE"), "10:00"),
        epic(pulse(82.0, "08:30")),
        epic(pulse(83.0, "11:00")),
    ]);
}
