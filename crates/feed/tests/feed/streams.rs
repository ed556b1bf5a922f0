//! Several streams beside each other.

use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use emap_feed::{Pace, Piece, Step};

use crate::world::{Conversion, Script, World, block, numbers, stream, until};

#[tokio::test(flavor = "multi_thread")]
async fn each_has_its_own_progress_and_order() {
    let world = World::new(1000);
    let mut feed = world.feed();
    for (name, last) in [("a", 100), ("b", 7), ("c", 0), ("d", 55)] {
        feed.add(stream(&world, name, numbers(name, 0, last, 9), Conversion::of(name)));
    }
    feed.run(world.memory.clone(), world.component("store")).await.unwrap();
    let positions = world.memory.with(|kept| kept.positions.clone());
    assert_eq!(positions.into_iter().collect::<Vec<_>>(), [("a", 100), ("b", 7), ("d", 55)]);
    let taken = world.take(162).await;
    for (name, last) in [("a", 100), ("b", 7), ("d", 55)] {
        let of_stream: Vec<u32> =
            taken.iter().filter(|(stream, _)| stream == name).map(|(_, number)| *number).collect();
        assert_eq!(of_stream, (1..=last).collect::<Vec<_>>());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_that_fails_recovers_before_it_is_asked_again_and_holds_up_no_other() {
    let world = World::new(1000);
    let mut failing = numbers("a", 0, 3, 3);
    let calls = Arc::clone(&failing.calls);
    for _ in 0..40 {
        failing.steps.push_front(Err("source is away"));
    }
    let mut feed = world.feed();
    feed.add(stream(&world, "a", failing, Conversion::of("a")));
    feed.add(stream(&world, "b", numbers("b", 0, 3, 3), Conversion::of("b")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("the other stream", || world.memory.position("b") == Some(3)).await;
    assert!(world.is_down("a", "source is away"));
    assert!(world.component("b").is_up());
    running.await.unwrap().unwrap();
    assert!(world.component("a").is_up());
    assert_eq!(world.memory.position("a"), Some(3));
    assert_eq!(calls.recover.load(Ordering::Relaxed), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_with_nothing_new_is_asked_again_when_it_said() {
    let world = World::new(1000);
    let soon = Step::Nothing { look_again: Duration::from_millis(5) };
    let hours = Step::Nothing { look_again: Duration::from_secs(7200) };
    let source = Script::of([Ok(soon), Ok(block(&[Piece::Item(1), Piece::Mark(("a", 1))])), Ok(hours)]);
    let calls = Arc::clone(&source.calls);
    let mut feed = world.feed();
    let ending = feed.add(stream(&world, "a", source, Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("the message", || world.memory.position("a") == Some(1)).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(calls.next.load(Ordering::Relaxed), 3);
    world.cancel.cancel();
    running.await.unwrap().unwrap();
    assert_eq!(ending.reached(), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn mark_by_mark_nothing_is_read_before_the_last_mark_is_confirmed() {
    let world = World::new(1);
    let source = Script::of([
        Ok(block(&[Piece::Item(1)])),
        Ok(block(&[Piece::Item(2), Piece::Mark(("a", 2))])),
        Ok(block(&[Piece::Mark(("a", 3))])),
        Ok(block(&[Piece::Item(4), Piece::Mark(("a", 4))])),
        Ok(Step::End("end")),
    ]);
    let calls = Arc::clone(&source.calls);
    let mut feed = world.feed();
    let mut stream = stream(&world, "a", source, Conversion::of("a"));
    stream.pace = Pace::MarkByMark;
    feed.add(stream);
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("a full queue", || world.depth() == 1).await;
    tokio::time::sleep(Duration::from_millis(50)).await;
    assert_eq!(calls.next.load(Ordering::Relaxed), 2, "the second message is refused for now");
    world.take(1).await;
    // Nothing of the third block is sent, so that its mark is passed at once.
    until("the mark", || world.memory.position("a") == Some(3)).await;
    until("the fourth block", || calls.next.load(Ordering::Relaxed) == 4).await;
    world.take(2).await;
    running.await.unwrap().unwrap();
    assert_eq!(world.memory.position("a"), Some(4));
}
