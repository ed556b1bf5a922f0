//! Patients who do not want their data used for research.

use emap_core::Outcome;
use emap_interchange::{Message, ResearchOptOut};
use emap_test_support::messages::{SOURCE_SYSTEM, at};

use crate::world::World;

/// The patient with these numbers opts out.
pub(crate) fn opted_out(mrn: Option<&str>, nhs_number: Option<&str>) -> Message {
    opted(true, mrn, nhs_number)
}

fn opted(active: bool, mrn: Option<&str>, nhs_number: Option<&str>) -> Message {
    let message = Message::of(ResearchOptOut {
        mrn: mrn.map(str::to_owned),
        nhs_number: nhs_number.map(str::to_owned),
        last_updated: Some(at("2031-03-02T07:00:00Z")),
        active,
    });
    Message {
        source_message_id: Some(format!("opt-out {mrn:?} {nhs_number:?}")),
        source_system: Some(SOURCE_SYSTEM.to_owned()),
        ..message
    }
}

#[test]
fn an_opt_out_makes_its_patient_known() {
    let messages = [
        opted(true, Some("M1"), None),
        opted(true, None, Some("N2")),
        opted(true, Some("M3"), Some("N3")),
        opted(false, Some("M4"), None),
        opted(true, Some("M5"), Some("N5")),
    ];
    let rows = World::everywhere(&messages).snapshot();
    let out: Vec<_> = rows.mrns.iter().map(|row| row.research_opt_out).collect();
    assert_eq!(out, [true, true, true, false, true]);
    assert!(rows.lives.iter().all(|row| row.valid_from == at("2031-03-02T07:00:00Z")));
    assert!(rows.demographics.is_empty());
}

#[test]
fn an_opt_out_ends() {
    let mut world = World::after([opted_out(Some("M1"), None), opted(false, Some("M1"), Some("N1"))]);
    assert!(!world.snapshot().mrns[0].research_opt_out);
    assert_eq!(world.snapshot().mrns[0].nhs_number.as_deref(), Some("N1"));
    assert_eq!(world.receive([opted_out(None, Some("N1"))]), [Outcome::Success]);
    assert!(world.snapshot().mrns[0].research_opt_out);
}

#[test]
fn an_opt_out_of_a_retired_identifier_holds_for_the_one_in_force() {
    let mut world = World::on_postgres_with(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from, research_opt_out)
           VALUES (-1, 'OLD', 'EPIC', '2030-01-01Z', false), (-2, 'NEW', 'EPIC', '2030-01-01Z', false),
                  (-3, 'OTHER', 'EPIC', '2030-01-01Z', false);
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
           VALUES (-4, -1, -2, '2030-01-01Z', '2030-01-01Z'), (-5, -2, -2, '2030-01-01Z', '2030-01-01Z'),
                  (-6, -3, -3, '2030-01-01Z', '2030-01-01Z');",
    );
    world.receive([opted_out(Some("OLD"), None)]);
    assert_eq!(
        world.ask("SELECT mrn, research_opt_out FROM mrn ORDER BY mrn_id DESC"),
        ["OLD|true", "NEW|true", "OTHER|false"]
    );
}

#[test]
fn only_an_opt_out_of_a_stranger_needs_a_time() {
    let timeless = ResearchOptOut { mrn: Some("M1".to_owned()), active: true, ..ResearchOptOut::default() };
    let timeless = Message { source_system: Some(SOURCE_SYSTEM.to_owned()), ..Message::of(timeless) };
    let mut world = World::in_memory();
    let report = world.report(&timeless);
    assert_eq!(report.outcome, Outcome::Error);
    assert!(report.reason.unwrap().contains("lastUpdated"));
    assert!(world.snapshot().mrns.is_empty());
    world.receive([opted(false, Some("M1"), None), timeless]);
    assert!(world.snapshot().mrns[0].research_opt_out);
}

#[test]
fn an_opt_out_without_numbers_is_refused() {
    let mut world = World::in_memory();
    assert_eq!(world.receive([opted_out(None, None)]), [Outcome::RequiredDataMissing]);
    assert!(world.snapshot().mrns.is_empty());
}
