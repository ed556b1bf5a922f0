//! What the publisher does when, to the second: time is only as fast as the tests need it.

mod obedient;
mod random;

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    time::{Instant, timeout},
};

use self::obedient::{Orders, broker};
use super::{Batch, Outgoing, Publisher, PublisherSettings, SubmitError};
use crate::transport::link::Outcome::{Confirmed, Refused, Unroutable};

const A_WHILE: Duration = Duration::from_millis(50);

fn settings(max_in_transit: usize) -> PublisherSettings {
    PublisherSettings { queue: "any".to_owned(), max_in_transit, ..PublisherSettings::default() }
}

/// Hears which batches are confirmed.
struct Callbacks {
    sender: UnboundedSender<String>,
    receiver: UnboundedReceiver<String>,
}

impl Callbacks {
    fn new() -> Self {
        let (sender, receiver) = unbounded_channel();
        Self { sender, receiver }
    }

    /// A batch of one message for each word of `ids`.
    fn batch(&self, id: &str, ids: &str) -> Batch {
        let (sender, confirmed) = (self.sender.clone(), id.to_owned());
        let outgoing =
            |id: &str| Outgoing { correlation_id: id.to_owned(), type_name: "any", body: Vec::new() };
        Batch {
            id: id.to_owned(),
            messages: ids.split(' ').map(outgoing).collect(),
            on_confirmed: Box::new(move |_| sender.send(confirmed).unwrap()),
        }
    }

    /// Those that have run by now.
    async fn so_far(&mut self) -> Vec<String> {
        tokio::time::sleep(A_WHILE).await;
        std::iter::from_fn(|| self.receiver.try_recv().ok()).collect()
    }
}

/// A publisher to which one batch, `a b c …`, is submitted.
async fn publishing(max_in_transit: usize, ids: &str) -> (Publisher, Orders, Callbacks) {
    let (broker, orders) = broker();
    let publisher = Publisher::start_over(broker, settings(max_in_transit));
    let callbacks = Callbacks::new();
    publisher.submit(callbacks.batch("batch", ids)).await.unwrap();
    (publisher, orders, callbacks)
}

#[tokio::test(start_paused = true)]
async fn one_permit_means_one_unconfirmed_message() {
    let (_publisher, mut orders, _) = publishing(1, "a b c").await;
    for id in ["a", "b", "c"] {
        orders.sends(&[id]).await;
        orders.say(&[Confirmed]);
    }
    orders.sends(&[]).await;
}

