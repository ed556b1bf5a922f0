//! Storing messages that came in: one transaction for the row, what is to be published, and the message store's row.
//!
//! One thread stores. While one group of messages is being committed, the next collects, so that many senders share
//! one write to the disk; a single sender gets a transaction of its own. That thread also fixes the order: what is
//! answered first is published and numbered first.

mod insert;
mod message_store;
mod statement;
mod stored;

pub(crate) use self::stored::{Outcome, Stored};

use std::time::Duration;

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use emap_service::Component;
use tokio::{
    runtime::Handle,
    sync::{Notify, mpsc, oneshot},
    task::{JoinHandle, spawn_blocking},
    time::timeout,
};

use self::message_store::MessageStore;
use super::{access::Database, error::StoreError};
use crate::{receipt::Receipt, settings::IdsSettings};

/// Most messages in a transaction.
const GROUP: usize = 512;
/// More text than this is not added to a group.
const GROUP_BYTES: usize = 8 << 20;
/// Messages that may wait; a sender waits for room.
const QUEUE: usize = 1024;
/// How often an idle connection is tried.
const LOOK: Duration = Duration::from_secs(1);

struct Incoming {
    receipt: Receipt,
    correlation_id: String,
    answer: oneshot::Sender<Outcome>,
}

/// The way to the thread that stores; clones share it. The thread ends after the last of them.
#[derive(Clone)]
pub(crate) struct Receiving {
    queue: mpsc::Sender<Incoming>,
}

/// What the thread that stores reports to.
pub(crate) struct Signals {
    /// The connector's database.
    pub(crate) database: Component,
    /// The message store, if messages are appended to it.
    pub(crate) ids: Option<Component>,
    /// Notified when there is something to be published.
    pub(crate) stored: std::sync::Arc<Notify>,
}

impl Receiving {
    /// Starts the thread. Needs a tokio runtime.
    pub(crate) fn start(
        database: Database,
        ids: Option<IdsSettings>,
        signals: Signals,
    ) -> (Self, JoinHandle<()>) {
        let (queue, incoming) = mpsc::channel(QUEUE);
        let writer = Writer { database, ids, signals, connected: None };
        (Self { queue }, spawn_blocking(move || writer.run(incoming)))
    }

    /// Hands over a message; the outcome comes when it is stored. Waits for room in the line. The order of calls is the
    /// order of storing.
    pub(crate) async fn hand_over(
        &self,
        receipt: Receipt,
        correlation_id: String,
    ) -> oneshot::Receiver<Outcome> {
        let (answer, outcome) = oneshot::channel();
        // Without the thread the answer is dropped, and the outcome says so.
        let _ = self.queue.send(Incoming { receipt, correlation_id, answer }).await;
        outcome
    }

    /// Stores a message.
    ///
    /// # Errors
    /// When the database fails; then nothing is stored, unless the connection was lost in the moment of the commit.
    pub(crate) async fn store(&self, receipt: Receipt, correlation_id: String) -> Outcome {
        self.hand_over(receipt, correlation_id).await.await.unwrap_or_else(|_| Err(stopped()))
    }
}

/// The outcome if the thread is gone.
pub(crate) fn stopped() -> StoreError {
    StoreError::Unreachable("the connector is stopping".to_owned())
}

struct Writer {
    database: Database,
    ids: Option<IdsSettings>,
    signals: Signals,
    connected: Option<Connected>,
}

struct Connected {
    connection: PgConnection,
    message_store: Option<MessageStore>,
}

impl Writer {
    fn run(mut self, mut incoming: mpsc::Receiver<Incoming>) {
        let handle = Handle::current();
        loop {
            match handle.block_on(async { timeout(LOOK, incoming.recv()).await }) {
                Ok(Some(first)) => self.store(collect(first, &mut incoming)),
                Ok(None) => return,
                Err(_) => self.look(),
            }
        }
    }

