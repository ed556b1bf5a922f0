//! How a feed ends.

use std::time::Duration;

use emap_feed::{Ended, FeedError, Piece};

use crate::world::{Conversion, Script, World, block, numbers, stream, until};

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_ends_ends_the_feed_when_all_is_confirmed_and_saved() {
    let world = World::new(10);
    let mut feed = world.feed();
    let ending = feed.add(stream(&world, "a", numbers("a", 0, 30, 7), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("a full queue", || world.memory.position("a") == Some(10)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert!(!running.is_finished(), "20 messages have no place on the queue yet");
    let taken: Vec<u32> = world.take(30).await.into_iter().map(|(_, number)| number).collect();
    assert_eq!(running.await.unwrap().unwrap(), Ended { confirmed: true, saved: true });
    assert_eq!(ending.reached(), Some("end"));
    assert_eq!(world.memory.position("a"), Some(30));
    let mut sorted = taken.clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=30).collect::<Vec<_>>());
    assert_eq!(taken[..10], sorted[..10], "nothing was refused yet, so the order is that of the source");
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_in_the_middle_it_saves_what_is_confirmed_and_the_next_goes_on_there() {
    let mut world = World::new(5);
    world.settings.drain_limit = Duration::from_millis(50);
    let mut feed = world.feed();
    let ending = feed.add(stream(&world, "a", numbers("a", 0, 40, 10), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("a full queue", || world.depth() == 5).await;
    world.cancel.cancel();
    let ended =
        tokio::time::timeout(Duration::from_secs(4), running).await.expect("the drain limit is 50 ms");
    assert_eq!(ended.unwrap().unwrap(), Ended { confirmed: false, saved: true });
    assert_eq!((ending.reached(), world.memory.position("a")), (None, Some(5)));

    world.cancel = tokio_util::sync::CancellationToken::new();
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 5, 40, 10), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    let mut taken: Vec<u32> = world.take(40).await.into_iter().map(|(_, number)| number).collect();
    running.await.unwrap().unwrap();
    taken.sort_unstable();
    assert_eq!(taken, (1..=40).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn cancelled_with_the_broker_taking_all_it_drains() {
    let world = World::new(1000);
    let mut feed = world.feed();
    let pieces: Vec<_> =
        (1..=100).flat_map(|number| [Piece::Item(number), Piece::Mark(("a", number))]).collect();
    let source = Script::of([Ok(block(&pieces))]);
    feed.add(stream(&world, "a", source, Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("messages", || world.depth() > 0).await;
    world.cancel.cancel();
    assert_eq!(running.await.unwrap().unwrap(), Ended { confirmed: true, saved: true });
    assert_eq!(world.memory.position("a").unwrap() as usize, world.depth(), "progress is all that was sent");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_panics_ends_the_feed_with_an_error_after_progress_is_saved() {
    struct Panicking(Script);
    impl emap_feed::BlockingSource for Panicking {
        type Item = u32;
        type Position = crate::world::Position;
        type End = ();
        type Error = &'static str;

        fn next(&mut self) -> Result<emap_feed::Step<u32, crate::world::Position, ()>, &'static str> {
            match self.0.steps.pop_front().unwrap().unwrap() {
                emap_feed::Step::Block(block) => Ok(emap_feed::Step::Block(block)),
                _ => panic!("of Téapot, Clara"),
            }
        }
    }
    let world = World::new(100);
    let mut feed = world.feed();
    let source = emap_feed::Blocking::new(Panicking(numbers("a", 0, 3, 1)));
    feed.add(emap_feed::Stream::new("a", source, Conversion::of("a"), world.component("a")));
    feed.add(stream(&world, "b", Script::default(), Conversion::of("b")));
    let error = feed.run(world.memory.clone(), world.component("store")).await.unwrap_err();
    assert!(matches!(&error, FeedError::Stream(name) if name == "a"), "{error:?}");
    assert_eq!(error.to_string(), "stream a broke down");
    // What was read last may not have been sent any more.
    assert_eq!(world.memory.position("a").unwrap_or(0) as usize, world.depth());
    assert!(!world.cancel.is_cancelled(), "the caller's token is the caller's");
}
