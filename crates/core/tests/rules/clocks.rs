//! Clocks that step back and forth by hours, and differ between two cores: the rows are what they would be by a good
//! clock, and their history has no gap and no end before its beginning.

use chrono::TimeDelta;
use emap_core::Clock;
use emap_interchange::Message;
use emap_test_support::faults::ledger::history;
use proptest::{collection::vec, prelude::*};

use crate::{same_everywhere::of_all_families, two_cores::outcomes, world::World};

/// A clock that is wrong by these many minutes, one after the other.
fn wrong_by(minutes: Vec<i64>) -> Clock {
    let noon = "2031-03-02T12:00:00Z".parse::<emap_star::Instant>().unwrap();
    let mut minutes = minutes.into_iter().cycle();
    Clock::new(move || noon + TimeDelta::minutes(minutes.next().unwrap()))
}

fn minutes() -> impl Strategy<Value = Vec<i64>> {
    // Often none: several messages of one instant.
    vec(prop_oneof![1 => Just(0), 2 => -300..300_i64], 1..12)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_clocks_of_two_cores_say(
        batches in vec((0..2_usize, vec(of_all_families(), 1..8)), 1..10),
        clocks in [minutes(), minutes()],
    ) {
        let mut by_a_good_clock = World::in_memory();
        let world = World::on_postgres();
        let mut engines = clocks.map(|minutes| world.other_engine().with_clock(wrong_by(minutes)));
        for (core, batch) in &batches {
            let batch: &Vec<Message> = batch;
            prop_assert_eq!(outcomes(&mut engines[*core], batch), by_a_good_clock.receive_together(batch.clone()));
        }
        prop_assert_eq!(world.content(), by_a_good_clock.content());
        world.assert_history();
        prop_assert_eq!(world.flaws(), Vec::<history::Finding>::new());
    }
}
