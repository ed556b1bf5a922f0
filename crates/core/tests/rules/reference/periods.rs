//! Periods of departments, rooms and beds: in time order and without gap, exactly one of them open, whatever the order
//! in which messages arrive.

use std::collections::BTreeMap;

use emap_interchange::{DepartmentMetadata, Message};
use emap_star::{
    Instant,
    rows::{BedState, DepartmentState, RoomState},
};
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestCaseError};

use super::messages::{bed, clarity, may, place, pool_bed, room, ward, with_bed};
use crate::world::World;

const DAYS: [&str; 5] = ["02", "03", "04", "05", "06"];
const SPECIALITIES: [&str; 3] = ["Medicine", "Surgery", "Theatre"];

/// What it is about, when it began, when it ended.
type Period = (String, Instant, Option<Instant>);

/// Every order of a few things.
fn orders(messages: &[Message]) -> Vec<Vec<Message>> {
    let Some((first, rest)) = messages.split_first() else { return vec![Vec::new()] };
    let with_first = |order: &Vec<Message>, place| {
        let mut order = order.clone();
        order.insert(place, first.clone());
        order
    };
    let others = orders(rest);
    others.iter().flat_map(|order| (0..=order.len()).map(|place| with_first(order, place))).collect()
}

fn departments(world: &World) -> Vec<Period> {
    let states = world.rows::<DepartmentState>().into_iter();
    states.map(|row| (row.speciality.unwrap_or_default(), row.valid_from, row.valid_until)).collect()
}

fn rooms(world: &World) -> Vec<Period> {
    world
        .rows::<RoomState>()
        .into_iter()
        .map(|row| (row.csn.to_string(), row.valid_from, row.valid_until))
        .collect()
}

fn beds(world: &World) -> Vec<Period> {
    world
        .rows::<BedState>()
        .into_iter()
        .map(|row| (row.csn.to_string(), row.valid_from, row.valid_until))
        .collect()
}

/// Each period ends where the next begins, and only the last is open.
fn assert_gapless(periods: &[Period]) -> Result<(), TestCaseError> {
    let mut times: Vec<_> = periods.iter().map(|(_, from, until)| (*from, until.is_none(), *until)).collect();
    times.sort_unstable();
    for pair in times.windows(2) {
        prop_assert_eq!(pair[0].2, Some(pair[1].0), "{:?}", periods);
    }
    prop_assert_eq!(times.last().map(|(_, is_open, _)| *is_open), Some(true), "{:?}", periods);
    Ok(())
}

/// In every order, and with one of them twice; gives the periods of each.
fn in_every_order(
    messages: &[Message],
    periods: fn(&World) -> Vec<Period>,
) -> Result<Vec<Vec<Period>>, TestCaseError> {
    let mut all = Vec::new();
    for mut order in orders(messages) {
        // The first comes again after everything else.
        order.extend(order.first().cloned());
        let mut world = World::in_memory();
        world.receive(order);
        let mut periods = periods(&world);
        periods.sort_unstable();
        assert_gapless(&periods)?;
        all.push(periods);
    }
    Ok(all)
}

/// A change of speciality; the former one and the contact may say anything.
fn change() -> impl Strategy<Value = DepartmentMetadata> {
    let former = proptest::option::of(select(&SPECIALITIES));
    (select(&SPECIALITIES), former, select(&DAYS), select(&DAYS)).prop_map(
        |(speciality, former, day, contact)| DepartmentMetadata {
            department_contact_date: Some(may(contact)),
            ..ward(speciality, former, day)
        },
    )
}

/// The changes again, one speciality for each moment.
fn one_at_each_moment(changes: Vec<DepartmentMetadata>) -> Vec<DepartmentMetadata> {
    let mut specialities = BTreeMap::new();
    let mut settled = changes;
    for change in &mut settled {
        let first =
            specialities.entry(change.speciality_update).or_insert(change.department_speciality.clone());
        change.department_speciality.clone_from(first);
    }
    settled
}

fn all_equal(periods: &[Vec<Period>]) -> Result<(), TestCaseError> {
    for pair in periods.windows(2) {
        prop_assert_eq!(&pair[0], &pair[1]);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn of_a_department(changes in vec(change(), 1..5)) {
        let messages: Vec<_> = changes.into_iter().map(clarity).collect();
        in_every_order(&messages, departments)?;
    }

    #[test]
    fn of_a_department_with_one_speciality_at_each_moment_in_any_order(changes in vec(change(), 1..5)) {
        let messages: Vec<_> = one_at_each_moment(changes).into_iter().map(clarity).collect();
        all_equal(&in_every_order(&messages, departments)?)?;
    }

    #[test]
    fn of_a_room(contacts in vec((select(&DAYS), 1..4_i64), 1..5)) {
        let message = |(day, csn)| clarity(place(Some(room(csn, day)), None));
        let messages: Vec<_> = contacts.into_iter().map(message).collect();
        in_every_order(&messages, rooms)?;
    }

    #[test]
    fn of_a_room_with_one_contact_at_each_moment_in_any_order(days in vec(0..5_usize, 1..5)) {
        let message = |day: usize| clarity(place(Some(room(i64::try_from(day).unwrap(), DAYS[day])), None));
        let messages: Vec<_> = days.into_iter().map(message).collect();
        all_equal(&in_every_order(&messages, rooms)?)?;
    }

    #[test]
    fn of_a_bed(contacts in vec((select(&DAYS), 1..5_i64, any::<bool>()), 1..5)) {
        let message = |(day, csn, pool)| with_bed(if pool { pool_bed(csn, day) } else { bed(csn, day) });
        let messages: Vec<_> = contacts.into_iter().map(message).collect();
        in_every_order(&messages, beds)?;
    }

    #[test]
    fn of_a_bed_with_one_contact_at_each_moment_in_any_order(days in vec(0..5_usize, 1..5)) {
        let message = |day: usize| with_bed(bed(i64::try_from(day).unwrap(), DAYS[day]));
        let messages: Vec<_> = days.into_iter().map(message).collect();
        all_equal(&in_every_order(&messages, beds)?)?;
    }
}
