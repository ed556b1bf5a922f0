//! The thread that owns the engine: rules and database work are synchronous, the broker is not.

use emap_queue::Ticket;
use emap_service::{Component, Shutdown, settings::DatabaseSettings};
use emap_star::{Session, migrations};
use tokio::sync::mpsc;

use crate::{
    connecting::connected,
    engine::{Engine, Incoming},
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

/// Why there is no usable database.
#[derive(Debug, thiserror::Error)]
enum ConnectError {
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
    pub(crate) health: Component,
    pub(crate) shutdown: Shutdown,
}

impl Worker {
    /// Works until the batches end. A batch that cannot be committed before a shutdown is dropped; the broker keeps it.
    pub(crate) fn run(self, mut batches: mpsc::Receiver<Work>, done: &mpsc::UnboundedSender<Done>) {
        let Some(session) = self.session(Schema::BringUpToDate) else { return };
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

    /// Processes a batch, over as many connections as it takes.
    fn process(&self, engine: &mut Engine, messages: &[Incoming]) -> Option<Vec<Report>> {
        loop {
            match engine.process(messages) {
                Ok(reports) => return Some(reports),
                Err(lost) => {
                    self.health.down(&lost);
                    engine.go_on_with(self.session(Schema::IsUpToDate)?);
                }
            }
        }
    }

    /// A session, as soon as the database can be reached; none if the daemon shall stop first.
    fn session(&self, schema: Schema) -> Option<Session> {
        connected(&self.health, &self.shutdown, None, || self.connect(schema)).ok()
    }

    fn connect(&self, schema: Schema) -> Result<Session, ConnectError> {
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