#[tokio::test(start_paused = true)]
async fn three_permits_mean_three_unconfirmed_messages() {
    let (publisher, mut orders, callbacks) = publishing(3, "a b").await;
    publisher.submit(callbacks.batch("next", "c d e f")).await.unwrap();
    // The next batch does not wait for the confirms of the one before.
    orders.sends(&["a", "b", "c"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["d"]).await;
    orders.say(&[Confirmed, Confirmed]);
    orders.sends(&["e", "f"]).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_new_is_sent_until_what_was_refused_is_confirmed() {
    let (_publisher, mut orders, mut callbacks) = publishing(3, "a b c d e f").await;
    orders.sends(&["a", "b", "c"]).await;
    orders.say(&[Refused, Confirmed]);
    orders.sends(&[]).await;
    orders.say(&[Refused]);
    orders.sends(&["a"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["c"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["d", "e", "f"]).await;
    orders.say(&[Confirmed, Confirmed]);
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
    orders.say(&[Confirmed]);
    assert_eq!(callbacks.so_far().await, ["batch"]);
}

#[tokio::test(start_paused = true)]
async fn a_message_refused_again_and_again_is_sent_after_1_2_4_to_600_seconds() {
    let (_publisher, mut orders, _) = publishing(1, "a b").await;
    let mut pauses = Vec::new();
    assert_eq!(orders.sent().await, "a");
    for _ in 0..13 {
        let refused_at = Instant::now();
        orders.say(&[Refused]);
        assert_eq!(orders.sent().await, "a");
        pauses.push(refused_at.elapsed().as_secs());
    }
    assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600, 600]);
    // After a recovery it begins anew.
    orders.say(&[Confirmed]);
    assert_eq!(orders.sent().await, "b");
    for expected in [1, 2] {
        let refused_at = Instant::now();
        orders.say(&[Refused]);
        assert_eq!(orders.sent().await, "b");
        assert_eq!(refused_at.elapsed().as_secs(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn refusals_of_one_moment_cost_one_pause() {
    let (_publisher, mut orders, _) = publishing(3, "a b c").await;
    orders.sends(&["a", "b", "c"]).await;
    for expected in [1, 2, 4] {
        let refused_at = Instant::now();
        orders.say(if expected == 1 { &[Refused; 3] } else { &[Refused] });
        assert_eq!(orders.sent().await, "a");
        assert_eq!(refused_at.elapsed().as_secs(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_callback_runs_once_after_the_last_confirm() {
    let (publisher, mut orders, mut callbacks) = publishing(9, "a b c").await;
    publisher.submit(callbacks.batch("next", "d")).await.unwrap();
    orders.sends(&["a", "b", "c", "d"]).await;
    orders.say(&[Confirmed, Confirmed]);
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
    // A callback of a batch may rely on all batches before it.
    orders.say(&[Refused, Confirmed]);
    orders.sends(&["c"]).await;
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
    orders.say(&[Confirmed]);
    assert_eq!(callbacks.so_far().await, ["batch", "next"]);
    orders.cut();
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
    orders.sends(&[]).await;
}

#[tokio::test(start_paused = true)]
async fn what_a_lost_connection_leaves_unconfirmed_is_sent_again_in_order() {
    let (_publisher, mut orders, mut callbacks) = publishing(3, "a b c d e").await;
    orders.sends(&["a", "b", "c"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["d"]).await;
    orders.cut();
    orders.sends(&["b", "c", "d"]).await;
    orders.cut();
    orders.sends(&["b", "c", "d"]).await;
    orders.say(&[Confirmed, Confirmed, Confirmed]);
    orders.sends(&["e"]).await;
    orders.say(&[Confirmed]);
    assert_eq!(callbacks.so_far().await, ["batch"]);
}

#[tokio::test(start_paused = true)]
async fn a_connection_lost_while_messages_are_refused_keeps_them() {
    let (_publisher, mut orders, mut callbacks) = publishing(2, "a b c").await;
    orders.sends(&["a", "b"]).await;
    orders.say(&[Refused]);
    orders.cut();
    orders.sends(&["a"]).await;
    orders.say(&[Refused]);
    // In the middle of the pause.
    tokio::time::sleep(A_WHILE).await;
    orders.cut();
    orders.sends(&["a"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["b"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["c"]).await;
    orders.say(&[Confirmed]);
    assert_eq!(callbacks.so_far().await, ["batch"]);
}

#[tokio::test(start_paused = true)]
async fn from_a_returned_message_on_all_are_sent_again_to_a_new_queue() {
    let (_publisher, mut orders, mut callbacks) = publishing(4, "a b c d").await;
    assert!(orders.connected().await);
    orders.sends(&["a", "b", "c", "d"]).await;
    orders.say(&[Confirmed, Unroutable, Confirmed, Confirmed]);
    assert!(orders.connected().await, "connecting declares the queue");
    orders.sends(&["b"]).await;
    orders.say(&[Confirmed]);
    orders.sends(&["c", "d"]).await;
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
    orders.say(&[Confirmed, Confirmed]);
    assert_eq!(callbacks.so_far().await, ["batch"]);
}

#[tokio::test(start_paused = true)]
async fn a_broker_out_of_reach_is_tried_every_five_seconds_at_last() {
    let (broker, mut orders) = broker();
    orders.set_reachable(false);
    let publisher = Publisher::start_over(broker, settings(1));
    let callbacks = Callbacks::new();
    publisher.submit(callbacks.batch("batch", "a")).await.unwrap();
    assert!(!orders.connected().await);
    let mut pauses = Vec::new();
    for _ in 0..100 {
        let tried_at = Instant::now();
        assert!(!orders.connected().await);
        pauses.push(tried_at.elapsed().as_secs());
    }
    assert_eq!(pauses[..3], [1, 2, 4]);
    assert!(pauses[3..].iter().all(|pause| *pause == 5), "{pauses:?}");
    assert!(!publisher.is_connected());
    orders.set_reachable(true);
    orders.sends(&["a"]).await;
    assert!(publisher.is_connected());
}

#[tokio::test(start_paused = true)]
async fn shutdown_refuses_what_comes_later_and_finishes_what_came_before() {
    let (broker, mut orders) = broker();
    let narrow = PublisherSettings { max_batches: 1, ..settings(1) };
    let publisher = Arc::new(Publisher::start_over(broker, narrow));
    let mut callbacks = Callbacks::new();
    publisher.submit(callbacks.batch("sent", "a")).await.unwrap();
    orders.sends(&["a"]).await;
    publisher.submit(callbacks.batch("in line", "b")).await.unwrap();
    let waiting = {
        let (publisher, batch) = (Arc::clone(&publisher), callbacks.batch("waiting", "c"));
        tokio::spawn(async move { publisher.submit(batch).await })
    };
    tokio::time::sleep(A_WHILE).await;
    assert!(!waiting.is_finished());

    let stopping = Arc::clone(&publisher);
    let stopped = tokio::spawn(async move { stopping.shutdown().await });
    assert_eq!(waiting.await.unwrap(), Err(SubmitError::ShutDown));
    assert_eq!(publisher.submit(callbacks.batch("late", "d")).await, Err(SubmitError::ShutDown));
    let hopeless = Batch { messages: Vec::new(), ..callbacks.batch("x:y", "z") };
    assert_eq!(publisher.submit(hopeless).await, Err(SubmitError::ShutDown), "checked before all else");

    orders.say(&[Refused]);
    orders.sends(&["a"]).await;
    assert!(!stopped.is_finished());
    orders.say(&[Confirmed]);
    orders.sends(&["b"]).await;
    orders.say(&[Confirmed]);
    stopped.await.unwrap();
    assert_eq!(callbacks.so_far().await, ["sent", "in line"]);
    publisher.shutdown().await;
}

#[tokio::test(start_paused = true)]
async fn shutdown_waits_for_a_broker_only_if_something_is_unconfirmed() {
    let (broker, mut orders) = broker();
    orders.set_reachable(false);
    let idle = Publisher::start_over(broker.clone(), settings(1));
    timeout(A_WHILE, idle.shutdown()).await.expect("there is nothing to wait for");

    let busy = Publisher::start_over(broker, settings(1));
    let mut callbacks = Callbacks::new();
    busy.submit(callbacks.batch("batch", "a")).await.unwrap();
    assert!(timeout(Duration::from_secs(3600), busy.shutdown()).await.is_err());
    orders.set_reachable(true);
    orders.sends(&["a"]).await;
    orders.say(&[Confirmed]);
    busy.shutdown().await;
    assert_eq!(callbacks.so_far().await, ["batch"]);
}

#[tokio::test(start_paused = true)]
async fn dropped_it_sends_no_more_and_runs_no_callback() {
    let (publisher, mut orders, mut callbacks) = publishing(2, "a b c").await;
    orders.sends(&["a", "b"]).await;
    orders.say(&[Confirmed, Refused]);
    tokio::time::sleep(A_WHILE).await;
    drop(publisher);
    tokio::time::sleep(Duration::from_secs(3600)).await;
    orders.sends(&[]).await;
    assert_eq!(callbacks.so_far().await, Vec::<String>::new());
}
