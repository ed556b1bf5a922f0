//! Departments: what they are called, and the periods of their status and speciality.

use emap_core::Outcome;
use emap_interchange::{DepartmentMetadata, EpicRecordStatus, Message};
use emap_star::rows::*;
use emap_test_support::fixtures;

use super::messages::{bed, clarity, may, ward, with_bed};
use crate::{order_dependence::depending, world::World};

/// All periods, as `speciality from–until`, days of May.
fn periods(world: &World) -> Vec<String> {
    let states: Vec<DepartmentState> = world.rows();
    let mut periods: Vec<_> = states
        .into_iter()
        .map(|state| {
            assert_eq!(state.valid_until.is_some(), state.stored_until.is_some());
            let until = state.valid_until.map_or("open".to_owned(), |at| at.format("%d").to_string());
            let speciality = state.speciality.unwrap_or_default();
            format!("{speciality} {}–{until}", state.valid_from.format("%d"))
        })
        .collect();
    periods.sort();
    periods
}

fn after(messages: &[(&str, Option<&str>, &str)]) -> World {
    World::after(messages.iter().map(|(speciality, previous, day)| clarity(ward(speciality, *previous, day))))
}

#[test]
fn a_description_makes_department_place_and_state_known() {
    let mut world = World::after([fixtures::department_metadata("ward.yaml")]);
    let department: Department = world.only();
    assert_eq!(department.internal_id, 30_707);
    assert_eq!((department.hl7string.as_deref(), department.name.as_deref()), (Some("W07"), Some("Ward 7")));
    let place: Location = world.only();
    assert_eq!(place.location_string, "W07^null^null");
    assert_eq!(place.department_id, Some(department.department_id));
    assert_eq!((place.room_id, place.bed_id), (None, None));
    let state: DepartmentState = world.only();
    assert_eq!(state.department_id, department.department_id);
    assert_eq!(state.speciality.as_deref(), Some("Respiratory Medicine"));
    assert_eq!(state.status.as_deref(), Some("Active"));
    assert_eq!(state.valid_from, "2031-01-02T00:00:00Z".parse::<emap_star::Instant>().unwrap());
    let before = world.content();
    world.receive([fixtures::department_metadata("ward.yaml")]);
    assert_eq!(world.content(), before);
}

#[test]
fn a_department_that_places_mentioned_is_named() {
    let mut world = World::after([with_bed(bed(500, "01"))]);
    world.receive([clarity(ward("Renal", None, "02"))]);
    let department: Department = world.only();
    assert_eq!((department.hl7string.as_deref(), department.name.as_deref()), (Some("W1"), Some("Ward 1")));
    assert_eq!(world.count::<Location>(), 2);
}

