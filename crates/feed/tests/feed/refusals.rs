//! Items that are left out.

use crate::world::{Conversion, World, message, numbers, stream};

#[tokio::test(flavor = "multi_thread")]
async fn a_conversion_that_panics_leaves_a_record_with_its_place_and_the_next_goes_on() {
    let world = World::new(1000);
    let mut feed = world.feed();
    let conversion = Conversion { panics: vec![3, 4, 9], ..Conversion::of("a") };
    let mut stream = stream(&world, "a", numbers("a", 0, 10, 5), conversion);
    stream.batch.items = 4;
    feed.add(stream);
    feed.run(world.memory.clone(), world.component("store")).await.unwrap();
    let records = world.memory.with(|kept| kept.records.clone());
    assert_eq!(records.len(), 3, "{records:?}");
    for (record, number) in records.iter().zip([3, 4, 9]) {
        assert!(record.starts_with(&format!("{number}: the program failed on it at ")), "{record}");
        assert!(record.contains("world.rs:") && !record.contains("Clara"), "{record}");
    }
    let taken: Vec<u32> = world.take(7).await.into_iter().map(|(_, number)| number).collect();
    assert_eq!(taken, [1, 2, 5, 6, 7, 8, 10]);
    assert_eq!(world.memory.position("a"), Some(10));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_is_too_large_is_not_sent_and_the_next_goes_on() {
    let mut world = World::new(1000);
    world.settings.publisher.max_message_bytes = message("a", 9).to_json_for(world.settings.features).len();
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 0, 12, 5), Conversion::of("a")));
    feed.run(world.memory.clone(), world.component("store")).await.unwrap();
    let records = world.memory.with(|kept| kept.records.clone());
    assert_eq!(records.len(), 3, "{records:?}");
    assert!(records[0].starts_with("10: its message has "), "{records:?}");
    assert_eq!((world.depth(), world.memory.position("a")), (9, Some(12)));
}

#[tokio::test(flavor = "multi_thread")]
async fn records_of_a_stretch_without_marks_are_saved_before_its_end() {
    let world = World::new(1000);
    let mut source = numbers("a", 0, 0, 1);
    let items: Vec<_> = (1..=6).map(emap_feed::Piece::Item).collect();
    source.steps = [Ok(crate::world::block(&items))].into();
    let mut feed = world.feed();
    let conversion = Conversion { rejected: vec![2, 3], ..Conversion::of("a") };
    feed.add(stream(&world, "a", source, conversion));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    crate::world::until("the records", || world.memory.with(|kept| kept.records.len() == 2)).await;
    assert_eq!(world.memory.position("a"), None);
    world.cancel.cancel();
    running.await.unwrap().unwrap();
}
