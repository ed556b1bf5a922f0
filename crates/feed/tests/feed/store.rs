//! A store that fails.

use std::time::{Duration, Instant};

use emap_feed::{Ended, FeedError, ProgressStore, Settled};

use crate::world::{Conversion, Position, World, numbers, stream, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_is_away_is_waited_for_and_sending_goes_on() {
    let world = World::new(1000);
    world.memory.with(|kept| kept.failures = 2);
    let mut feed = world.feed();
    let conversion = Conversion { rejected: vec![4], ..Conversion::of("a") };
    feed.add(stream(&world, "a", numbers("a", 0, 20, 5), conversion));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    let store = world.component("store");
    until("the loss to show", || world.is_down("store", "store is away")).await;
    assert_eq!(world.memory.position("a"), None);
    until("all messages", || world.depth() == 19).await;
    assert_eq!(running.await.unwrap().unwrap(), Ended { confirmed: true, saved: true });
    assert!(store.is_up());
    assert_eq!(world.memory.position("a"), Some(20));
    assert_eq!(world.memory.with(|kept| kept.records.clone()), ["4 is no good"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_with_the_store_away_it_gives_up_after_a_while() {
    let world = World::new(1000);
    world.memory.with(|kept| kept.failures = usize::MAX);
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 0, 20, 5), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("all messages", || world.depth() == 20).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!running.is_finished(), "progress is not saved");
    let cancelled = Instant::now();
    world.cancel.cancel();
    assert_eq!(running.await.unwrap().unwrap(), Ended { confirmed: true, saved: false });
    assert!(cancelled.elapsed() < Duration::from_secs(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_that_panics_ends_the_feed_with_an_error() {
    struct Panicking;
    impl ProgressStore for Panicking {
        type Position = Position;
        type Record = String;
        type Error = &'static str;

        fn save(&mut self, _: &Settled<Position, String>) -> Result<(), &'static str> {
            panic!("of Téapot, Clara")
        }
    }
    let world = World::new(1000);
    let transport = emap_queue::Transport::InProcess(world.broker.clone());
    let mut feed = emap_feed::Feed::new(world.settings.clone(), transport, world.reports(), &world.cancel);
    feed.add(stream(&world, "a", numbers("a", 0, 20, 5), Conversion::of("a")));
    let error = feed.run(Panicking, world.component("store")).await.unwrap_err();
    assert!(matches!(error, FeedError::Saver), "{error:?}");
}
