//! How much is under way.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use crate::world::{Conversion, World, message, numbers, stream, until};

/// One batch is submitted or waits for room, one waits behind it, one is being converted.
const AHEAD: u32 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_takes_nothing_stops_conversion_at_the_limit_of_bytes() {
    let mut world = World::new(1);
    world.settings.publisher.max_bytes = 4 * message("a", 10).to_json().len();
    let mut feed = world.feed();
    let conversion = Conversion::of("a");
    let converted = Arc::clone(&conversion.converted);
    feed.add(stream(&world, "a", numbers("a", 0, 500, 500), conversion));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("progress", || world.memory.position("a") == Some(1)).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let most = 1 + 4 + AHEAD;
    assert!(converted.load(Ordering::Relaxed) <= most, "{} converted", converted.load(Ordering::Relaxed));
    world.take(500).await;
    running.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_stops_sending_at_the_limit_of_items() {
    let mut world = World::new(1000);
    world.settings.limits.items = 20;
    world.memory.with(|kept| kept.failures = 1);
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 0, 300, 50), Conversion::of("a")));
    feed.add(stream(&world, "b", numbers("b", 0, 300, 50), Conversion::of("b")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("the loss to show", || world.is_down("store", "store is away")).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    // At most one save succeeded before the failure, of another stream.
    assert!(world.depth() <= 40, "{} sent", world.depth());
    running.await.unwrap().unwrap();
    assert_eq!(world.depth(), 600);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_source_observes_while_the_broker_takes_nothing() {
    let world = World::new(1);
    let source = numbers("a", 0, 5000, 1);
    let calls = Arc::clone(&source.calls);
    let mut feed = world.feed();
    feed.add(stream(&world, "a", source, Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("progress", || world.memory.position("a") == Some(1)).await;
    let before = calls.observe.load(Ordering::Relaxed);
    until("two looks", || calls.observe.load(Ordering::Relaxed) >= before + 2).await;
    assert_eq!(world.memory.position("a"), Some(1));
    running.abort();
}
