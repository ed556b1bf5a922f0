//! Two identifiers turn out to mean one kind of observation.

use emap_core::Outcome;
use emap_interchange::{Flowsheet, FlowsheetMetadata, InterchangeValue::Save, Message};
use emap_star::rows::*;

use super::messages::{at, clarity, described, epic, pulse};
use crate::world::World;

fn mapping(time: &str) -> Message {
    clarity(described(Some("77"), Some("F9"), time))
}

fn named(flowsheet_id: &str, name: &str, time: &str) -> Message {
    let metadata = described(None, Some(flowsheet_id), time);
    clarity(FlowsheetMetadata { name: Some(name.to_owned()), ..metadata })
}

/// A value of the extract, observed at a time, charted at another.
fn extracted(value: f64, observed: &str, time: &str) -> Message {
    let extracted = Flowsheet {
        interface_id: None,
        flowsheet_id: Some("F9".to_owned()),
        is_real_time: Some(false),
        observation_time: Some(at(observed)),
        ..pulse(value, time)
    };
    clarity(extracted)
}

fn identifiers(kind: &VisitObservationType) -> (Option<&str>, Option<&str>) {
    (kind.interface_id.as_deref(), kind.id_in_application.as_deref())
}

const BOTH: (Option<&str>, Option<&str>) = (Some("77"), Some("F9"));

#[test]
fn a_mapping_alone_creates_the_kind() {
    let mut world = World::after([mapping("09:00")]);
    let kind: VisitObservationType = world.only();
    assert_eq!(identifiers(&kind), BOTH);
    assert_eq!((kind.name, kind.has_visit_observation, kind.valid_from), (None, Some(false), at("09:00")));
    let before = world.content();
    world.receive([mapping("10:00")]);
    assert_eq!(world.content(), before, "a known pair is left alone");
    world.receive([named("F9", "R PULSE", "11:00"), epic(pulse(80.0, "12:00"))]);
    let kind: VisitObservationType = world.only();
    assert_eq!((kind.name.as_deref(), kind.has_visit_observation), (Some("R PULSE"), Some(true)));
}

#[test]
fn a_mapping_completes_the_half_that_is_known() {
    let world = World::after([named("F9", "R PULSE", "08:00"), mapping("09:00")]);
    let kind: VisitObservationType = world.only();
    assert_eq!((identifiers(&kind), kind.name.as_deref()), (BOTH, Some("R PULSE")));
    assert_eq!(identifiers_before(&world), [(None, Some("F9".to_owned()))]);
    let world = World::after([epic(pulse(80.0, "08:00")), mapping("09:00")]);
    let kind: VisitObservationType = world.only();
    assert_eq!((identifiers(&kind), kind.valid_from), (BOTH, at("09:00")));
    assert_eq!(identifiers_before(&world), [(Some("77".to_owned()), None)]);
    assert_eq!(world.only::<VisitObservation>().visit_observation_type_id, kind.visit_observation_type_id);
}

fn identifiers_before(world: &World) -> Vec<(Option<String>, Option<String>)> {
    let former: Vec<VisitObservationTypeAudit> = world.rows();
    former.into_iter().map(|row| (row.interface_id, row.id_in_application)).collect()
}

#[test]
fn a_later_mapping_gives_the_kind_another_identifier() {
    let other = clarity(described(Some("78"), Some("F9"), "10:00"));
    let world = World::after([mapping("09:00"), other]);
    assert_eq!(identifiers(&world.only()), (Some("78"), Some("F9")));
}

#[test]
fn a_pair_that_another_family_has_is_known() {
    let metadata = described(Some("77"), Some("F9"), "10:00");
    let other = FlowsheetMetadata { source_observation_type: Some("ventilator".to_owned()), ..metadata };
    assert_eq!(World::after([mapping("09:00"), clarity(other)]).count::<VisitObservationType>(), 1);
}

#[test]
fn an_empty_identifier_maps_nothing() {
    let unmapped = |flowsheet_id| clarity(described(Some(""), Some(flowsheet_id), "09:00"));
    let world = World::after([unmapped("F9"), unmapped("F10")]);
    let kinds: Vec<VisitObservationType> = world.rows();
    let kinds: Vec<_> = kinds.iter().map(identifiers).collect();
    assert_eq!(kinds, [(None, Some("F9")), (None, Some("F10"))]);
}

#[test]
fn without_a_mapping_the_halves_stay_apart() {
    let world = World::after([named("F9", "R PULSE", "08:00"), epic(pulse(80.0, "08:00"))]);
    assert_eq!(world.count::<VisitObservationType>(), 2);
}

#[test]
fn two_halves_become_one_kind_with_all_observations() {
    let live = epic(pulse(80.0, "08:30"));
    let mut world = World::after([
        live,
        named("F9", "R PULSE", "08:00"),
        extracted(81.0, "07:00", "08:00"),
        mapping("09:00"),
    ]);
    let kind: VisitObservationType = world.only();
    assert_eq!((identifiers(&kind), kind.name.as_deref()), (BOTH, Some("R PULSE")));
    assert_eq!(kind.is_real_time, Some(false), "the warehouse's own row stays as it was");
    let values: Vec<VisitObservation> = world.rows();
    assert_eq!(values.len(), 2);
    assert!(values.iter().all(|row| row.visit_observation_type_id == kind.visit_observation_type_id));
    let moved: VisitObservationAudit = world.only();
    assert_eq!((moved.value_as_real, moved.valid_until), (Some(80.0), Some(at("09:00"))));
    let gone: Vec<VisitObservationTypeAudit> = world.rows();
    let gone = gone.iter().find(|row| row.interface_id.as_deref() == Some("77")).unwrap();
    assert_eq!((gone.valid_until, gone.stored_until), (Some(at("09:00")), Some(kind.stored_from)));
    world.receive([epic(pulse(82.0, "10:00"))]);
    assert_eq!(world.count::<VisitObservationType>(), 1);
    assert_eq!(world.only::<VisitObservationType>().is_real_time, Some(true));
    assert_eq!(world.count::<VisitObservation>(), 2, "the moved value is found again");
}

#[test]
fn of_two_values_of_one_moment_the_one_changed_last_stays() {
    for (live, extract, left) in
        [("08:30", "08:20", 80.0), ("08:20", "08:30", 81.0), ("08:30", "08:30", 81.0)]
    {
        let messages = [epic(pulse(80.0, live)), extracted(81.0, "08:00", extract), mapping("09:00")];
        let mut world = World::after(messages);
        assert_eq!(world.only::<VisitObservation>().value_as_real, Some(left));
        assert!(world.count::<VisitObservationAudit>() >= 1, "the other is among the former versions");
        assert_eq!(world.receive([epic(pulse(90.0, "10:00"))]), [Outcome::Success]);
        assert_eq!(world.only::<VisitObservation>().value_as_real, Some(90.0));
    }
}

#[test]
fn memory_and_database_agree() {
    let other_visit = Flowsheet { visit_number: Some("V2".to_owned()), ..pulse(70.0, "08:10") };
    World::everywhere(&[
        epic(pulse(80.0, "08:30")),
        epic(other_visit),
        named("F9", "R PULSE", "08:00"),
        extracted(81.0, "08:00", "08:20"),
        extracted(79.0, "07:00", "08:20"),
        clarity(described(Some("78"), Some("F10"), "08:40")),
        mapping("09:00"),
        mapping("09:30"),
        epic(Flowsheet { numeric_value: Save(90.0), ..pulse(80.0, "10:00") }),
    ]);
}
