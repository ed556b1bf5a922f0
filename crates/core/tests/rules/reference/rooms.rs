//! Places with their department and room.

use emap_core::Outcome;
use emap_interchange::{EpicRecordStatus, LocationMetadata, Message, RoomMetadata};
use emap_star::rows::*;
use emap_test_support::fixtures;

use super::messages::{bed, clarity, may, place, room, some, with_bed};
use crate::{order_dependence::depending, world::World};

fn with_room(room: RoomMetadata) -> Message {
    clarity(place(Some(room), None))
}

/// Contact number, beginning and end of all periods.
fn periods(world: &World) -> Vec<(i64, emap_star::Instant, Option<emap_star::Instant>)> {
    let states: Vec<RoomState> = world.rows();
    assert!(states.iter().all(|state| state.valid_until.is_some() == state.stored_until.is_some()));
    states.into_iter().map(|state| (state.csn, state.valid_from, state.valid_until)).collect()
}

#[test]
fn a_place_makes_its_department_room_and_bed_known() {
    let mut world = World::after([fixtures::location_metadata("bed.yaml")]);
    let contact = "2030-01-15T00:00:00Z".parse().unwrap();
    let department: Department = world.only();
    assert_eq!((department.internal_id, department.hl7string, department.name), (30_707, None, None));
    let room: Room = world.only();
    assert_eq!((room.hl7string.as_str(), room.name.as_deref()), ("W07 BAY2", Some("Bay 2")));
    assert_eq!(room.department_id, department.department_id);
    let state: RoomState = world.only();
    assert_eq!((state.room_id, state.csn, state.is_ready), (room.room_id, 4410, Some(true)));
    assert_eq!((state.status.as_deref(), state.valid_from), (Some("Active"), contact));
    assert_eq!((state.valid_until, state.stored_until), (None, None));
    let bed: Bed = world.only();
    assert_eq!((bed.hl7string.as_str(), bed.room_id), ("W07-11", room.room_id));
    let state: BedState = world.only();
    assert_eq!((state.bed_id, state.csn, state.pool_bed_count), (bed.bed_id, 4411, None));
    assert_eq!((state.is_in_census, state.is_bunk), (Some(true), Some(false)));
    assert_eq!((state.status.as_deref(), state.valid_from), (Some("Inactive and Hidden"), contact));
    let facility: BedFacility = world.only();
    assert_eq!((facility.r#type.as_str(), facility.bed_state_id), ("Hill House", state.bed_state_id));
    let place: Location = world.only();
    assert_eq!(place.location_string, "W07^W07 BAY2^W07-11");
    assert_eq!(place.department_id, Some(department.department_id));
    assert_eq!((place.room_id, place.bed_id), (Some(room.room_id), Some(bed.bed_id)));

    let before = world.content();
    world.receive([fixtures::location_metadata("bed.yaml")]);
    assert_eq!(world.content(), before);
}

#[test]
fn a_place_may_be_a_department_only() {
    let world = World::after([fixtures::location_metadata("department_only.yaml")]);
    let place: Location = world.only();
    assert_eq!(place.department_id, Some(world.only::<Department>().department_id));
    assert_eq!((place.room_id, place.bed_id), (None, None));
    assert_eq!(world.count::<Room>() + world.count::<Bed>(), 0);
}

#[test]
fn a_place_that_patients_were_at_learns_what_it_is() {
    let mut world =
        World::after([emap_test_support::messages::admit("M1", "V1", "W1^BAY1^B1", "2031-03-02T08:00:00Z")]);
    let place: Location = world.only();
    assert_eq!(place.department_id, None);
    world.receive([with_bed(bed(500, "01"))]);
    let known: Location = world.only();
    assert_eq!(known.location_id, place.location_id);
    assert!(known.department_id.is_some() && known.room_id.is_some() && known.bed_id.is_some());
}

#[test]
fn a_later_state_ends_the_one_before() {
    let mut world = World::after([with_room(room(1, "01")), with_room(room(2, "03"))]);
    assert_eq!(periods(&world), [(1, may("01"), Some(may("03"))), (2, may("03"), None)]);
    world.receive([with_room(room(3, "03"))]);
    assert_eq!(periods(&world)[1..], [(2, may("03"), Some(may("03"))), (3, may("03"), None)]);
    let before = world.content();
    assert_eq!(world.receive([with_room(room(2, "09"))]), [Outcome::Success], "a known number says nothing");
    assert_eq!(world.content(), before);
}

#[test]
fn a_state_that_comes_late_is_sorted_in() {
    let mut world = World::after([with_room(room(1, "05")), with_room(room(2, "02"))]);
    assert_eq!(periods(&world), [(1, may("05"), None), (2, may("02"), Some(may("05")))]);
    world.receive([with_room(room(3, "03"))]);
    assert_eq!(periods(&world)[1..], [(2, may("02"), Some(may("03"))), (3, may("03"), Some(may("05")))]);
}

#[test]
fn a_state_that_comes_late_is_sorted_in_in_the_database_too() {
    let world = World::everywhere(&[4, 1, 3, 2].map(|day| with_room(room(day, &format!("0{day}")))));
    let mut periods = periods(&world);
    periods.sort_unstable();
    let days = ["01", "02", "03", "04"].map(may);
    assert_eq!(periods[..3], [1, 2, 3].map(|n| (i64::try_from(n).unwrap(), days[n - 1], Some(days[n]))));
    assert_eq!(periods[3], (4, days[3], None));
}

#[test]
fn periods_that_other_software_left_open_are_mended() {
    let mut world = World::on_postgres_with(
        "INSERT INTO department (department_id, internal_id) VALUES (-1, 7);
         INSERT INTO room (room_id, hl7string, department_id) VALUES (-2, 'BAY1', -1);
         INSERT INTO room_state (room_state_id, csn, room_id, stored_from, valid_from)
             VALUES (-4, 1, -2, now(), '2031-05-01T00:00:00Z'), (-3, 2, -2, now(), '2031-05-02T00:00:00Z')",
    );
    assert_eq!(world.receive([with_room(room(3, "03"))]), [Outcome::Success]);
    let until: Vec<_> = periods(&world).into_iter().map(|(csn, _, until)| (csn, until)).collect();
    assert_eq!(until, [(1, Some(may("02"))), (2, Some(may("03"))), (3, None)]);
}

#[test]
fn a_room_keeps_its_name() {
    let mut world = World::after([with_room(room(1, "01"))]);
    let renamed = RoomMetadata { room_name: some("Bay One"), ..room(2, "02") };
    let report = world.report(&with_room(renamed));
    assert_eq!(report.outcome, Outcome::IncompatibleState);
    assert!(report.reason.unwrap().contains("another name"));
    assert_eq!(world.only::<Room>().name.as_deref(), Some("Bay 1"));
    assert_eq!(periods(&world).len(), 1);
}

#[test]
fn a_room_that_is_not_named_keeps_its_name_and_gets_its_state() {
    for room_name in [None, some("")] {
        let mut world = World::after([with_room(room(1, "01"))]);
        let nameless = RoomMetadata { room_name, ..room(2, "02") };
        assert_eq!(world.receive([with_room(nameless)]), [Outcome::Success]);
        assert_eq!(world.only::<Room>().name.as_deref(), Some("Bay 1"));
        assert_eq!(periods(&world).len(), 2);
    }
}

#[test]
fn a_name_that_comes_later_is_filled_in() {
    let nameless = RoomMetadata { room_name: None, ..room(1, "01") };
    let messages = [with_room(nameless), with_room(room(2, "02"))];
    let world = World::everywhere(&messages);
    assert_eq!(world.only::<Room>().name.as_deref(), Some("Bay 1"));
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_contact_number_belongs_to_one_room() {
    let mut world = World::after([with_room(room(1, "01"))]);
    let before = world.rows::<Location>();
    let moved = RoomMetadata { room_hl7: some("BAY2"), ..room(1, "01") };
    let report = world.report(&with_room(moved));
    assert_eq!(report.outcome, Outcome::Error);
    assert!(report.reason.unwrap().contains("roomCsn"));
    assert_eq!((world.count::<Room>(), world.rows::<Location>()), (1, before));
}

#[test]
fn a_place_keeps_what_it_means() {
    let mut world = World::after([with_room(room(1, "01"))]);
    let before: Location = world.only();
    let elsewhere = LocationMetadata { department_id: Some(8), ..place(None, None) };
    let other_room = RoomMetadata { room_hl7: some("BAY2"), ..room(2, "01") };
    let reasons = [(clarity(elsewhere), "department"), (with_room(other_room), "room")];
    for (message, word) in reasons {
        let report = world.report(&message);
        assert_eq!(report.outcome, Outcome::IncompatibleState);
        assert!(report.reason.unwrap().contains(word));
    }
    assert_eq!(world.only::<Location>(), before);
    assert_eq!(world.count::<Department>(), 2, "what the message did before stays");
    assert_eq!(world.receive([clarity(place(None, None))]), [Outcome::Success]);
    assert_eq!(world.only::<Location>(), before, "links are never cleared");
}

#[test]
fn what_lacks_something_leaves_a_reason_and_what_came_before() {
    // How many rows there are then of: location, department, room.
    type Mistake = (fn(&mut LocationMetadata, &mut RoomMetadata), &'static str, [usize; 3]);
    let mistakes: [Mistake; 5] = [
        (|place, _| place.hl7_string = None, "hl7String", [0, 0, 0]),
        (|place, _| place.department_id = None, "departmentId", [1, 0, 0]),
        (|_, room| room.room_hl7 = None, "roomHl7", [1, 1, 0]),
        (|_, room| room.room_csn = None, "roomCsn", [1, 1, 1]),
        (|_, room| room.room_contact_date = None, "roomContactDate", [1, 1, 1]),
    ];
    for (spoil, word, rows) in mistakes {
        let (mut spoilt, mut bay) = (place(None, None), room(1, "01"));
        spoil(&mut spoilt, &mut bay);
        spoilt.room_metadata = Some(Box::new(bay));
        let mut world = World::in_memory();
        let report = world.report(&clarity(spoilt));
        assert_eq!(report.outcome, Outcome::RequiredDataMissing, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        let counts = [world.count::<Location>(), world.count::<Department>(), world.count::<Room>()];
        assert_eq!(counts, rows, "{word}");
        assert_eq!(world.count::<RoomState>(), 0, "{word}");
    }
}

#[test]
fn what_is_not_said_of_a_state_is_not_known() {
    let vague =
        RoomMetadata { is_room_ready: None, room_record_state: None, room_name: None, ..room(1, "01") };
    let world = World::after([with_room(vague)]);
    let state: RoomState = world.only();
    assert_eq!((state.is_ready, state.status, world.only::<Room>().name), (None, None, None));
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        fixtures::location_metadata("department_only.yaml"),
        with_room(room(1, "01")),
        with_room(room(2, "05")),
        with_room(room(3, "04")),
        with_room(RoomMetadata { room_record_state: Some(EpicRecordStatus::Hidden), ..room(4, "06") }),
        with_room(RoomMetadata { room_hl7: some("BAY2"), ..room(4, "06") }),
        with_room(RoomMetadata { room_name: some("Bay One"), ..room(5, "07") }),
        clarity(LocationMetadata { department_id: Some(8), ..place(None, None) }),
        fixtures::location_metadata("bed.yaml"),
    ]);
}
