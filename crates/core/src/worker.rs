//! The thread that owns the engine: rules and database work are synchronous, the broker is not.

use std::time::Duration;

use emap_queue::Ticket;
use emap_service::{Backoff, CancellationToken, Component, GaveUp, Retry, settings::DatabaseSettings};
use emap_star::{
    Session, migrations,
    sequence::{self, Sequence, SequenceError},
};
use tokio::{runtime::Handle, sync::mpsc, time::timeout};

use crate::{
    engine::{Engine, Task, Unavailable},
    incoming::Incoming,
    outcome::{Outcome, Report},
    phases::PhaseTimes,
    rules::Rules,
    settling::Commits,
};

/// How long the connection may be idle before the worker looks whether it still leads to a database.
const IDLE_LOOK: Duration = Duration::from_secs(5);

/// Characters of an identifier that a log line shows.
const SHOWN_IDENTIFIER: usize = 64;

/// Whether a connection has to see to the schema first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    SeeTo,
    IsUpToDate,
}

/// Why a batch cannot be written now.
#[derive(Debug, thiserror::Error)]
enum DatabaseError {
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error(transparent)]
    Session(#[from] emap_star::SessionError),
    #[error(transparent)]
    Migration(#[from] migrations::MigrationError),
    #[error("schema {schema:?} is too old, it lacks {missing} step(s) up to {last}: run `core migrate`")]
    SchemaTooOld { schema: String, missing: usize, last: &'static str },
    #[error(transparent)]
    Sequence(#[from] SequenceError),
}

impl DatabaseError {
    /// Waiting is no use: rows would get keys that others have.
    fn is_collision(&self) -> bool {
        matches!(self, Self::Sequence(SequenceError::Behind { .. } | SequenceError::Increment(_)))
    }
}

/// A batch on its way to the rows.
#[derive(Debug)]
pub(crate) struct Work {
    pub(crate) messages: Vec<Incoming>,
    pub(crate) ticket: Ticket,
    /// What it took so far.
    pub(crate) times: PhaseTimes,
}

/// A batch that is committed.
#[derive(Debug)]
pub(crate) struct Done {
    /// In the order of the messages.
    pub(crate) messages: Vec<DoneMessage>,
    pub(crate) ticket: Ticket,
    /// What it took.
    pub(crate) times: PhaseTimes,
}

/// A message that is committed.
#[derive(Debug)]
pub(crate) struct DoneMessage {
    pub(crate) report: Report,
    /// Name of its type, for metrics.
    pub(crate) type_name: &'static str,
    /// Identifier that the source gave it, for the log; only if it was not applied.
    pub(crate) source_id: Option<String>,
}

impl DoneMessage {
    fn new(incoming: &Incoming, report: Report) -> Self {
        let source_id = incoming.source_id().filter(|_| report.outcome != Outcome::Success);
        Self {
            type_name: incoming.message.as_ref().map_or("undecodable", |message| message.class_name()),
            source_id: source_id.map(|id| id.chars().take(SHOWN_IDENTIFIER).collect()),
            report,
        }
    }
}

/// What the worker needs besides batches.
pub(crate) struct Worker {
    pub(crate) database: DatabaseSettings,
    pub(crate) rules: Rules,
    /// Whether it brings the schema up to date.
    pub(crate) migrate: bool,
    /// Where the keys of an empty schema come from.
    pub(crate) sequence: Sequence,
    /// The star database, in readiness.
    pub(crate) star: Component,
    pub(crate) commits: Commits,
    pub(crate) pauses: Backoff,
    pub(crate) cancel: CancellationToken,
}

impl Worker {
    /// Works until the batches end. A batch that cannot be committed before a cancellation is dropped; the broker keeps it.
    ///
    /// # Errors
    /// When new rows would get primary keys that are in use.
    pub(crate) fn run(
        self,
        mut batches: mpsc::Receiver<Work>,
        done: &mpsc::UnboundedSender<Done>,
    ) -> Result<(), String> {
        let session = match self.connect_and_look(Schema::SeeTo) {
            Ok(session) => session,
            Err(GaveUp::Failed(refusal)) => return Err(refusal.to_string()),
            Err(_) => return Ok(()),
        };
        let lock_wait = self.database.config().lock_wait();
        let mut engine = Engine::new(session, self.rules).with_lock_wait(lock_wait);
        while let Some(work) = self.next(&mut batches, &mut engine) {
            let Some(reports) = self.process(&mut engine, &work.messages) else { break };
            let messages = work.messages.iter().zip(reports);
            let messages = messages.map(|(incoming, report)| DoneMessage::new(incoming, report)).collect();
            let mut times = work.times;
            times += engine.take_times();
            if done.send(Done { messages, ticket: work.ticket, times }).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The next batch, if there is any. A database that goes away while there is none is noticed, and waited for.
    fn next(&self, batches: &mut mpsc::Receiver<Work>, engine: &mut Engine) -> Option<Work> {
        loop {
            let next = Handle::current().block_on(async { timeout(IDLE_LOOK, batches.recv()).await });
            if let Ok(work) = next {
                return work;
            }
            if !engine.is_alive() {
                engine.replace_session(self.wait_for_database(Schema::IsUpToDate)?);
            }
        }
    }

    /// Processes a batch, over as many connections as it takes; none if the daemon is to stop first.
    fn process(&self, engine: &mut Engine, messages: &[Incoming]) -> Option<Vec<Report>> {
        let on_commit = || self.commits.count();
        let mut task = Task::new(messages, &on_commit);
        let mut failed_before = false;
        let attempt = || -> Result<(), DatabaseError> {
            if failed_before {
                // Also after an unwilling answer: some settings, such as read-only, hold until a connection ends.
                engine.replace_session(self.connect(Schema::IsUpToDate)?);
            }
            failed_before = true;
            Ok(engine.work_on(&mut task)?)
        };
        self.retry().run_blocking(attempt, |_| true).ok()?;
        Some(task.into_reports())
    }

    /// A session on a database that would take rows; none if the daemon is to stop first.
    fn wait_for_database(&self, schema: Schema) -> Option<Session> {
        self.connect_and_look(schema).ok()
    }

    /// The same; fails also if keys would collide.
    fn connect_and_look(&self, schema: Schema) -> Result<Session, GaveUp<DatabaseError>> {
        let attempt = || -> Result<Session, DatabaseError> {
            let mut session = self.connect(schema)?;
            session.check_willing()?;
            Ok(session)
        };
        self.retry().run_blocking(attempt, |error| !error.is_collision())
    }

    fn retry(&self) -> Retry {
        Retry::new(&self.star, &self.cancel, self.pauses.clone())
    }

    fn connect(&self, schema: Schema) -> Result<Session, DatabaseError> {
        let (config, name) = (self.database.config(), &self.database.schema);
        if schema == Schema::SeeTo && self.migrate {
            migrations::migrate_until(config, name, &|| self.cancel.is_cancelled())?;
        }
        let mut connection = emap_star::connect_to(config, name)?;
        if schema == Schema::SeeTo {
            let missing = migrations::missing(&mut connection)?;
            if let Some(last) = missing.last() {
                return Err(DatabaseError::SchemaTooOld {
                    schema: name.clone(),
                    missing: missing.len(),
                    last,
                });
            }
            sequence::prepare(&mut connection, self.sequence)?;
        }
        Ok(Session::on_database(connection)?)
    }
}
