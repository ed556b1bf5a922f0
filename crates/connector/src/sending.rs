//! Sending stored messages out: the first attempt in the request, later ones in the background, until the receiver has
//! answered or an operator gives up.

use std::{sync::Arc, time::Duration};

use emap_queue::Backoff;
use emap_service::CancellationToken;
use metrics::{counter, gauge};
use tokio::{
    runtime::Handle,
    sync::Notify,
    time::{Instant, timeout},
};

use crate::{
    adapter,
    outside::{CallError, Client},
    settings::{AdapterSettings, MirthSettings},
    soap,
    store::{
        Database, StoreError,
        deliveries::{self, Claimed},
    },
};

/// Where ORU messages go.
pub(crate) const HOSPITAL: &str = "tie";
/// Where documents go.
pub(crate) const MIRTH: &str = "mirth";

/// Longer than any attempt takes.
const LEASE: Duration = Duration::from_secs(90);
/// How often the table is looked at.
const LOOK: Duration = Duration::from_millis(250);
/// How often figures are made.
const FIGURES: Duration = Duration::from_secs(1);

/// What an attempt came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Attempt {
    /// The receiver has answered.
    Delivered,
    /// Another attempt is under way, or it does not wait any more.
    NotOurs,
    /// It has not; another attempt will be made.
    Failed(CallError),
}

/// Sends; clones share everything.
#[derive(Clone)]
pub(crate) struct Sender {
    database: Database,
    client: Client,
    adapter: Arc<AdapterSettings>,
    mirth: Option<Arc<MirthSettings>>,
    pauses: (Duration, Duration),
}

impl Sender {
    /// Sends nothing yet.
    pub(crate) fn new(
        database: Database,
        client: Client,
        adapter: AdapterSettings,
        mirth: Option<MirthSettings>,
        pauses: (Duration, Duration),
    ) -> Self {
        Self { database, client, adapter: Arc::new(adapter), mirth: mirth.map(Arc::new), pauses }
    }

    /// Tries to send a message that waits. Blocks.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) fn attempt(&self, uuid: &str) -> Result<Attempt, StoreError> {
        let key = uuid.to_owned();
        // A claim that was made on a lost connection counts as one attempt more, no harm.
        let claimed = self.database.run_here(|connection| deliveries::claim(connection, &key, LEASE))?;
        let Some(claimed) = claimed else { return Ok(Attempt::NotOurs) };
        let labels = [("dst_description", claimed.dst_description.clone())];
        match self.send(&claimed) {
            Ok(ack) => {
                counter!("emap_connector_deliveries_sent_total", &labels).increment(1);
                self.database
                    .run_here(|connection| deliveries::delivered(connection, &key, ack.as_deref()))?;
                Ok(Attempt::Delivered)
            }
            Err(error) => {
                counter!("emap_connector_deliveries_failed_total", &labels).increment(1);
                tracing::warn!(uuid, attempts = claimed.attempts, %error, "a message could not be delivered");
                let (text, pause) = (error.to_string(), self.pause_after(claimed.attempts));
                self.database.run_here(|connection| deliveries::failed(connection, &key, &text, pause))?;
                Ok(Attempt::Failed(error))
            }
        }
    }

    fn send(&self, claimed: &Claimed) -> Result<Option<String>, CallError> {
        let Claimed { message_uuid, content, correlation_id, .. } = claimed;
        if claimed.dst_description == MIRTH {
            let Some(mirth) = &self.mirth else {
                return Err(CallError::Unavailable(
                    "there is no receiver of documents; set MIRTH_HOST_URL_BASE".to_owned(),
                ));
            };
            soap::send(mirth, &self.client, content)?;
            tracing::info!(uuid = message_uuid, "a document has been accepted");
            return Ok(None);
        }
        let acknowledged =
            adapter::send(&self.adapter, &self.client, (message_uuid, content), correlation_id)?;
        let id = claimed.message_control_id.as_deref().unwrap_or_default();
        // It must not carry anything else into the log.
        let is_code = |code: &&str| code.len() == 2 && code.bytes().all(|letter| letter.is_ascii_uppercase());
        match acknowledged.code.as_deref().map(|code| Some(code).filter(is_code).unwrap_or("unknown")) {
            Some("AA") => tracing::info!("Message '{id}' has been successfully received"),
            other => tracing::error!(
                "Message '{id}' did not receive a successful acknowledgement. ({})",
                other.unwrap_or("None")
            ),
        }
        Ok(Some(acknowledged.ack))
    }

    /// Twice as long after each attempt, up to the longest.
    fn pause_after(&self, attempts: i32) -> Duration {
        let doublings = u32::try_from(attempts.max(1) - 1).unwrap_or_default().min(30);
        self.pauses.0.saturating_mul(1 << doublings).min(self.pauses.1)
    }

    /// Sends what waits for a destination, until the cancellation. Blocks; a tokio runtime must be entered.
    pub(crate) fn run(&self, destination: &'static str, added: &Notify, cancel: &CancellationToken) {
        let mut outages = Backoff::seconds(1, 10);
        let mut tidied = false;
        let mut shown: Option<Instant> = None;
        while !cancel.is_cancelled() {
            let round = self.round(destination, &mut tidied, &mut shown, cancel);
            let pause = match round {
                Ok(true) => continue,
                Ok(false) => {
                    outages.reset();
                    LOOK
                }
                // Reported where requests are stored.
                Err(_) => outages.pause(),
            };
            Handle::current().block_on(async {
                tokio::select! {
                    _ = timeout(pause, added.notified()) => {}
                    () = cancel.cancelled() => {}
                }
            });
        }
    }

    /// Whether something was tried.
    fn round(
        &self,
        destination: &'static str,
        tidied: &mut bool,
        shown: &mut Option<Instant>,
        cancel: &CancellationToken,
    ) -> Result<bool, StoreError> {
        if !*tidied {
            self.database.run_here(deliveries::tidy)?;
            *tidied = true;
        }
        if shown.is_none_or(|shown| shown.elapsed() >= FIGURES) {
            self.show(destination)?;
            *shown = Some(Instant::now());
        }
        let due = self.database.run_here(|connection| deliveries::due(connection, destination))?;
        let mut tried = false;
        for uuid in due {
            if cancel.is_cancelled() {
                break;
            }
            tried |= self.attempt(&uuid)? != Attempt::NotOurs;
        }
        Ok(tried)
    }

    fn show(&self, destination: &'static str) -> Result<(), StoreError> {
        let figures = self.database.run_here(deliveries::figures)?;
        let ours = figures.iter().find(|figures| figures.dst_description == destination);
        let labels = [("dst_description", destination)];
        #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
        gauge!("emap_connector_deliveries_pending", &labels).set(ours.map_or(0.0, |ours| ours.count as f64));
        gauge!("emap_connector_deliveries_oldest_seconds", &labels).set(ours.map_or(0.0, |ours| ours.age));
        Ok(())
    }
}
