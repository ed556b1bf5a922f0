//! The thread that owns the engine: rules and database work are synchronous, the broker is not.

use emap_queue::Ticket;
use emap_service::{Backoff, CancellationToken, Component, Retry, settings::DatabaseSettings};
use emap_star::{Session, migrations};
use tokio::sync::mpsc;

use crate::{
    engine::{Engine, Task, Unavailable},
    incoming::Incoming,
    outcome::Report,
    phases::PhaseTimes,
    rules::Rules,
};

/// Whether a connection has to see to the schema first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Schema {
    BringUpToDate,
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
    pub(crate) reports: Vec<Report>,
    pub(crate) types: Vec<&'static str>,
    pub(crate) ticket: Ticket,
    /// What it took.
    pub(crate) times: PhaseTimes,
}

/// What the worker needs besides batches.
pub(crate) struct Worker {
    pub(crate) database: DatabaseSettings,
    pub(crate) rules: Rules,
    /// The star database, in readiness.
    pub(crate) star: Component,
    pub(crate) cancel: CancellationToken,
}

impl Worker {
    /// Works until the batches end. A batch that cannot be committed before a cancellation is dropped; the broker keeps it.
    pub(crate) fn run(self, mut batches: mpsc::Receiver<Work>, done: &mpsc::UnboundedSender<Done>) {
        let connected = self.retry().run_blocking(|| self.connect(Schema::BringUpToDate), |_| true);
        let Ok(session) = connected else { return };
        let mut engine = Engine::new(session, self.rules);
        while let Some(work) = batches.blocking_recv() {
            let Some(reports) = self.process(&mut engine, &work.messages) else { return };
            let types = work.messages.iter().map(type_of).collect();
            let mut times = work.times;
            times += engine.take_times();
            if done.send(Done { reports, types, ticket: work.ticket, times }).is_err() {
                return;
            }
        }
    }

    /// Processes a batch, over as many connections as it takes; none if the daemon is to stop first.
    fn process(&self, engine: &mut Engine, messages: &[Incoming]) -> Option<Vec<Report>> {
        let mut task = Task::new(messages);
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

    fn retry(&self) -> Retry {
        Retry::new(&self.star, &self.cancel, Backoff::seconds(1, 60))
    }

    fn connect(&self, schema: Schema) -> Result<Session, DatabaseError> {
        let mut connection = emap_star::connect(&self.database.connection_string(), &self.database.schema)?;
        if schema == Schema::BringUpToDate {
            migrations::migrate(&mut connection, &self.database.schema)?;
        }
        Ok(Session::on_database(connection)?)
    }
}

fn type_of(incoming: &Incoming) -> &'static str {
    incoming.message.as_ref().map_or("undecodable", |message| message.class_name())
}
