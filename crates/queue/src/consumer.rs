//! Empties queues: batches of deliveries out, their fate back in.
//!
//! Queues have an order of preference. Each batch is from one queue, the most preferred that has a
//! message when the batch begins. Several batches may be unsettled at a time; what is unsettled when the
//! connection ends or the consumer is closed, the broker delivers again.

pub(crate) mod batch;
pub(crate) mod delivery;
mod inbox;
mod supervisor;
mod tap;

pub use self::{
    batch::{BatchLimit, Delivered, Ticket},
    delivery::{Delivery, Unreadable},
};

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::inbox::Inbox;
use crate::transport::{Transport, amqp::Amqp, link::Connector};

/// What a consumer reads.
#[derive(Clone, Debug)]
pub struct ConsumerSettings {
    /// Names of the queues, the most preferred first. They are not declared: one that does not exist, or
    /// may not be consumed, is tried again, after a second at first, then more and more rarely, once a
    /// minute at last.
    pub queues: Vec<String>,
    /// Messages per queue that may be here and unsettled; 0 for no limit.
    pub prefetch: u16,
    /// Bytes of messages that may be here and unsettled, shared out equally among the queues. One message per queue
    /// may go beyond it.
    pub max_bytes: usize,
}

impl ConsumerSettings {
    /// Of these queues, with limits that suit a daemon.
    pub fn of(queues: Vec<String>) -> Self {
        Self { queues, prefetch: 1000, max_bytes: 48 << 20 }
    }
}

/// Consumes in the background. Dropping it leaves unsettled messages to the broker.
pub struct Consumer {
    inboxes: Vec<Arc<Inbox>>,
    arrived: Arc<Notify>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

impl Consumer {
    /// Starts consuming, without waiting for a connection: that is made, and made anew, in the
    /// background. Needs a tokio runtime.
    #[allow(clippy::needless_pass_by_value)] // As the publisher takes its own.
    pub fn start(transport: Transport, settings: ConsumerSettings) -> Self {
        match transport {
            Transport::Amqp(config) => Self::start_over(&Amqp(config), &settings),
            Transport::InProcess(broker) => Self::start_over(&broker, &settings),
        }
    }

    fn start_over<C: Connector>(connector: &C, settings: &ConsumerSettings) -> Self {
        let arrived = Arc::new(Notify::new());
        let new_inbox = |queue: &String| Arc::new(Inbox::new(queue, settings.prefetch, Arc::clone(&arrived)));
        let inboxes: Vec<_> = settings.queues.iter().map(new_inbox).collect();
        let stop = CancellationToken::new();
        let max_bytes = settings.max_bytes / inboxes.len().max(1);
        let mut tasks = JoinSet::new();
        for inbox in &inboxes {
            let supervisor = supervisor::Supervisor {
                connector: connector.clone(),
                prefetch: settings.prefetch,
                max_bytes,
                inbox: Arc::clone(inbox),
                stop: stop.clone(),
            };
            tasks.spawn(supervisor.run());
        }
        Self { inboxes, arrived, stop, tasks }
    }

    /// Whether the broker can be reached now.
    pub fn is_connected(&self) -> bool {
        self.inboxes.iter().all(|inbox| inbox.is_connected())
    }

    /// Waits for a message, then collects from the same queue until the limit is reached, until the first message
    /// has waited for `max_delay`, or until no more can come before something is settled. `None` after
    /// [`close`](Self::close). Losing the future loses no message, and no time.
    pub async fn next_batch(&mut self, limit: BatchLimit, max_delay: Duration) -> Option<Delivered> {
        let limit = BatchLimit { messages: limit.messages.max(1), ..limit };
        while !self.stop.is_cancelled() {
            match self.inboxes.iter().find(|inbox| !inbox.is_empty()) {
                None => self.arrived.notified().await,
                Some(inbox) => {
                    // Not from now on: the caller may drop this future and call again, however often.
                    let first_seen = inbox.waiting_since().unwrap_or_else(Instant::now);
                    self.wait_for_more(inbox, limit, first_seen + max_delay).await;
                    if let Some(delivered) = inbox.take(limit) {
                        return Some(delivered);
                    }
                }
            }
        }
        None
    }

