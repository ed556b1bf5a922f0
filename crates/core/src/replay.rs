//! Sending messages once more that core had to reject, to the queues they came from.

use std::{
    cell::Cell,
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use chrono::{SubsecRound, Utc};
use emap_interchange::Message;
use emap_queue::{
    Batch, DEFAULT_QUEUE_LENGTH, Outgoing, Publisher, PublisherSettings, SubmitError, Transport,
};
use emap_service::{
    Backoff, CancellationToken, Component, GaveUp, Retry, Runtime, Settings, SettingsError,
    health::components,
    settings::{DatabaseSettings, publishing::QUEUE_LENGTH},
};
use emap_star::{RejectFilter, Rejects, SessionError, rows::EtlMessageReject};
use tokio::runtime::Handle;

use crate::{bodies::remove_bodies, settings::CoreSettings};

/// Rejects looked at in one go.
const PART: usize = 100;

/// Longest wait for the database at the start: a wrong address is to be reported, not retried for ever.
const START_LIMIT: Duration = Duration::from_secs(10);

/// What shall be sent again, and what is needed for it.
#[derive(Debug, Clone)]
pub struct ReplaySettings {
    /// The star database.
    pub database: DatabaseSettings,
    /// Queues that core takes messages from; whatever is sent to another one stays there.
    pub queues: Vec<String>,
    /// Messages these queues hold at most, as all who declare them say.
    pub queue_length: u32,
    /// Which rejects are meant.
    pub filter: RejectFilter,
    /// Only count what would be sent.
    pub dry_run: bool,
}

impl ReplaySettings {
    /// All rejects that were never sent again, of a core with these settings.
    pub fn for_core(core: CoreSettings) -> Self {
        Self {
            database: core.database,
            queues: core.queues,
            queue_length: DEFAULT_QUEUE_LENGTH,
            filter: RejectFilter::default(),
            dry_run: false,
        }
    }

    /// The same, as the settings (of [`CoreSettings::GROUPS`]) say.
    ///
    /// # Errors
    /// When one is missing or wrong; the text says what to set.
    pub fn from_settings(settings: &Settings) -> Result<Self, SettingsError> {
        let queue_length = settings.get(&QUEUE_LENGTH)?.get();
        Ok(Self { queue_length, ..Self::for_core(CoreSettings::from_settings(settings)?) })
    }
}

/// What became of the rejects.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReplaySummary {
    /// Rejects that were meant.
    pub rejects: u64,
    /// Messages sent; in a dry run those that would be.
    pub sent: u64,
    /// Rejects whose body is no message that could be sent.
    pub unreadable: u64,
    /// Rejects from queues that core does not take messages from, such as what came from a file.
    pub other_queues: u64,
}

impl ReplaySummary {
    /// Nothing had to be left where it was.
    pub fn is_complete(&self) -> bool {
        self.unreadable == 0 && self.other_queues == 0
    }
}

