//! From the outbox to the exchange: in order of receipt, each document once (again only after a crash in between).

mod compression;

use std::{sync::Arc, time::Duration};

use diesel::PgConnection;
use emap_queue::{
    Backoff, BoundQueue, BrokerConfig, BrokerError, Exchange, ExchangeMessage, ExchangePublisher, Topology,
};
use emap_service::{CancellationToken, Component, cancellation::cancelled_within};
use metrics::{counter, gauge};
use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, timeout},
};

use self::compression::compressed;
use crate::{
    settings::Compression,
    store::{Database, StoreError, outbox},
};

const EXCHANGE: &str = "dhos";
/// Gauge of documents that wait.
pub(crate) const OUTBOX_PENDING: &str = "emap_connector_outbox_pending";
const ROUTING_KEY: &str = "dhos.24891000000101";
/// Documents sent at a time.
const BLOCK: usize = 200;
/// After fewer documents the next ones are given so long to gather: publishing and storing share a server.
const GATHER: Duration = Duration::from_millis(10);
/// How often the outbox is looked at without being notified, and counted.
const LOOK: Duration = Duration::from_secs(1);

/// What publishing needs.
pub(crate) struct Publisher {
    /// Where the outbox is.
    pub database: Database,
    /// Where it goes.
    pub broker: BrokerConfig,
    /// How bodies are compressed.
    pub compression: Compression,
    /// First and longest pause after a failure.
    pub pauses: (Duration, Duration),
    /// Notified when there is something to be published.
    pub stored: Arc<Notify>,
    /// Reports whether the broker can be reached.
    pub component: Component,
    /// Ends it.
    pub cancel: CancellationToken,
}

/// What the platform's services expect to be there.
fn topology() -> Topology {
    let queue = |name, exchange| BoundQueue {
        name,
        exchange,
        message_ttl: None,
        dead_letter_exchange: None,
        mode: None,
    };
    Topology {
        exchanges: vec![
            (EXCHANGE, Exchange::Topic),
            ("dhos-retry", Exchange::Fanout),
            ("dhos-dlx", Exchange::Fanout),
        ],
        queues: vec![
            BoundQueue {
                message_ttl: Some(Duration::from_secs(60)),
                dead_letter_exchange: Some(EXCHANGE),
                mode: Some("default"),
                ..queue("retry", "dhos-retry")
            },
            queue("errors", "dhos-dlx"),
        ],
    }
}

impl Publisher {
    /// Publishes until the cancellation. Blocks; a tokio runtime must be entered.
    pub(crate) fn run(self) {
        let mut work = Work {
            pauses: Backoff::new(self.pauses.0, self.pauses.1),
            publisher: self,
            link: None,
            connection: None,
            counted: None,
        };
        while !work.publisher.cancel.is_cancelled() {
            match work.round() {
                Ok(Round::Sent { is_full }) => {
                    work.pauses.reset();
                    if !is_full {
                        Handle::current().block_on(cancelled_within(&work.publisher.cancel, GATHER));
                    }
                }
                Ok(Round::Nothing) => {
                    work.pauses.reset();
                    work.rest();
                }
                Err(error) => work.fail(&error),
            }
        }
        if let Some(link) = work.link {
            Handle::current().block_on(link.close());
        }
    }
}

enum Round {
    /// Something was published.
    Sent {
        /// As much as is published at a time.
        is_full: bool,
    },
    /// There was nothing to publish, or another program does it.
    Nothing,
}

enum Failure {
    Broker(BrokerError),
    Database(StoreError),
}

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self::Database(error)
    }
}

impl From<BrokerError> for Failure {
    fn from(error: BrokerError) -> Self {
        Self::Broker(error)
    }
}

struct Work {
    publisher: Publisher,
    pauses: Backoff,
    link: Option<ExchangePublisher>,
    connection: Option<PgConnection>,
    counted: Option<Instant>,
}