    async fn wait_for_more(&self, inbox: &Inbox, limit: BatchLimit, deadline: Instant) {
        while inbox.may_grow(limit) {
            if timeout_at(deadline, self.arrived.notified()).await.is_err() {
                break;
            }
        }
    }

    /// Settles a batch; see [`Ticket::settle`].
    pub fn settle(&mut self, ticket: Ticket, rejected: &[usize]) {
        ticket.settle(rejected);
    }

    /// Stops consuming: acknowledges what was settled, gives back the rest, disconnects.
    pub async fn close(&mut self) {
        self.stop.cancel();
        while self.tasks.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::{sync::Arc, time::Duration};

    use tokio::{
        sync::{Notify, mpsc},
        task::JoinSet,
        time::{Instant, timeout},
    };
    use tokio_util::sync::CancellationToken;

    use super::{BatchLimit, Consumer, Delivery, Inbox};

    const BRIEFLY: Duration = Duration::from_millis(1);

    /// A consumer whose inboxes the test fills.
    fn consumer(queues: &[&str]) -> Consumer {
        let arrived = Arc::new(Notify::new());
        let inboxes: Vec<_> =
            queues.iter().map(|queue| Arc::new(Inbox::new(queue, 10, Arc::clone(&arrived)))).collect();
        for inbox in &inboxes {
            inbox.open(mpsc::unbounded_channel().0);
        }
        Consumer { inboxes, arrived, stop: CancellationToken::new(), tasks: JoinSet::new() }
    }

    fn deliveries(count: usize) -> impl Iterator<Item = Delivery> {
        std::iter::repeat_n(Delivery::default(), count)
    }

    async fn next(consumer: &mut Consumer, max: usize) -> (String, usize) {
        let delivered = consumer.next_batch(BatchLimit::messages(max), BRIEFLY).await.unwrap();
        (delivered.queue.to_string(), delivered.deliveries.len())
    }

    #[tokio::test]
    async fn the_most_preferred_queue_with_a_message_is_chosen_at_every_batch() {
        let mut consumer = consumer(&["first", "second", "third"]);
        consumer.inboxes[2].push(deliveries(3));
        assert_eq!(next(&mut consumer, 2).await, ("third".to_owned(), 2));
        consumer.inboxes[1].push(deliveries(3));
        consumer.inboxes[0].push(deliveries(1));
        assert_eq!(next(&mut consumer, 2).await, ("first".to_owned(), 1));
        assert_eq!(next(&mut consumer, 2).await, ("second".to_owned(), 2));
        assert_eq!(next(&mut consumer, 2).await, ("second".to_owned(), 1));
        assert_eq!(next(&mut consumer, 2).await, ("third".to_owned(), 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_partial_batch_is_handed_out_in_time_to_a_caller_who_looks_elsewhere_meanwhile() {
        let mut consumer = consumer(&["only"]);
        let limit = BatchLimit::messages(10);
        let begin = Instant::now();
        consumer.inboxes[0].push(deliveries(3));
        let delivered = loop {
            let next = consumer.next_batch(limit, Duration::from_secs(60));
            if let Ok(delivered) = timeout(Duration::from_millis(500), next).await {
                break delivered.unwrap();
            }
            assert!(begin.elapsed() < Duration::from_secs(90), "the partial batch never comes");
        };
        assert_eq!(delivered.deliveries.len(), 3);
        assert!(begin.elapsed() >= Duration::from_secs(59));
        // What arrives later waits for its own time.
        consumer.inboxes[0].push(deliveries(1));
        let next = consumer.next_batch(limit, Duration::from_secs(60));
        assert!(timeout(Duration::from_secs(30), next).await.is_err());
    }

    #[tokio::test]
    async fn a_lost_connection_empties_the_inbox() {
        let mut consumer = consumer(&["only"]);
        consumer.inboxes[0].push(deliveries(5));
        consumer.inboxes[0].close();
        consumer.inboxes[0].open(mpsc::unbounded_channel().0);
        consumer.inboxes[0].push(deliveries(2));
        assert_eq!(next(&mut consumer, 10).await, ("only".to_owned(), 2));
    }
}
