//! Empties queues: batches of deliveries out, their fate back in.
//!
//! Queues have an order of preference. Each batch is from one queue, the most preferred that has a
//! message when the batch begins; queues of the same rank take turns. Several batches may be unsettled
//! at a time; what is unsettled when the connection ends or the consumer is closed, the broker delivers again.

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
    sync::{Notify, oneshot},
    task::JoinSet,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;

use self::{inbox::Inbox, supervisor::Supervisor};
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

/// One more queue for a consumer that works.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedQueue {
    /// Its name.
    pub queue: String,
    /// Its place in the order of preference, the most preferred first; those that the consumer began with have places from
    /// 0 on. Queues of the same place take turns.
    pub rank: usize,
    /// As for [`ConsumerSettings`].
    pub prefetch: u16,
    /// Bytes of its messages that may be here and unsettled. One message may go beyond it.
    pub max_bytes: usize,
}

/// Consumes in the background. Dropping it leaves unsettled messages to the broker.
pub struct Consumer {
    transport: Transport,
    sources: Vec<Source>,
    /// How many batches were handed out.
    handed_out: u64,
    arrived: Arc<Notify>,
    stop: CancellationToken,
    tasks: JoinSet<()>,
}

/// A queue that is consumed.
struct Source {
    inbox: Arc<Inbox>,
    rank: usize,
    /// Which batch was the last one of this queue.
    last_batch: u64,
    is_held_back: bool,
    stop: CancellationToken,
    /// Ends when the queue's connection is closed.
    closed: oneshot::Receiver<()>,
}

impl Consumer {
    /// Starts consuming, without waiting for a connection: that is made, and made anew, in the
    /// background. Needs a tokio runtime.
    #[allow(clippy::needless_pass_by_value)] // As the publisher takes its own.
    pub fn start(transport: Transport, settings: ConsumerSettings) -> Self {
        let mut consumer = Self {
            transport,
            sources: Vec::new(),
            handed_out: 0,
            arrived: Arc::default(),
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        };
        let max_bytes = settings.max_bytes / settings.queues.len().max(1);
        for (rank, queue) in settings.queues.into_iter().enumerate() {
            consumer.start_queue(AddedQueue { queue, rank, prefetch: settings.prefetch, max_bytes }, false);
        }
        consumer
    }

    /// Consumes another queue too, which is not among those that are consumed. Until its connection is made or fails, it
    /// changes nothing about [`is_connected`](Self::is_connected).
    pub fn add(&mut self, added: AddedQueue) {
        let is_connected = self.is_connected();
        self.start_queue(added, is_connected);
    }

    /// The same for one that counts as not connected until it is.
    pub fn add_new(&mut self, added: AddedQueue) {
        self.start_queue(added, false);
    }

    fn start_queue(&mut self, added: AddedQueue, is_connected: bool) {
        while self.tasks.try_join_next().is_some() {}
        let AddedQueue { queue, rank, prefetch, max_bytes } = added;
        let inbox = Arc::new(Inbox::new(&queue, prefetch, Arc::clone(&self.arrived)));
        inbox.set_connected(is_connected);
        let stop = self.stop.child_token();
        let (ended, closed) = oneshot::channel();
        let source = Source {
            inbox: Arc::clone(&inbox),
            rank,
            last_batch: 0,
            is_held_back: false,
            stop: stop.clone(),
            closed,
        };
        self.sources.push(source);
        match self.transport.clone() {
            Transport::Amqp(config) => {
                self.spawn(Supervisor { connector: Amqp(config), prefetch, max_bytes, inbox, stop }, ended);
            }
            Transport::InProcess(connector) => {
                self.spawn(Supervisor { connector, prefetch, max_bytes, inbox, stop }, ended);
            }
        }
    }

    fn spawn<C: Connector>(&mut self, supervisor: Supervisor<C>, ended: oneshot::Sender<()>) {
        self.tasks.spawn(async move {
            supervisor.run().await;
            drop(ended);
        });
    }

    /// Consumes a queue no more. What is here of it and was not handed out is dropped, and the broker delivers it again;
    /// batches that were handed out can no longer be settled, but for those that are settled already. The future ends
    /// when the broker knows, or is not there to know; losing it changes nothing.
    pub fn remove(&mut self, queue: &str) -> impl Future<Output = ()> + Send + use<> {
        let place = self.sources.iter().position(|source| *source.inbox.queue == *queue);
        let closed = place.map(|place| {
            let source = self.sources.remove(place);
            source.stop.cancel();
            source.closed
        });
        async move {
            if let Some(closed) = closed {
                // Nothing is ever sent: it ends when the other side does.
                let _ = closed.await;
            }
        }
    }

    /// Hands out no more of a queue, whose batches can still be settled, until it is [removed](Self::remove).
    pub fn hold_back(&mut self, queue: &str) {
        if let Some(source) = self.sources.iter_mut().find(|source| *source.inbox.queue == *queue) {
            source.is_held_back = true;
        }
    }

    /// Whether nothing of a queue is here and unsettled.
    pub fn is_idle(&self, queue: &str) -> bool {
        let source = self.sources.iter().find(|source| *source.inbox.queue == *queue);
        source.is_none_or(|source| source.inbox.unsettled() == 0)
    }