    /// Whether the databases still answer.
    fn look(&mut self) {
        if let Some(Connected { connection, message_store }) = &mut self.connected {
            let main = connection.batch_execute("SELECT 1").map_err(StoreError::from);
            let ids = message_store.as_mut().map_or(Ok(()), MessageStore::look);
            if main.is_err() || ids.is_err() {
                self.connected = None;
            }
        }
        // The failure is reported where it is found.
        let _ = self.connect();
    }

    fn connect(&mut self) -> Result<&mut Connected, StoreError> {
        if self.connected.is_none() {
            let mut connection = report(self.database.connect(), &self.signals.database)?;
            let message_store = match (&self.ids, &self.signals.ids) {
                (Some(settings), Some(component)) => {
                    Some(report(MessageStore::open(settings, &mut connection), component)?)
                }
                _ => None,
            };
            self.connected = Some(Connected { connection, message_store });
        }
        self.connected.as_mut().ok_or_else(stopped)
    }

    fn store(&mut self, group: Vec<Incoming>) {
        let (messages, answers): (Vec<_>, Vec<_>) =
            group.into_iter().map(|one| ((one.receipt, one.correlation_id), one.answer)).unzip();
        let outcomes: Vec<Outcome> = match self.try_store(&messages) {
            Ok(stored) => stored.into_iter().map(Ok).collect(),
            // One of them may be at fault: each gets a transaction of its own.
            Err(StoreError::Refused(_)) if messages.len() > 1 => {
                messages.chunks(1).map(|one| self.try_store(one).and_then(only)).collect()
            }
            Err(error) => vec![Err(error); messages.len()],
        };
        if outcomes.iter().any(Result::is_ok) {
            self.signals.stored.notify_one();
        }
        for (answer, outcome) in answers.into_iter().zip(outcomes) {
            if let Err(error) = &outcome {
                tracing::warn!(%error, "a message could not be stored");
            }
            // Whoever waited may have gone.
            let _ = answer.send(outcome);
        }
    }

    /// Stores messages, all or none. A lost connection is made anew once; what it had committed is not stored again.
    fn try_store(&mut self, messages: &[(Receipt, String)]) -> Result<Vec<Stored>, StoreError> {
        let had_connection = self.connected.is_some();
        match self.transact(messages) {
            Err(error) if error.is_lost() && had_connection => {
                let connected = self.connect()?;
                match insert::already_stored(&mut connected.connection, messages)? {
                    Some(stored) => Ok(stored),
                    None => self.transact(messages),
                }
            }
            done => done,
        }
    }

    fn transact(&mut self, messages: &[(Receipt, String)]) -> Result<Vec<Stored>, StoreError> {
        let Connected { connection, message_store } = self.connect()?;
        let done: Result<_, StoreError> = match message_store {
            Some(MessageStore::Elsewhere(elsewhere)) => connection.transaction(|connection| {
                let stored = insert::messages(connection, messages, false)?;
                elsewhere.append(messages, &stored)?;
                Ok(stored)
            }),
            // The one statement is the transaction.
            here => insert::messages(connection, messages, here.is_some()),
        };
        if let Err(error) = &done
            && error.is_lost()
        {
            self.connected = None;
            self.signals.database.down(error);
        }
        done
    }
}

fn only(stored: Vec<Stored>) -> Outcome {
    stored.into_iter().next().ok_or_else(stopped)
}

fn report<T>(done: Result<T, StoreError>, component: &Component) -> Result<T, StoreError> {
    match &done {
        Ok(_) => component.up(),
        Err(error) => component.down(error),
    }
    done
}

/// The first message, and what waits behind it.
fn collect(first: Incoming, incoming: &mut mpsc::Receiver<Incoming>) -> Vec<Incoming> {
    let mut bytes = first.receipt.message.content.len();
    let mut group = vec![first];
    while group.len() < GROUP && bytes < GROUP_BYTES {
        let Ok(next) = incoming.try_recv() else { break };
        bytes += next.receipt.message.content.len();
        group.push(next);
    }
    group
}
