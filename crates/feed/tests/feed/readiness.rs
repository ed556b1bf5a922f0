//! When a feed says that it is ready.

use std::time::Duration;

use emap_feed::{Feed, ProgressStore, Settled, Step};
use emap_queue::Transport;

use crate::world::{Conversion, Memory, Position, Script, World, numbers, stream, until};

const SOON: Duration = Duration::from_millis(50);

/// A store that hangs on demand.
struct Hanging {
    memory: Memory,
    hang: std::sync::mpsc::Receiver<()>,
}

impl ProgressStore for Hanging {
    type Position = Position;
    type Record = String;
    type Error = &'static str;

    fn save(&mut self, settled: &Settled<Position, String>) -> Result<(), &'static str> {
        // An error: the test goes on.
        let _ = self.hang.recv();
        self.memory.save(settled)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_ready_after_the_first_save_and_not_when_connected() {
    let mut world = World::new(1000);
    world.settings.stall_limit = SOON;
    let (go_on, hang) = std::sync::mpsc::channel();
    let transport = Transport::InProcess(world.broker.clone());
    let mut feed = Feed::new(world.settings.clone(), transport, world.reports(), &world.cancel);
    let mut source = numbers("a", 0, 5, 5);
    source.steps.truncate(1);
    feed.add(stream(&world, "a", source, Conversion::of("a")));
    let store = Hanging { memory: world.memory.clone(), hang };
    let running = tokio::spawn(feed.run(store, world.component("store")));
    until("all messages", || world.depth() == 5).await;
    until("every part", || ["broker", "a", "store"].iter().all(|part| world.component(part).is_up())).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(!world.health.is_ready(), "nothing is saved yet");
    drop(go_on);
    until("readiness", || world.health.is_ready()).await;
    // Now the source does not answer.
    let down = "nothing was settled for 0 s: the source does not answer";
    until("the silence to show", || world.is_down("progress", down)).await;
    assert!(world.component("a").is_up());
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_to_send_it_is_ready_when_every_part_works() {
    let mut world = World::new(1000);
    world.settings.stall_limit = SOON;
    let hours = Step::Nothing { look_again: Duration::from_secs(7200) };
    let mut feed = world.feed();
    feed.add(stream(&world, "a", Script::of([Ok(hours)]), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("readiness", || world.health.is_ready()).await;
    tokio::time::sleep(Duration::from_millis(1200)).await;
    assert!(world.health.is_ready(), "it waits because there is nothing");
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_is_no_reason_to_be_down() {
    let mut world = World::new(3);
    world.settings.stall_limit = SOON;
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 0, 50, 5), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("a full queue", || world.memory.position("a") == Some(3)).await;
    until("readiness", || world.health.is_ready()).await;
    for _ in 0..120 {
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert!(world.health.is_ready(), "{}", world.health.to_json());
    }
    running.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn while_a_part_is_down_so_is_the_progress() {
    let world = World::new(1000);
    world.memory.with(|kept| kept.failures = usize::MAX);
    let mut feed = world.feed();
    feed.add(stream(&world, "a", numbers("a", 0, 5, 5), Conversion::of("a")));
    let running = tokio::spawn(feed.run(world.memory.clone(), world.component("store")));
    until("the failure to save", || world.is_down("store", "store is away")).await;
    until("progress to follow", || world.is_down("progress", "waits for what is down")).await;
    world.memory.with(|kept| kept.failures = 0);
    running.await.unwrap().unwrap();
}
