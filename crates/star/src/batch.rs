//! One batch: a transaction in which messages change rows in memory, are written in sets, and are committed together.

use std::ops::{Deref, DerefMut};

use diesel::connection::{AnsiTransactionManager, TransactionManager};
use emap_postgres::{ErrorClass, is_alive};

use crate::{
    commit::{CommitError, UncertainCommit},
    error::SessionError,
    message_scope::MessageScope,
    shared,
    subjects::{Subject, Subjects},
    unit_of_work::UnitOfWork,
    value::Instant,
};

/// Rows kept from batch to batch at most; beyond that the type tables are read again.
const KEPT_ROWS: usize = 10_000;

/// An open batch. Dropping abandons it: the transaction is rolled back and every row forgotten, kept ones included if the
/// batch changed any row.
///
/// Look-ups are those of the [`UnitOfWork`], to which it dereferences.
#[derive(Debug)]
#[must_use = "a batch that is not flushed and committed is abandoned"]
pub struct Batch<'s> {
    open: Open<'s>,
}

/// A batch whose changes are written and not committed. Dropping abandons it.
#[derive(Debug)]
#[must_use = "a batch that is not committed is abandoned"]
pub struct Flushed<'s> {
    open: Open<'s>,
    /// What it is recognised by if the answer to the commit is lost. None in memory.
    commit: Option<UncertainCommit>,
}

/// A transaction that is rolled back unless it was committed.
#[derive(Debug)]
struct Open<'s> {
    work: &'s mut UnitOfWork,
    committed: bool,
}

impl Open<'_> {
    fn start(&mut self, subjects: &Subjects) -> Result<(), SessionError> {
        let Some(connection) = &mut self.work.connection else { return Ok(()) };
        AnsiTransactionManager::begin_transaction(connection)?;
        self.work.statements += 1;
        let (locked, transaction) = subjects.lock(connection)?;
        (self.work.locked, self.work.transaction) = (locked, transaction);
        self.work.alone = subjects.alone;
        Ok(())
    }

    fn roll_back(&mut self) {
        // Kept rows stay as they were read, unless the batch changed some of them.
        let keep = self.work.connection.is_some() && !self.work.tables.is_changed();
        self.work.tables.forget(keep);
        if let Some(connection) = &mut self.work.connection {
            // If even this fails the connection is gone, which `is_alive` will show.
            if let Err(error) = AnsiTransactionManager::rollback_transaction(connection) {
                tracing::debug!(%error, "rollback");
            }
        }
    }
}

impl Drop for Open<'_> {
    fn drop(&mut self) {
        if !self.committed {
            self.roll_back();
        }
    }
}

impl<'s> Batch<'s> {
    pub(crate) fn begin(work: &'s mut UnitOfWork, subjects: &Subjects) -> Result<Self, SessionError> {
        let mut open = Open { work, committed: false };
        open.start(subjects)?;
        Ok(Self { open })
    }

    /// Lets everything go, as dropping does, and begins anew with other subjects. After an error the batch can only be
    /// dropped.
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn begin_anew(&mut self, subjects: &Subjects) -> Result<(), SessionError> {
        self.open.roll_back();
        self.open.start(subjects)
    }

    /// No other process works at all until the batch ends. Always true in memory.
    pub fn is_alone(&self) -> bool {
        self.alone || self.connection.is_none()
    }

    /// No other process works on this until the batch ends. Always true in memory, and of names that cannot be stored.
    pub fn has_locked(&self, subject: Subject<'_>) -> bool {
        self.is_alone() || !subject.is_storable() || self.locked.contains(&subject.to_string())
    }

    /// A message begins; `stored_from` is when its processing started, and is noted on all rows it changes.
    pub fn message(&mut self, stored_from: Instant) -> MessageScope<'_> {
        MessageScope::new(self.open.work, stored_from)
    }

    /// Writes everything that the batch changed. On an error the batch is abandoned.
    ///
    /// # Errors
    /// When the database refuses or is lost, or another process changed what the batch read
    /// ([`ErrorClass::Conflict`](crate::ErrorClass::Conflict): doing the batch again helps).
    pub fn flush(self) -> Result<Flushed<'s>, SessionError> {
        let work = &mut *self.open.work;
        let mut commit = None;
        if let Some(connection) = &mut work.connection {
            if !work.alone {
                shared::claim(&work.tables, connection)?;
            }
            commit = work.transaction.map(|transaction| UncertainCommit::of(transaction, &work.tables));
            work.tables.flush(connection, &mut work.buffer)?;
        }
        Ok(Flushed { open: self.open, commit })
    }

    /// Rolls the batch back, as dropping does.
    pub fn abandon(self) {}
}

impl Flushed<'_> {
    /// Commits what is written. On an error the batch is abandoned, unless it is uncertain whether it was committed
    /// ([`CommitError::uncertain`]).
    ///
    /// # Errors
    /// When the database refuses or is lost.
    pub fn commit(mut self) -> Result<(), CommitError> {
        let work = &mut *self.open.work;
        if let Some(connection) = &mut work.connection
            && let Err(error) = AnsiTransactionManager::commit_transaction(connection)
        {
            let error = SessionError::from(error);
            // A server that still answers has refused.
            let is_lost = error.class() == ErrorClass::Lost || !is_alive(connection);
            return Err(CommitError {
                error,
                uncertain: self.commit.take().filter(|_| is_lost).map(Box::new),
            });
        }
        work.tables.mark_written();
        if work.connection.is_some() {
            // Other processes may change these rows before the next batch; types hardly ever change.
            work.tables.forget(true);
            if work.tables.len() > KEPT_ROWS {
                work.tables.forget(false);
            }
        }
        self.open.committed = true;
        Ok(())
    }
}

impl Deref for Batch<'_> {
    type Target = UnitOfWork;
    fn deref(&self) -> &UnitOfWork {
        self.open.work
    }
}

impl DerefMut for Batch<'_> {
    fn deref_mut(&mut self) -> &mut UnitOfWork {
        self.open.work
    }
}