impl Work {
    fn round(&mut self) -> Result<Round, Failure> {
        self.reach_broker()?;
        let Some(pending) = self.pending()? else { return Ok(Round::Nothing) };
        let (Some(link), Some(connection)) = (&mut self.link, &mut self.connection) else {
            return Ok(Round::Nothing);
        };
        if pending.is_empty() {
            return Ok(Round::Nothing);
        }
        let compression = self.publisher.compression;
        let messages: Vec<_> = pending.iter().map(|one| Arc::new(message(one, compression))).collect();
        let published = link.publish((EXCHANGE, ROUTING_KEY), &messages);
        let (kept, error) = Handle::current().block_on(published);
        let ids: Vec<i64> = pending.iter().take(kept).map(|one| one.id).collect();
        if !ids.is_empty() {
            counter!("emap_connector_published_total").increment(ids.len() as u64);
            if let Err(error) = outbox::remove(connection, &ids) {
                // They are published once more: better than not at all.
                self.connection = None;
                return Err(error.into());
            }
        }
        match error {
            Some(error) => Err(error.into()),
            None => Ok(Round::Sent { is_full: ids.len() == BLOCK }),
        }
    }

    fn reach_broker(&mut self) -> Result<(), BrokerError> {
        if self.link.is_none() {
            let topology = topology();
            let connecting = ExchangePublisher::connect(&self.publisher.broker, &topology);
            self.link = Some(Handle::current().block_on(connecting)?);
        }
        self.publisher.component.up();
        Ok(())
    }

    /// What is to be published; `None` if another program does that.
    fn pending(&mut self) -> Result<Option<Vec<outbox::Pending>>, StoreError> {
        let mut connection = if let Some(connection) = self.connection.take() {
            connection
        } else {
            let mut connection = self.publisher.database.connect()?;
            if !outbox::take_turn(&mut connection, "outbox")? {
                return Ok(None);
            }
            outbox::removes_lazily(&mut connection)?;
            connection
        };
        if self.counted.is_none_or(|counted| counted.elapsed() >= LOOK) {
            #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
            gauge!(OUTBOX_PENDING).set(outbox::count(&mut connection)? as f64);
            self.counted = Some(Instant::now());
        }
        let pending = outbox::oldest(&mut connection, BLOCK)?;
        self.connection = Some(connection);
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        let age = pending.first().map_or(0.0, |oldest| {
            (chrono::Utc::now() - oldest.created).num_milliseconds().max(0) as f64 / 1000.0
        });
        gauge!("emap_connector_outbox_oldest_seconds").set(age);
        Ok(Some(pending))
    }

    /// Until something is stored, the broker goes, or a while has passed.
    fn rest(&mut self) {
        let Publisher { stored, cancel, .. } = &self.publisher;
        let link = &mut self.link;
        let lost = Handle::current().block_on(async {
            let lost = async {
                match link {
                    Some(link) => Some(link.lost().await),
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                lost = lost => lost,
                _ = timeout(LOOK, stored.notified()) => None,
                () = cancel.cancelled() => None,
            }
        });
        if let Some(error) = lost {
            self.link = None;
            self.publisher.component.down(error);
        }
    }

    fn fail(&mut self, failure: &Failure) {
        match failure {
            Failure::Broker(error) => {
                self.link = None;
                self.publisher.component.down(error);
            }
            Failure::Database(error) => {
                self.connection = None;
                tracing::debug!(%error, "the outbox cannot be read");
            }
        }
        let end = Instant::now() + self.pauses.pause();
        loop {
            // Nothing is published, and yet what waits is counted.
            if self.pending().is_err() {
                self.connection = None;
            }
            let left = end.saturating_duration_since(Instant::now());
            let cancelled = cancelled_within(&self.publisher.cancel, left.min(LOOK));
            if Handle::current().block_on(cancelled) || left <= LOOK {
                return;
            }
        }
    }
}

fn message(pending: &outbox::Pending, compression: Compression) -> ExchangeMessage {
    let (headers, body) = compressed(&pending.body, compression);
    ExchangeMessage {
        correlation_id: pending.correlation_id.clone(),
        timestamp: u64::try_from(chrono::Utc::now().timestamp()).unwrap_or_default(),
        headers,
        body,
    }
}