#[test]
fn code_and_name_never_change() {
    type Change = (fn(&mut DepartmentMetadata), &'static str);
    let changes: [Change; 2] = [
        (|ward| ward.department_hl7 = Some("W2".to_owned()), "HL7 code"),
        (|ward| ward.department_name = Some("Ward One".to_owned()), "name"),
    ];
    for (change, word) in changes {
        let mut world = after(&[("Renal", None, "02")]);
        let before = (world.rows::<Department>(), world.rows::<Location>(), periods(&world));
        let mut changed = ward("Cardiac", None, "03");
        change(&mut changed);
        let report = world.report(&clarity(changed));
        assert_eq!(report.outcome, Outcome::IncompatibleState);
        assert!(report.reason.unwrap().contains(word));
        assert_eq!((world.rows::<Department>(), world.rows::<Location>(), periods(&world)), before);
    }
}

#[test]
fn what_a_description_does_not_name_stays_and_is_filled_in_by_another() {
    let nameless = |name: Option<&str>, speciality, day| {
        let name = name.map(str::to_owned);
        let ward = ward(speciality, None, day);
        clarity(DepartmentMetadata { department_hl7: name.clone(), department_name: name, ..ward })
    };
    let messages = [
        nameless(None, "Renal", "02"),
        clarity(ward("Cardiac", None, "03")),
        nameless(Some(""), "Renal", "04"),
        nameless(None, "Stroke", "05"),
    ];
    let world = World::everywhere(&messages);
    assert!(world.rows::<EtlMessageReject>().is_empty());
    let department: Department = world.only();
    assert_eq!((department.hl7string.as_deref(), department.name.as_deref()), (Some("W1"), Some("Ward 1")));
    assert_eq!(world.only::<Location>().location_string, "W1^null^null");
    assert_eq!(periods(&world), ["Cardiac 03–04", "Renal 02–03", "Renal 04–05", "Stroke 05–open"]);
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn a_place_that_is_known_stays_as_it_is() {
    let admission = emap_test_support::messages::admit("M1", "V1", "W1^null^null", "2031-03-02T08:00:00Z");
    let world = World::after([admission, clarity(ward("Renal", None, "02"))]);
    assert_eq!(world.only::<Location>().department_id, None);
}

#[test]
fn a_department_without_a_code_is_no_place() {
    let nameless = DepartmentMetadata { department_hl7: None, ..ward("Renal", None, "02") };
    let world = World::after([clarity(nameless)]);
    assert_eq!(world.count::<Location>(), 0);
    assert_eq!(periods(&world), ["Renal 02–open"]);
}

#[test]
fn periods_follow_each_other() {
    type Story = (&'static [(&'static str, Option<&'static str>, &'static str)], &'static [&'static str]);
    let stories: [Story; 20] = [
        (&[("B", Some("A"), "22")], &["A 01–22", "B 22–open"]),
        (&[("B", None, "22")], &["B 22–open"]),
        (&[("A", None, "18"), ("B", Some("A"), "22")], &["A 18–22", "B 22–open"]),
        (&[("A", None, "18"), ("B", None, "22")], &["A 18–22", "B 22–open"]),
        (&[("A", None, "18"), ("A", Some("Z"), "22")], &["A 18–open"]),
        (&[("A", None, "22"), ("A", None, "20")], &["A 20–open"]),
        (&[("B", None, "22"), ("A", None, "20")], &["A 20–22", "B 22–open"]),
        (
            &[("A", None, "18"), ("B", Some("A"), "22"), ("C", Some("A"), "20")],
            &["A 18–20", "B 22–open", "C 20–22"],
        ),
        (
            &[("A", None, "18"), ("B", None, "22"), ("C", None, "26"), ("D", None, "20")],
            &["A 18–20", "B 22–26", "C 26–open", "D 20–22"],
        ),
        (
            &[("A", None, "18"), ("B", None, "22"), ("C", None, "26"), ("D", None, "24")],
            &["A 18–22", "B 22–24", "C 26–open", "D 24–26"],
        ),
        // What began earlier than known is not recorded twice.
        (&[("A", None, "18"), ("B", None, "22"), ("B", None, "20")], &["A 18–20", "B 20–open"]),
        (&[("B", None, "22"), ("B", Some("A"), "20")], &["A 01–20", "B 20–open"]),
        // An unchanged speciality is no period of its own,
        (&[("A", None, "18"), ("B", Some("A"), "22"), ("A", None, "20")], &["A 18–22", "B 22–open"]),
        // unless another comes to light in between.
        (&[("A", None, "18"), ("A", None, "22"), ("B", None, "20")], &["A 18–20", "A 22–open", "B 20–22"]),
        // Of two at one moment, the one processed last is open.
        (&[("A", None, "18"), ("B", None, "22"), ("C", None, "22")], &["A 18–22", "B 22–22", "C 22–open"]),
        (&[("B", None, "22"), ("C", None, "22"), ("A", None, "18")], &["A 18–22", "B 22–22", "C 22–open"]),
        (&[("B", None, "22"), ("C", None, "20"), ("B", None, "20")], &["B 20–open", "C 20–20"]),
        (&[("B", None, "22"), ("C", None, "22"), ("B", None, "22")], &["B 22–22", "C 22–open"]),
        // What a message says of the time before gives way to what is said of that time itself.
        (&[("B", Some("A"), "22"), ("A", None, "18")], &["A 18–22", "B 22–open"]),
        (&[("B", None, "22"), ("B", Some("A"), "22")], &["A 01–22", "B 22–open"]),
    ];
    for (messages, expected) in stories {
        assert_eq!(periods(&after(messages)), expected, "{messages:?}");
    }
}

#[test]
fn a_previous_speciality_that_was_not_there_is_reported_and_the_new_one_kept() {
    let mut world = after(&[("A", None, "18")]);
    let report = world.report(&clarity(ward("B", Some("Z"), "22")));
    assert_eq!(report.outcome, Outcome::IncompatibleState);
    assert!(report.reason.unwrap().contains("another speciality"));
    assert_eq!(periods(&world), ["A 18–22", "B 22–open"], "what it says of its own time is kept");
}

#[test]
fn a_contact_after_the_change_says_nothing_of_the_time_before() {
    let on_record_since =
        |day| DepartmentMetadata { department_contact_date: Some(may(day)), ..ward("B", Some("A"), "22") };
    for day in ["22", "25"] {
        let mut world = World::after([clarity(on_record_since(day))]);
        assert_eq!(periods(&world), ["B 22–open"]);
        world.receive([clarity(ward("C", Some("B"), "26"))]);
        assert_eq!(periods(&world), ["B 22–26", "C 26–open"]);
    }
    let messages = ["25", "15", "10"].map(|day| clarity(on_record_since(day)));
    assert_eq!(periods(&World::after(messages.clone())), ["A 10–22", "B 22–open"], "the earliest counts");
    assert_eq!(depending(&messages), [""; 0]);
}

