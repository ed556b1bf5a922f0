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
    partitions::claims::{self, Claim, Claimant},
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
    /// Of messages of a partition: the right to process them.
    pub(crate) claim: Option<Claim>,
    /// What it took so far.
    pub(crate) times: PhaseTimes,
}

/// A batch that is committed.
#[derive(Debug)]
pub(crate) struct Done {
    /// In the order of the messages. None if the right to process them was lost: the broker delivers them again.
    pub(crate) messages: Option<Vec<DoneMessage>>,
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

/// How work on a batch ended.
enum Ended {
    Done(Vec<Report>),
    /// Another core may have the messages.
    ClaimLost,
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
    pub(crate) claimant: Claimant,
}

impl Worker {
    /// Works until the batches end. A batch that cannot be committed before a cancellation is dropped; the broker keeps it.
    ///
    /// # Errors
    /// When new rows would get primary keys that are in use.
    pub(crate) fn run(
        mut self,
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
            let Some(ended) = self.process(&mut engine, &work) else { break };
            let messages = match ended {
                Ended::Done(reports) => {
                    let messages = work.messages.iter().zip(reports);
                    Some(messages.map(|(incoming, report)| DoneMessage::new(incoming, report)).collect())
                }
                Ended::ClaimLost => None,
            };
            let mut times = work.times;
            times += engine.take_times();
            if done.send(Done { messages, ticket: work.ticket, times }).is_err() {
                break;
            }
        }
        Ok(())
    }

    /// The next batch, if there is any. A database that goes away while there is none is noticed, and waited for.
    fn next(&mut self, batches: &mut mpsc::Receiver<Work>, engine: &mut Engine) -> Option<Work> {
        loop {
            if self.claimant.is_due()
                && let Err(error) = self.claimant.look(engine.session_mut())
            {
                tracing::debug!(%error, "partitions");
                if !engine.is_alive() {
                    engine.replace_session(self.wait_for_database(Schema::IsUpToDate)?);
                    continue;
                }
            }
            let pause = if self.claimant.is_on() { claims::LOOK } else { IDLE_LOOK };
            let next = Handle::current().block_on(async { timeout(pause, batches.recv()).await });
            if let Ok(work) = next {
                return work;
            }
            if !engine.is_alive() {
                engine.replace_session(self.wait_for_database(Schema::IsUpToDate)?);
            }
        }
    }

    /// Processes a batch, over as many connections as it takes; none if the daemon is to stop first.
    fn process(&mut self, engine: &mut Engine, work: &Work) -> Option<Ended> {
        if work.claim.is_some_and(|claim| !self.claimant.may_process(claim)) {
            return Some(Ended::ClaimLost);
        }
        let commits = self.commits.clone();
        let on_commit = || commits.count();
        let mut task = Task::new(&work.messages, &on_commit);
        let mut failed_before = false;
        let retry = self.retry();
        let attempt = || -> Result<bool, DatabaseError> {
            if failed_before {
                // Also after an unwilling answer: some settings, such as read-only, hold until a connection ends.
                let mut session = self.connect(Schema::IsUpToDate)?;
                // Once the broker has taken the messages back, another core may be beyond them.
                let in_hand = work.claim.filter(|_| work.ticket.is_live());
                let regained = self.claimant.renew(&mut session, in_hand)?;
                engine.replace_session(session);
                if let Some(claim) = work.claim
                    && !(in_hand.is_some() && regained && work.ticket.is_live())
                {
                    self.claimant.give_up(engine.session_mut(), claim)?;
                    return Ok(false);
                }
            }
            failed_before = true;
            engine.work_on(&mut task)?;
            Ok(true)
        };
        let done = retry.run_blocking(attempt, |_| true).ok()?;
        if !done {
            tracing::info!("a batch is given up: its partition was lost with the database session");
            return Some(Ended::ClaimLost);
        }
        Some(Ended::Done(task.into_reports()))
    }

    /// A session on a database that would take rows; none if the daemon is to stop first.
    fn wait_for_database(&mut self, schema: Schema) -> Option<Session> {
        self.connect_and_look(schema).ok()
    }

    /// The same; fails also if keys would collide.
    fn connect_and_look(&mut self, schema: Schema) -> Result<Session, GaveUp<DatabaseError>> {
        let retry = self.retry();
        let attempt = || -> Result<Session, DatabaseError> {
            let mut session = self.connect(schema)?;
            session.check_willing()?;
            self.claimant.renew(&mut session, None)?;
            Ok(session)
        };
        retry.run_blocking(attempt, |error| !error.is_collision())
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
