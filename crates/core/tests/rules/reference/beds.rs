//! Beds, pool beds, and what they offer.

use emap_core::Outcome;
use emap_interchange::BedMetadata;
use emap_star::{Instant, rows::*};

use super::messages::{bed, clarity, may, place, pool_bed, some, with_bed};
use crate::world::World;

/// Contact number, number of beds, beginning and end of all periods.
fn periods(world: &World) -> Vec<(i64, Option<i64>, Instant, Option<Instant>)> {
    let states: Vec<BedState> = world.rows();
    assert!(states.iter().all(|state| state.valid_until.is_some() == state.stored_until.is_some()));
    states
        .into_iter()
        .map(|state| (state.csn, state.pool_bed_count, state.valid_from, state.valid_until))
        .collect()
}

#[test]
fn a_later_state_ends_the_one_before_and_one_that_comes_late_is_sorted_in() {
    let mut world = World::after([with_bed(bed(500, "02")), with_bed(bed(501, "02"))]);
    assert_eq!(periods(&world), [(500, None, may("02"), Some(may("02"))), (501, None, may("02"), None)]);
    world.receive([with_bed(bed(502, "04")), with_bed(bed(500, "09"))]);
    assert_eq!(periods(&world)[1..], [(501, None, may("02"), Some(may("04"))), (502, None, may("04"), None)]);
    assert_eq!(world.receive([with_bed(bed(503, "03"))]), [Outcome::Success]);
    let late = [(501, None, may("02"), Some(may("03"))), (503, None, may("03"), Some(may("04")))];
    assert_eq!([periods(&world)[1], periods(&world)[3]], late);
    assert_eq!(periods(&world)[2], (502, None, may("04"), None));
}

#[test]
fn beds_of_a_pool_are_counted() {
    let mut world = World::after([500, 501, 502].map(|csn| with_bed(pool_bed(csn, "01"))));
    assert_eq!(periods(&world), [(500, Some(3), may("01"), None)]);
    world.receive([600, 601].map(|csn| with_bed(pool_bed(csn, "02"))));
    let both = [(500, Some(3), may("01"), Some(may("02"))), (600, Some(2), may("02"), None)];
    assert_eq!(periods(&world), both);
    world.receive([with_bed(pool_bed(500, "01"))]);
    assert_eq!(periods(&world)[0].1, Some(4), "a bed that is reported twice is counted twice");
    assert_eq!(periods(&world)[1], both[1]);
    let april = "2031-04-30T00:00:00Z".parse().unwrap();
    let early = |csn| with_bed(BedMetadata { bed_contact_date: Some(april), ..pool_bed(csn, "01") });
    assert_eq!(world.receive([early(700), early(701)]), [Outcome::Success; 2]);
    assert_eq!(periods(&world)[2], (700, Some(2), april, Some(may("01"))));
}

#[test]
fn an_ordinary_bed_of_the_same_time_is_no_pool() {
    let world = World::after([with_bed(bed(500, "01")), with_bed(pool_bed(501, "01"))]);
    assert_eq!(periods(&world), [(500, None, may("01"), Some(may("01"))), (501, Some(1), may("01"), None)]);
    let world = World::after([with_bed(pool_bed(500, "01")), with_bed(bed(501, "01"))]);
    assert_eq!(periods(&world), [(500, Some(1), may("01"), Some(may("01"))), (501, None, may("01"), None)]);
}

#[test]
fn a_known_contact_number_of_a_pool_counts_nothing_at_another_time() {
    let world = World::after([with_bed(pool_bed(500, "01")), with_bed(pool_bed(500, "02"))]);
    assert_eq!(periods(&world), [(500, Some(1), may("01"), None)]);
}

#[test]
fn a_place_stays_the_bed_that_it_is() {
    let mut world = World::after([with_bed(bed(500, "01"))]);
    let before: Location = world.only();
    let report = world.report(&with_bed(BedMetadata { bed_hl7: some("B2"), ..bed(501, "01") }));
    assert_eq!(report.outcome, Outcome::IncompatibleState);
    assert!(report.reason.unwrap().contains("another bed"));
    assert_eq!(world.only::<Location>(), before);
}

#[test]
fn a_bed_offers_each_facility_once_in_a_state() {
    let offering = |facility: &str| BedMetadata { bed_facility: some(facility), ..bed(500, "01") };
    let world = World::after(["Cot", "Oxygen", "Cot"].map(|facility| with_bed(offering(facility))));
    let facilities: Vec<_> = world.rows::<BedFacility>().into_iter().map(|row| row.r#type).collect();
    assert_eq!(facilities, ["Cot", "Oxygen"]);
    assert_eq!(world.count::<BedState>(), 1);
}

#[test]
fn a_contact_number_belongs_to_one_bed() {
    let mut world = World::after([with_bed(bed(500, "01"))]);
    let report = world.report(&with_bed(BedMetadata { bed_hl7: some("B2"), ..bed(500, "01") }));
    assert_eq!(report.outcome, Outcome::Error);
    assert!(report.reason.unwrap().contains("bedCsn"));
    assert_eq!((world.count::<Bed>(), world.count::<BedState>()), (1, 1));
}

#[test]
fn what_lacks_something_leaves_a_reason_and_what_came_before() {
    use Outcome::{Error, RequiredDataMissing};
    // How many rows there are then of: location, room state, bed.
    type Mistake = (fn(&mut BedMetadata), Outcome, &'static str, [usize; 3]);
    let mistakes: [Mistake; 4] = [
        (|bed| bed.bed_hl7 = None, RequiredDataMissing, "bedHl7", [1, 1, 0]),
        (|bed| bed.bed_csn = None, RequiredDataMissing, "bedCsn", [1, 1, 1]),
        (|bed| bed.bed_contact_date = None, RequiredDataMissing, "bedContactDate", [1, 1, 1]),
        (|bed| bed.is_pool_bed = None, Error, "isPoolBed", [0, 0, 0]),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut spoilt = bed(500, "01");
        spoil(&mut spoilt);
        let mut world = World::in_memory();
        let report = world.report(&with_bed(spoilt));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        let counts = [world.count::<Location>(), world.count::<RoomState>(), world.count::<Bed>()];
        assert_eq!(counts, rows, "{word}");
        assert_eq!(world.count::<BedState>(), 0, "{word}");
    }
    let report = World::in_memory().report(&clarity(place(None, Some(bed(500, "01")))));
    assert_eq!(report.outcome, Error);
    assert!(report.reason.unwrap().contains("room of the bed"));
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        with_bed(BedMetadata { bed_facility: some("Cot"), ..bed(500, "01") }),
        with_bed(bed(501, "03")),
        with_bed(bed(502, "02")),
        with_bed(BedMetadata { bed_facility: some("Cot"), ..pool_bed(503, "04") }),
        with_bed(BedMetadata { bed_facility: some("Cot"), ..pool_bed(504, "04") }),
        with_bed(BedMetadata { bed_hl7: some("B2"), ..bed(500, "05") }),
        with_bed(BedMetadata { bed_hl7: some("B2"), ..bed(505, "05") }),
        with_bed(pool_bed(506, "06")),
        with_bed(pool_bed(507, "01")),
    ]);
}
