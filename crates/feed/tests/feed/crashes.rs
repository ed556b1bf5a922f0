//! Whenever a feed is killed, nothing is left out.

use std::{collections::BTreeMap, time::Duration};

use proptest::prelude::*;

use crate::world::{Conversion, World, numbers, stream};

const STREAMS: [&str; 3] = ["a", "b", "c"];

#[derive(Debug, Clone)]
struct Life {
    /// Microseconds until it is killed.
    length: u64,
    block: u32,
    batch: usize,
}

fn lives() -> impl Strategy<Value = Vec<Life>> {
    let life = (0..20_000_u64, 1..40_u32, 1..20_usize);
    prop::collection::vec(life.prop_map(|(length, block, batch)| Life { length, block, batch }), 1..5)
}

/// Runs a feed from the saved positions for the length of a life, or to its end. Its runtime is its own: when that is
/// dropped, nothing of it works on, as after a crash.
fn live(world: &World, lasts: &BTreeMap<&'static str, u32>, life: &Life, to_the_end: bool) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let length = if to_the_end { Duration::from_secs(60) } else { Duration::from_micros(life.length) };
    let ended = runtime.block_on(async {
        let mut feed = world.feed();
        for (name, last) in lasts {
            let after = world.memory.position(name).unwrap_or(0);
            let numbers = numbers(name, after, *last, life.block);
            let mut stream = stream(world, name, numbers, Conversion::of(name));
            stream.batch.items = life.batch;
            feed.add(stream);
        }
        tokio::time::timeout(length, feed.run(world.memory.clone(), world.component("store"))).await
    });
    assert!(ended.is_ok() || !to_the_end, "did not end");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn progress_never_passes_what_the_broker_has(
        lives in lives(),
        lasts in prop::array::uniform3(0..200_u32),
        in_transit in 1..30_usize,
    ) {
        let lasts: BTreeMap<&'static str, u32> = STREAMS.into_iter().zip(lasts).collect();
        let mut world = World::new(100_000);
        world.settings.publisher.max_in_transit = in_transit;
        world.settings.save_interval = Duration::from_millis(1);
        for life in &lives {
            live(&world, &lasts, life, false);
            let saved: u32 = STREAMS.iter().filter_map(|name| world.memory.position(name)).sum();
            prop_assert!(saved as usize <= world.depth(), "{saved} saved, {} on the queue", world.depth());
        }
        live(&world, &lasts, &lives[0], true);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let taken = runtime.block_on(world.take(world.depth()));
        for (name, last) in &lasts {
            let mut expected = 1;
            for (_, number) in taken.iter().filter(|(stream, _)| stream == name) {
                // A life begins behind what is saved, and goes on in order.
                prop_assert!(*number <= expected, "{name}: {number} came before {expected}");
                expected = expected.max(number + 1);
            }
            prop_assert_eq!(expected, last + 1, "{} is not whole", name);
        }
    }
}