/// Why not everything was sent. What was sent and noted stays so.
#[derive(Debug, thiserror::Error)]
pub enum ReplayError {
    /// Cancelled; messages of the last part may be sent and not marked.
    #[error("stopped before all messages were sent")]
    Stopped,
    /// The database cannot be reached, or refuses.
    #[error(transparent)]
    Database(#[from] SessionError),
    /// Nobody would take the messages from this queue.
    #[error("core takes no messages from queue {0}; CORE_RABBITMQ_LISTEN_QUEUES names its queues")]
    OtherQueue(String),
    /// A mistake in the program.
    #[error("the replay broke down: {0}")]
    Broken(String),
}

impl From<GaveUp<SessionError>> for ReplayError {
    fn from(error: GaveUp<SessionError>) -> Self {
        match error {
            GaveUp::Cancelled => Self::Stopped,
            GaveUp::Failed(error) => Self::Database(error),
        }
    }
}

impl From<SubmitError> for ReplayError {
    fn from(error: SubmitError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Sends the rejects that are there when it begins, but for those about persons whose data was removed meanwhile, in the order of rejection, and notes each as sent again once the
/// broker keeps it: whatever is killed when, a message may be sent twice but none is left out. One that fails again
/// is a new reject, which this does not look at.
///
/// A broker that is away, and a database that gets lost, are waited for.
///
/// # Errors
/// When the database cannot be reached at the start, refuses a statement, or the cancellation comes before all is done.
pub async fn replay(settings: ReplaySettings, runtime: Runtime) -> Result<ReplaySummary, ReplayError> {
    if let Some(queue) = settings.filter.queue.as_ref().filter(|queue| !settings.queues.contains(queue)) {
        return Err(ReplayError::OtherQueue(queue.clone()));
    }
    let work = tokio::task::spawn_blocking(move || Replay::start(settings, runtime)?.all());
    work.await.unwrap_or_else(|error| Err(ReplayError::Broken(error.to_string())))
}

/// Works on a thread where it may wait for the database.
struct Replay {
    settings: ReplaySettings,
    transport: Transport,
    cancel: CancellationToken,
    /// The star database, in readiness.
    star: Component,
    rejects: Rejects,
    /// By queue, as they are needed.
    publishers: HashMap<String, Publisher>,
    summary: ReplaySummary,
}

impl Replay {
    fn start(settings: ReplaySettings, runtime: Runtime) -> Result<Self, ReplayError> {
        let Runtime { transport, cancel, health } = runtime;
        let star = health.component(components::STAR);
        let retry = retry(&star, &cancel).at_most(START_LIMIT);
        let rejects = retry.run_blocking(|| connect(&settings.database), |_| true)?;
        let (publishers, summary) = (HashMap::new(), ReplaySummary::default());
        Ok(Self { settings, transport, cancel, star, rejects, publishers, summary })
    }

    fn all(mut self) -> Result<ReplaySummary, ReplayError> {
        if !self.settings.dry_run {
            // Else what was to be removed would be sent, and be there again.
            let cancel = self.cancel.clone();
            self.ask(|rejects| remove_bodies(rejects, || !cancel.is_cancelled()))?;
        }
        let filter = self.settings.filter.clone();
        let ids = self.ask(|rejects| rejects.ids(&filter))?;
        for part in ids.chunks(PART) {
            if self.cancel.is_cancelled() {
                return Err(ReplayError::Stopped);
            }
            let rejects = self.ask(|rejects| rejects.load(part))?;
            self.part(rejects)?;
        }
        Ok(self.summary)
    }

    fn part(&mut self, rejects: Vec<EtlMessageReject>) -> Result<(), ReplayError> {
        let mut sent = Vec::new();
        let mut by_queue = BTreeMap::<String, Vec<Outgoing>>::new();
        for reject in rejects {
            self.summary.rejects += 1;
            if !self.settings.queues.contains(&reject.queue) {
                self.summary.other_queues += 1;
            } else if let Some(outgoing) = outgoing(&reject) {
                sent.push(reject.etl_message_reject_id);
                by_queue.entry(reject.queue).or_default().push(outgoing);
            } else {
                self.summary.unreadable += 1;
            }
        }
        if !self.settings.dry_run && !sent.is_empty() {
            Handle::current().block_on(self.publish(by_queue))?;
            let at = Utc::now().trunc_subsecs(6);
            self.ask(|rejects| rejects.mark_replayed(&sent, at))?;
        }
        self.summary.sent += sent.len() as u64;
        Ok(())
    }

    /// Sends the messages and waits until the broker keeps all of them.
    async fn publish(&mut self, by_queue: BTreeMap<String, Vec<Outgoing>>) -> Result<(), ReplayError> {
        let cancel = self.cancel.clone();
        let published = async {
            for (queue, messages) in by_queue {
                let id = messages.first().map_or_else(String::new, |first| first.correlation_id.clone());
                let batch = Batch { id, messages, on_confirmed: Box::new(|_| ()) };
                self.publisher(queue).submit(batch).await?;
            }
            for publisher in self.publishers.values() {
                publisher.drain().await;
            }
            Ok(())
        };
        tokio::select! {
            biased;
            published = published => published,
            () = cancel.cancelled() => Err(ReplayError::Stopped),
        }
    }

    fn publisher(&mut self, queue: String) -> &Publisher {
        let (transport, queue_length) = (&self.transport, self.settings.queue_length);
        self.publishers.entry(queue).or_insert_with_key(|queue| {
            let settings =
                PublisherSettings { queue: queue.clone(), queue_length, ..PublisherSettings::default() };
            Publisher::start(transport.clone(), settings)
        })
    }

    /// Asks the database, over as many connections as it takes.
    fn ask<T>(
        &mut self,
        question: impl Fn(&mut Rejects) -> Result<T, SessionError>,
    ) -> Result<T, ReplayError> {
        let is_lost = Cell::new(false);
        let attempt = || {
            if is_lost.get() {
                self.rejects = connect(&self.settings.database)?;
            }
            let answer = question(&mut self.rejects);
            is_lost.set(answer.is_err() && !self.rejects.is_alive());
            answer
        };
        Ok(retry(&self.star, &self.cancel).run_blocking(attempt, |_| is_lost.get())?)
    }
}

fn retry(star: &Component, cancel: &CancellationToken) -> Retry {
    Retry::new(star, cancel, Backoff::seconds(1, 60))
}

fn connect(database: &DatabaseSettings) -> Result<Rejects, SessionError> {
    Rejects::connect(&database.connection_string(), &database.schema)
}

/// The message of a reject, as it came; none if it cannot be read.
fn outgoing(reject: &EtlMessageReject) -> Option<Outgoing> {
    // Such a body was no text as it came: by now it may be readable, but says something else.
    if reject.message_type.is_none() && reject.body.contains(char::REPLACEMENT_CHARACTER) {
        return None;
    }
    let message = Message::from_json(reject.body.as_bytes()).ok()?;
    Some(Outgoing {
        correlation_id: format!("replay-{}", reject.etl_message_reject_id),
        type_name: message.class_name(),
        body: reject.body.clone().into_bytes(),
    })
}
