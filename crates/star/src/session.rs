//! The unit of work: rules run against rows in memory; the database is read in sets and written in sets.

use std::ops::Deref;

use diesel::{PgConnection, connection::SimpleConnection};

use crate::{
    batch::Batch,
    commit::{Fate, UncertainCommit},
    error::SessionError,
    subjects::Subjects,
    unit_of_work::UnitOfWork,
    willing,
};

/// A star database, or none, with the rows that are kept in memory between batches.
///
/// [`begin`](Self::begin) gives a [`Batch`], its [`message`](Batch::message) a [`MessageScope`](crate::MessageScope),
/// which is kept or undone; then [`flush`](Batch::flush) and [`commit`](crate::Flushed::commit). Whatever is dropped
/// half-way is undone. Between batches the rows can be looked at only.
#[derive(Debug)]
pub struct Session {
    work: UnitOfWork,
}

impl Session {
    /// A session without a database: it starts empty and knows everything there is. Abandoning a batch empties it.
    pub fn in_memory() -> Self {
        Self { work: UnitOfWork::over(None) }
    }

    /// A session over an open connection whose `search_path` leads to the star schema
    /// (see [`connect`](crate::connect)).
    ///
    /// # Errors
    /// When the connection is lost already.
    pub fn on_database(connection: PgConnection) -> Result<Self, SessionError> {
        Ok(Self { work: UnitOfWork::over(Some(by_key(connection)?)) })
    }

    /// Opens the batch's transaction and waits until no other process works on any of these subjects. The locks end
    /// with the batch.
    ///
    /// While it waited, others may have changed which patients the numbers lead to. So whoever has read the rows asks
    /// [`has_locked`](Batch::has_locked) whether they lead to anything else, and if so begins anew.
    ///
    /// # Errors
    /// When the database refuses or is lost; then no batch is open.
    pub fn begin(&mut self, subjects: &Subjects) -> Result<Batch<'_>, SessionError> {
        Batch::begin(&mut self.work, subjects)
    }

    /// What became of a batch of another session, whose connection was lost before the answer to its commit came.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn fate_of(&mut self, commit: &UncertainCommit) -> Result<Fate, SessionError> {
        self.work.connection.as_mut().map_or(Ok(Fate::RolledBack), |connection| commit.fate(connection))
    }

    /// The database would take rows of every table now: it is not read-only, no table is missing or locked, and no right
    /// is. Writes nothing. Says so by the error where it would not.
    ///
    /// # Errors
    /// What the database answered.
    pub fn check_willing(&mut self) -> Result<(), SessionError> {
        self.work.connection.as_mut().map_or(Ok(()), willing::check)
    }

    /// The database answers. Always true in memory.
    pub fn is_alive(&mut self) -> bool {
        self.work.connection.as_mut().is_none_or(emap_postgres::is_alive)
    }
}

impl Session {
    /// None in memory.
    pub(crate) fn connection(&mut self) -> Option<&mut PgConnection> {
        self.work.connection.as_mut()
    }
}

impl Deref for Session {
    type Target = UnitOfWork;
    fn deref(&self) -> &UnitOfWork {
        &self.work
    }
}

/// A session reaches rows by key only: without statistics of a young table the planner would rather scan all of it, or
/// compile a query that it takes for expensive.
fn by_key(mut connection: PgConnection) -> Result<PgConnection, SessionError> {
    connection.batch_execute(
        "SET enable_seqscan TO off; SET enable_hashjoin TO off; SET enable_mergejoin TO off; SET jit TO off",
    )?;
    Ok(connection)
}
