//! The task that sends, hears what became of it, and sends again.

use std::{
    collections::VecDeque,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

use futures::FutureExt;
use metrics::{Counter, Gauge};
use tokio::{sync::mpsc, time::sleep};
use tokio_util::sync::CancellationToken;

use super::{
    batch::{Batch, GivenUp, GivenUpReason, Outgoing},
    ledger::Ledger,
    settings::PublisherSettings,
    shared::{Admitted, Shared},
};
use crate::{
    backoff::Backoff,
    transport::link::{Connector, LinkError, Outcome, Publish},
};

/// How often it is looked whether the broker holds back while messages are in transit.
const HELD_BACK_LOOK: Duration = Duration::from_millis(500);

/// Sends the batches of one publisher.
pub(super) struct Worker<C> {
    connector: C,
    settings: PublisherSettings,
    inbox: mpsc::Receiver<Admitted>,
    inbox_closed: bool,
    stop: CancellationToken,
    stopping: bool,
    ledger: Ledger,
    shared: Arc<Shared>,
    /// Not sent yet, of the batch begun last.
    fresh: VecDeque<Item>,
    /// To be sent once more, before anything fresh; with those in transit never more than may be.
    again: VecDeque<Item>,
    /// Sent and without an outcome, in order.
    transit: VecDeque<Item>,
    refused: Vec<Item>,
    mode: Mode,
    /// Whether a message found no queue, which then must be declared anew. Nothing that comes after it
    /// over the same connection counts as confirmed: a broker confirms what it returns as well, and
    /// where it confirms several at once, which of them it returned is not known for sure.
    queue_gone: bool,
    refusals: Backoff,
    /// Pauses before connections; a connection over which nothing was confirmed is no reason to hurry.
    reconnects: Backoff,
    progress: bool,
    numbers: u64,
    meters: Meters,
}

/// A message on its way.
struct Item {
    /// Counts messages in the order of submission.
    number: u64,
    batch: u64,
    message: Arc<Outgoing>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Send as many as may be in transit.
    Flowing,
    /// As many, but nothing fresh until everything sent before is confirmed: so that no message is
    /// overtaken by more than were in transit with it.
    CatchingUp,
    /// A message was refused: send nothing, hear what became of the others, then pause.
    Halted,
    /// After a pause: one message at a time, until one is taken.
    Probing,
}

struct Meters {
    confirmed: Counter,
    refused: Counter,
    given_up: Counter,
    in_transit: Gauge,
    held_back: Gauge,
}

impl Meters {
    fn new(queue: &str) -> Self {
        let queue = queue.to_owned();
        Self {
            confirmed: metrics::counter!("emap_publisher_confirmed_total", "queue" => queue.clone()),
            refused: metrics::counter!("emap_publisher_refused_total", "queue" => queue.clone()),
            given_up: metrics::counter!("emap_publisher_given_up_total", "queue" => queue.clone()),
            in_transit: metrics::gauge!("emap_publisher_in_transit", "queue" => queue.clone()),
            held_back: metrics::gauge!("emap_publisher_held_back", "queue" => queue),
        }
    }
}

impl<C: Connector> Worker<C> {
    pub(super) fn new(
        connector: C,
        settings: PublisherSettings,
        inbox: mpsc::Receiver<Admitted>,
        stop: CancellationToken,
        ledger: Ledger,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            connector,
            inbox,
            inbox_closed: false,
            stop,
            stopping: false,
            ledger,
            shared,
            fresh: VecDeque::new(),
            again: VecDeque::new(),
            transit: VecDeque::new(),
            refused: Vec::new(),
            mode: Mode::Flowing,
            queue_gone: false,
            refusals: Backoff::new(settings.retry_initial, settings.retry_maximum),
            reconnects: Backoff::reconnecting(settings.retry_initial),
            progress: true,
            numbers: 0,
            meters: Meters::new(&settings.queue),
            settings,
        }
    }

    /// Works until it is stopped, and then until everything is confirmed.
    pub(super) async fn run(mut self) {
        while let Some(mut link) = self.connect().await {
            self.queue_gone = false;
            self.progress = false;
            self.shared.connected.store(true, Ordering::Relaxed);
            let ended = self.serve(&mut link).await;
            self.shared.connected.store(false, Ordering::Relaxed);
            self.report_held_back(false);
            match ended {
                Ok(()) => return link.close().await,
                Err(error) => {
                    tracing::warn!(queue = self.settings.queue, %error, "cannot publish any more, connecting again");
                    if matches!(error, LinkError::TooLarge) {
                        self.isolate_too_large();
                    }
                    self.recall();
                }
            }
        }
    }

    /// Connects and declares the queue, however long it takes; `None` if there is nothing left to do.
    async fn connect(&mut self) -> Option<C::Publishing> {
        let (connector, settings) = (self.connector.clone(), self.settings.clone());
        let mut backoff = self.reconnects.clone();
        let mut pause = (!self.progress).then(|| backoff.pause());
        if self.progress {
            backoff.reset();
        }
        let queue = &settings.queue;
        let connected = async {
            loop {
                if let Some(pause) = pause {
                    sleep(pause).await;
                }
                match connector.open_publishing(queue, settings.queue_length).await {
                    Ok(link) => {
                        tracing::info!(queue, "connected, queue declared");
                        return (link, backoff);
                    }
                    Err(error) => {
                        let next = *pause.insert(backoff.pause());
                        tracing::warn!(queue, %error, pause = ?next, "cannot publish, trying again");
                    }
                }
            }
        };
        tokio::select! {
            (link, backoff) = connected => {
                self.reconnects = backoff;
                Some(link)
            }
            () = self.nothing_left() => None,
        }
    }

    /// The broker ended the channel because one of the messages in transit is larger than it takes. If only one was,
    /// it is known which; else they are sent one by one from now on.
    fn isolate_too_large(&mut self) {
        if self.transit.len() == 1
            && let Some(item) = self.transit.pop_front()
        {
            self.give_up(&item, GivenUpReason::AboveBrokersLimit);
            self.progress = true;
        }
        self.mode = Mode::Halted;
    }

    /// Lets what is behind a message go on without it.
    fn give_up(&mut self, item: &Item, reason: GivenUpReason) {
        let (correlation_id, bytes) = (item.message.correlation_id.clone(), item.message.body.len());
        tracing::error!(correlation_id, bytes, %reason, "message given up");
        self.meters.given_up.increment(1);
        self.ledger.give_up(item.batch, GivenUp { correlation_id, bytes, reason });
    }

    /// Ends when the publisher is to stop and nothing waits to be sent.
    async fn nothing_left(&mut self) {
        self.stop.cancelled().await;
        self.take_no_more();
        while self.is_idle() && !self.inbox_closed {
            let batch = self.inbox.recv().await;
            self.begin(batch);
        }
        if !self.is_idle() {
            std::future::pending::<()>().await;
        }
    }

    /// Works over one connection, until it is lost (an error) or nothing is left to do.
    async fn serve(&mut self, link: &mut C::Publishing) -> Result<(), LinkError> {
        loop {
            self.fill(link);
            self.report_held_back(link.is_blocked() || matches!(self.mode, Mode::Halted | Mode::Probing));
            if self.inbox_closed && self.is_idle() {
                return Ok(());
            }
            let takes_batch = self.takes_batch();
            tokio::select! {
                biased;
                outcome = link.outcome() => {
                    self.note(outcome?);
                    self.note_others(link)?;
                }
                batch = self.inbox.recv(), if takes_batch => self.begin(batch),
                () = self.stop.cancelled(), if !self.stopping => self.take_no_more(),
                // A broker that takes nothing more gives no outcomes either, and yet is to be reported.
                () = sleep(HELD_BACK_LOOK), if !self.transit.is_empty() => {}
            }
            if self.mode == Mode::Halted && self.transit.is_empty() {
                self.pause(link).await?;
            }
        }
    }

    /// Sends as much as may be in transit.
    fn fill(&mut self, link: &mut C::Publishing) {
        let room = match self.mode {
            Mode::Flowing | Mode::CatchingUp => self.settings.max_in_transit.max(1),
            Mode::Halted => 0,
            Mode::Probing => 1,
        };
        while self.transit.len() < room {
            let Some(item) = self.next_item() else { break };
            tracing::trace!(correlation_id = item.message.correlation_id, "publish");
            link.send(&item.message);
            self.transit.push_back(item);
        }
        self.show_transit();
    }

    fn next_item(&mut self) -> Option<Item> {
        if let Some(item) = self.again.pop_front() {
            return Some(item);
        }
        if self.mode != Mode::Flowing {
            return None;
        }
        while self.fresh.is_empty() {
            let batch = self.inbox.try_recv().ok()?;
            self.begin(Some(batch));
        }
        self.fresh.pop_front()
    }

    /// Closes the inbox for new batches; what is in there is still sent.
    fn take_no_more(&mut self) {
        self.stopping = true;
        self.inbox.close();
    }

    /// Takes a batch from the inbox, or notes that there will be no more.
    fn begin(&mut self, admitted: Option<Admitted>) {
        let Some(Admitted { batch: Batch { id, messages, on_confirmed }, room }) = admitted else {
            self.inbox_closed = true;
            return;
        };
        let batch = self.ledger.begin(id, messages.len(), on_confirmed, room);
        for message in messages {
            self.numbers += 1;
            let item = Item { number: self.numbers, batch, message: Arc::new(message) };
            if item.message.body.len() > self.settings.max_message_bytes {
                self.give_up(&item, GivenUpReason::AboveOurLimit);
            } else {
                self.fresh.push_back(item);
            }
        }
    }

    /// Hears of outcomes that are there already, without waiting.
    fn note_others(&mut self, link: &mut C::Publishing) -> Result<(), LinkError> {
        while !self.transit.is_empty() {
            let Some(outcome) = link.outcome().now_or_never() else { break };
            self.note(outcome?);
        }
        Ok(())
    }

    /// What became of the oldest message in transit.
    fn note(&mut self, outcome: Outcome) {
        let Some(item) = self.transit.pop_front() else { return };
        if outcome == Outcome::Confirmed && !self.queue_gone {
            self.meters.confirmed.increment(1);
            self.progress = true;
            self.ledger.confirm(item.batch);
            if self.mode == Mode::Probing {
                tracing::info!(queue = self.settings.queue, "queue takes messages again");
                self.mode = Mode::CatchingUp;
                self.refusals.reset();
            }
            if self.mode == Mode::CatchingUp && self.again.is_empty() && self.transit.is_empty() {
                self.mode = Mode::Flowing;
            }
        } else {
            self.meters.refused.increment(1);
            self.queue_gone |= outcome == Outcome::Unroutable;
            self.refused.push(item);
            self.mode = Mode::Halted;
        }
    }

    /// Waits before refused messages are sent again.
    async fn pause(&mut self, link: &mut C::Publishing) -> Result<(), LinkError> {
        let pause = self.refusals.pause();
        let (queue, refused) = (&self.settings.queue, self.refused.len());
        if pause > self.settings.retry_initial.saturating_mul(4) {
            tracing::info!(queue, refused, ?pause, "broker refuses messages, trying again later");
        } else {
            tracing::debug!(queue, refused, ?pause, "broker refuses messages, trying again later");
        }
        self.show_transit();
        let lost = tokio::time::timeout(pause, link.outcome()).await;
        self.recall();
        match lost {
            Ok(Err(error)) => Err(error),
            _ if self.queue_gone => Err(LinkError::NoQueue),
            _ => Ok(()),
        }
    }

    /// Puts everything that is refused or without an outcome in line once more, in the order of
    /// submission.
    fn recall(&mut self) {
        let mut items: Vec<Item> = self.refused.drain(..).chain(self.transit.drain(..)).collect();
        items.extend(self.again.drain(..));
        items.sort_unstable_by_key(|item| item.number);
        self.again = items.into();
        self.mode = match self.mode {
            _ if self.again.is_empty() => Mode::Flowing,
            Mode::Halted | Mode::Probing => Mode::Probing,
            Mode::Flowing | Mode::CatchingUp => Mode::CatchingUp,
        };
        self.show_transit();
    }

    fn takes_batch(&self) -> bool {
        self.mode == Mode::Flowing
            && !self.inbox_closed
            && self.fresh.is_empty()
            && self.again.is_empty()
            && self.transit.len() < self.settings.max_in_transit.max(1)
    }

    fn is_idle(&self) -> bool {
        self.fresh.is_empty() && self.again.is_empty() && self.transit.is_empty() && self.refused.is_empty()
    }

    fn report_held_back(&self, held_back: bool) {
        if self.shared.held_back.swap(held_back, Ordering::Relaxed) != held_back {
            self.meters.held_back.set(if held_back { 1.0 } else { 0.0 });
        }
    }

    fn show_transit(&self) {
        #[allow(clippy::cast_precision_loss)]
        self.meters.in_transit.set(self.transit.len() as f64);
    }
}
