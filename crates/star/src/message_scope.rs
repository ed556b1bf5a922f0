//! One message within a batch: what it changes is kept or undone as a whole.

use std::ops::{Deref, DerefMut};

use crate::{
    error::SessionError,
    id::Id,
    row::{Audited, Row},
    row_state::RowState,
    tables::{Holds, Tables},
    unit_of_work::UnitOfWork,
    value::Instant,
};

/// The changes of one message. They become part of the batch by [`keep`](Self::keep); dropping undoes them.
///
/// Look-ups are those of the [`UnitOfWork`], to which it dereferences.
#[derive(Debug)]
#[must_use = "a message that is not kept is undone"]
pub struct MessageScope<'b> {
    work: &'b mut UnitOfWork,
    kept: bool,
}

impl<'b> MessageScope<'b> {
    pub(crate) fn new(work: &'b mut UnitOfWork, stored_from: Instant) -> Self {
        work.stored_from = stored_from;
        Self { work, kept: false }
    }

    /// Keeps what was changed so far and writes one audit row for each row changed or deleted. What is changed
    /// afterwards is undone alone.
    ///
    /// # Errors
    /// When no keys for the audit rows can be drawn.
    pub fn keep(mut self) -> Result<(), SessionError> {
        let work = &mut *self.work;
        work.tables.close_message(&mut work.ids, work.connection.as_mut(), work.stored_from)?;
        self.kept = true;
        Ok(())
    }

    /// Undoes everything the message did, as dropping does.
    pub fn undo(self) {}

    /// A new primary key.
    pub fn next_id<R: Row>(&mut self) -> Result<Id<R>, SessionError> {
        let work = &mut *self.work;
        work.ids.next(work.connection.as_mut()).map(Id::new)
    }

    /// Saves an opened row: inserted if created; if anything differs, changed and its former version audited; else
    /// left as it is.
    pub fn save<R: Audited>(&mut self, state: RowState<R>) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        let confirmed = state.is_confirmed();
        let Some((row, until)) = state.into_written(self.work.stored_from) else { return Ok(()) };
        let (id, table) = (row.id(), Holds::<R>::table_mut(&mut *self.work.tables));
        table.put(row, until)?;
        if confirmed {
            table.confirm(id);
        }
        Ok(())
    }

    /// Inserts or overwrites a row as it stands. Rows of audited tables are changed by [`save`](Self::save).
    pub fn put<R: Row>(&mut self, row: R) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        self.work.tables.table_mut().put(row, None)
    }

    /// Deletes a row; its last version held until `valid_until` and, if the table keeps former versions, is audited.
    pub fn delete<R: Row>(&mut self, id: Id<R>, valid_until: Instant)
    where
        Tables: Holds<R>,
    {
        Holds::<R>::table_mut(&mut *self.work.tables).remove(id, Some(valid_until));
    }
}

impl Drop for MessageScope<'_> {
    fn drop(&mut self) {
        if !self.kept {
            self.work.tables.undo_message();
        }
    }
}

impl Deref for MessageScope<'_> {
    type Target = UnitOfWork;
    fn deref(&self) -> &UnitOfWork {
        self.work
    }
}

impl DerefMut for MessageScope<'_> {
    fn deref_mut(&mut self) -> &mut UnitOfWork {
        self.work
    }
}