    /// Whether the broker can be reached now.
    pub fn is_connected(&self) -> bool {
        self.sources.iter().all(|source| source.inbox.is_connected())
    }

    /// Waits for a message, then collects from the same queue until the limit is reached, until the first message
    /// has waited for `max_delay`, or until no more can come before something is settled. `None` after
    /// [`close`](Self::close). Losing the future loses no message, and no time.
    pub async fn next_batch(&mut self, limit: BatchLimit, max_delay: Duration) -> Option<Delivered> {
        let limit = BatchLimit { messages: limit.messages.max(1), ..limit };
        while !self.stop.is_cancelled() {
            match self.next_in_turn() {
                None => self.arrived.notified().await,
                Some(place) => {
                    let inbox = &self.sources[place].inbox;
                    // Not from now on: the caller may drop this future and call again, however often.
                    let first_seen = inbox.waiting_since().unwrap_or_else(Instant::now);
                    self.wait_for_more(inbox, limit, first_seen + max_delay).await;
                    if let Some(delivered) = inbox.take(limit) {
                        self.handed_out += 1;
                        self.sources[place].last_batch = self.handed_out;
                        return Some(delivered);
                    }
                }
            }
        }
        None
    }

    /// Of the most preferred queues that have a message, the one whose last batch was longest ago.
    fn next_in_turn(&self) -> Option<usize> {
        let sources = self.sources.iter().enumerate();
        let waiting = sources.filter(|(_, source)| !source.is_held_back && !source.inbox.is_empty());
        let next = waiting.min_by_key(|(_, source)| (source.rank, source.last_batch));
        next.map(|(place, _)| place)
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
        sync::{mpsc, oneshot},
        task::JoinSet,
        time::{Instant, timeout},
    };
    use tokio_util::sync::CancellationToken;

    use super::{BatchLimit, Consumer, Delivery, Inbox, Source};
    use crate::transport::{Transport, in_process::Broker};

    const BRIEFLY: Duration = Duration::from_millis(1);

    /// A consumer whose inboxes the test fills; queues with their ranks.
    fn consumer(queues: &[(&str, usize)]) -> Consumer {
        let arrived = Arc::default();
        let source = |(queue, rank): &(&str, usize)| {
            let inbox = Arc::new(Inbox::new(queue, 10, Arc::clone(&arrived)));
            inbox.open(mpsc::unbounded_channel().0);
            let (stop, closed) = (CancellationToken::new(), oneshot::channel().1);
            Source { inbox, rank: *rank, last_batch: 0, is_held_back: false, stop, closed }
        };
        Consumer {
            transport: Transport::InProcess(Broker::new()),
            sources: queues.iter().map(source).collect(),
            handed_out: 0,
            arrived: Arc::clone(&arrived),
            stop: CancellationToken::new(),
            tasks: JoinSet::new(),
        }
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
        let mut consumer = consumer(&[("first", 0), ("second", 1), ("third", 2)]);
        consumer.sources[2].inbox.push(deliveries(3));
        assert_eq!(next(&mut consumer, 2).await, ("third".to_owned(), 2));
        consumer.sources[1].inbox.push(deliveries(3));
        consumer.sources[0].inbox.push(deliveries(1));
        assert_eq!(next(&mut consumer, 2).await, ("first".to_owned(), 1));
        assert_eq!(next(&mut consumer, 2).await, ("second".to_owned(), 2));
        assert_eq!(next(&mut consumer, 2).await, ("second".to_owned(), 1));
        assert_eq!(next(&mut consumer, 2).await, ("third".to_owned(), 1));
    }

    #[tokio::test]
    async fn queues_of_one_rank_take_turns() {
        let mut consumer = consumer(&[("a", 1), ("b", 1), ("c", 1), ("first", 0)]);
        for place in [0, 1, 2] {
            consumer.sources[place].inbox.push(deliveries(5));
        }
        let mut served = Vec::new();
        for _ in 0..4 {
            served.push(next(&mut consumer, 2).await.0);
        }
        consumer.sources[3].inbox.push(deliveries(1));
        for _ in 0..3 {
            served.push(next(&mut consumer, 2).await.0);
        }
        assert_eq!(served, ["a", "b", "c", "a", "first", "b", "c"]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_partial_batch_is_handed_out_in_time_to_a_caller_who_looks_elsewhere_meanwhile() {
        let mut consumer = consumer(&[("only", 0)]);
        let limit = BatchLimit::messages(10);
        let begin = Instant::now();
        consumer.sources[0].inbox.push(deliveries(3));
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
        consumer.sources[0].inbox.push(deliveries(1));
        let next = consumer.next_batch(limit, Duration::from_secs(60));
        assert!(timeout(Duration::from_secs(30), next).await.is_err());
    }

    #[tokio::test]
    async fn a_lost_connection_empties_the_inbox() {
        let mut consumer = consumer(&[("only", 0)]);
        consumer.sources[0].inbox.push(deliveries(5));
        consumer.sources[0].inbox.close();
        consumer.sources[0].inbox.open(mpsc::unbounded_channel().0);
        consumer.sources[0].inbox.push(deliveries(2));
        assert_eq!(next(&mut consumer, 10).await, ("only".to_owned(), 2));
    }
}