#[test]
fn periods_that_other_software_stored_bear_witness() {
    let mut world = World::on_postgres_with(
        "INSERT INTO department (department_id, internal_id) VALUES (-1, 7);
         INSERT INTO department_state
                 (department_state_id, speciality, status, department_id, stored_from, valid_from,
                  stored_until, valid_until)
             VALUES (-6, 'A', 'Active', -1, now(), '2031-05-18T00:00:00Z', now(), '2031-05-22T00:00:00Z'),
                    (-5, 'A', 'Active', -1, now(), '2031-05-20T00:00:00Z', now(), '2031-05-22T00:00:00Z'),
                    (-4, 'B', 'Active', -1, now(), '2031-05-22T00:00:00Z', NULL, NULL),
                    (-3, 'C', 'Active', -1, now(), '2031-05-22T00:00:00Z', NULL, NULL)",
    );
    assert_eq!(world.receive([clarity(ward("D", Some("C"), "26"))]), [Outcome::Success]);
    assert_eq!(periods(&world), ["A 18–22", "B 22–22", "C 22–26", "D 26–open"]);
    let kept: Vec<_> =
        world.ask("SELECT department_state_id FROM department_state WHERE department_state_id < 0");
    assert_eq!(kept.len(), 3, "rows keep their keys");
}

#[test]
fn without_an_update_the_contact_tells_the_time() {
    let on = |day: &str, second: &str| DepartmentMetadata {
        speciality_update: None,
        department_contact_date: Some(format!("2031-05-{day}T00:00:{second}Z").parse().unwrap()),
        ..ward("B", None, "01")
    };
    let world = World::after([clarity(on("12", "00")), clarity(on("12", "01"))]);
    assert_eq!(periods(&world), ["B 12–open"]);
    assert_eq!(world.only::<DepartmentState>().valid_from, may("12"));
}

#[test]
fn a_change_of_status_is_a_change() {
    let hidden = DepartmentMetadata {
        department_record_status: Some(EpicRecordStatus::DeletedAndHidden),
        ..ward("A", None, "20")
    };
    let world = World::after([clarity(ward("A", None, "18")), clarity(hidden.clone())]);
    assert_eq!(periods(&world), ["A 18–20", "A 20–open"]);
    assert_eq!(world.rows::<DepartmentState>()[1].status.as_deref(), Some("Deleted and Hidden"));
    let status = |world: &World| world.rows::<DepartmentState>().into_iter().map(|row| row.status.unwrap());
    let at_once = World::after([clarity(ward("A", None, "20")), clarity(hidden.clone())]);
    assert!(status(&at_once).eq(["Active"]), "but not of the moment at which the speciality is known");
    let first = DepartmentMetadata { previous_department_speciality: Some("Z".to_owned()), ..hidden };
    assert!(status(&World::after([clarity(first)])).eq(["Deleted and Hidden"; 2]));
}

#[test]
fn what_lacks_something_leaves_a_reason_and_what_came_before() {
    use Outcome::{Error, RequiredDataMissing};
    // How many rows there are then of: department, location.
    type Mistake = (fn(&mut DepartmentMetadata), Outcome, &'static str, [usize; 2]);
    let mistakes: [Mistake; 4] = [
        (|ward| ward.department_id = None, RequiredDataMissing, "departmentId", [0, 0]),
        (|ward| ward.department_record_status = None, Error, "departmentRecordStatus", [0, 0]),
        (|ward| ward.department_contact_date = None, RequiredDataMissing, "departmentContactDate", [1, 1]),
        (
            |ward| (ward.department_contact_date, ward.speciality_update) = (None, None),
            RequiredDataMissing,
            "specialityUpdate",
            [1, 1],
        ),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut spoilt = ward("B", Some("A"), "02");
        spoil(&mut spoilt);
        let mut world = World::in_memory();
        let report = world.report(&clarity(spoilt));
        assert_eq!(report.outcome, outcome, "{word}");
        assert!(report.reason.as_deref().unwrap().contains(word), "{:?}", report.reason);
        assert_eq!([world.count::<Department>(), world.count::<Location>()], rows, "{word}");
        assert_eq!(world.count::<DepartmentState>(), 0, "{word}");
    }
}

#[test]
fn memory_and_database_agree() {
    let mut messages: Vec<Message> = [
        ("B", None, "22"),
        ("B", None, "20"),
        ("A", None, "10"),
        ("C", Some("A"), "15"),
        ("D", Some("Z"), "25"),
        ("C", None, "17"),
        ("E", None, "25"),
    ]
    .into_iter()
    .map(|(speciality, previous, day)| clarity(ward(speciality, previous, day)))
    .collect();
    messages.push(clarity(DepartmentMetadata { department_id: Some(8), ..ward("B", Some("A"), "05") }));
    messages.push(clarity(DepartmentMetadata { department_name: None, ..ward("B", None, "26") }));
    messages.push(fixtures::department_metadata("ward.yaml"));
    World::everywhere(&messages);
}
