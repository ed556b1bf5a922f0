//! The unit of work: rules run against rows in memory; the database is read in sets and written in sets.

use std::hash::Hash;

use diesel::{
    PgConnection,
    connection::{AnsiTransactionManager, SimpleConnection, TransactionManager},
};
use foldhash::HashSet;

use crate::{
    dependents::Removable,
    error::SessionError,
    ids::Ids,
    index::Lookup,
    inspect::Inspect,
    row::{Audited, Instant, Row},
    row_state::RowState,
    subjects::{Subject, Subjects},
    table::Table,
    tables::{Holds, Tables},
};

/// Rows kept from batch to batch at most; beyond that the type tables are read again.
const KEPT_ROWS: usize = 10_000;

/// An identity map over the star schema, filled on demand and flushed once per batch.
///
/// A batch is [`begin_batch`](Self::begin_batch), any number of messages, then
/// [`commit_batch`](Self::commit_batch) or [`abandon_batch`](Self::abandon_batch). A message is
/// [`begin_message`](Self::begin_message), changes, then [`keep_message`](Self::keep_message) or
/// [`undo_message`](Self::undo_message).
pub struct Session {
    connection: Option<PgConnection>,
    /// Boxed: all tables with their indexes are some kilobytes, and sessions are moved.
    tables: Box<Tables>,
    ids: Ids,
    stored_from: Instant,
    locked: HashSet<String>,
    statements: u64,
    buffer: Vec<u8>,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let store = if self.connection.is_some() { "database" } else { "memory" };
        f.debug_struct("Session")
            .field("store", &store)
            .field("rows", &self.tables.len())
            .finish_non_exhaustive()
    }
}

impl Session {
    /// A session without a database: it starts empty and knows everything there is.
    pub fn in_memory() -> Self {
        Self::over(None)
    }

    /// A session over an open connection whose `search_path` leads to the star schema
    /// (see [`connect`](crate::connect)).
    ///
    /// # Errors
    /// When the connection is lost already.
    pub fn on_database(connection: PgConnection) -> Result<Self, SessionError> {
        Ok(Self::over(Some(by_key(connection)?)))
    }

    fn over(connection: Option<PgConnection>) -> Self {
        Self {
            connection,
            tables: Box::default(),
            ids: Ids::default(),
            stored_from: Instant::UNIX_EPOCH,
            locked: HashSet::default(),
            statements: 0,
            buffer: Vec::new(),
        }
    }

    // ---- batch -----------------------------------------------------------------------------------------------------

    /// Opens the batch's transaction and waits until no other process works on any of these subjects. The locks end
    /// with the batch.
    ///
    /// While it waited, others may have changed which patients the numbers lead to. So whoever has read the rows asks
    /// [`has_locked`](Self::has_locked) whether they lead to anything else, and if so begins anew.
    pub fn begin_batch(&mut self, subjects: &Subjects) -> Result<(), SessionError> {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        AnsiTransactionManager::begin_transaction(connection)?;
        self.locked.clear();
        if !subjects.is_empty() {
            self.statements += 1;
            self.locked.extend(subjects.lock(connection)?);
        }
        Ok(())
    }

    /// No other process works on this until the batch ends. Always true in memory.
    pub fn has_locked(&self, subject: Subject<'_>) -> bool {
        self.connection.is_none() || self.locked.contains(&subject.to_string())
    }

    /// Writes everything that the batch changed and commits. On an error the batch must be abandoned.
    pub fn commit_batch(&mut self) -> Result<(), SessionError> {
        self.flush_batch()?;
        self.commit_flushed()
    }

    /// The first half of [`commit_batch`](Self::commit_batch): writes everything that the batch changed. After it
    /// comes nothing but [`commit_flushed`](Self::commit_flushed) or [`abandon_batch`](Self::abandon_batch).
    pub fn flush_batch(&mut self) -> Result<(), SessionError> {
        match &mut self.connection {
            Some(connection) => self.tables.flush(connection, &mut self.buffer),
            None => Ok(()),
        }
    }

    /// The second half of [`commit_batch`](Self::commit_batch): commits what is written.
    pub fn commit_flushed(&mut self) -> Result<(), SessionError> {
        let Some(connection) = &mut self.connection else {
            self.tables.mark_written();
            return Ok(());
        };
        AnsiTransactionManager::commit_transaction(connection)?;
        self.tables.mark_written();
        // Other processes may change these rows before the next batch; types hardly ever change.
        self.tables.forget(true);
        if self.tables.len() > KEPT_ROWS {
            self.tables.forget(false);
        }
        Ok(())
    }

    /// Rolls the batch back and forgets every row, kept ones included.
    pub fn abandon_batch(&mut self) {
        self.tables.forget(false);
        if let Some(connection) = &mut self.connection {
            // If even this fails the connection is gone, which `is_alive` will tell.
            if let Err(error) = AnsiTransactionManager::rollback_transaction(connection) {
                tracing::debug!(%error, "rollback");
            }
        }
    }

    /// The database answers. Always true in memory.
    pub fn is_alive(&mut self) -> bool {
        self.connection.as_mut().is_none_or(emap_postgres::is_alive)
    }

    // ---- message ---------------------------------------------------------------------------------------------------

    /// A message begins; `stored_from` is when its processing started, and is noted on all rows it changes.
    pub fn begin_message(&mut self, stored_from: Instant) {
        self.stored_from = stored_from;
    }

    /// When the processing of the present message started.
    pub fn stored_from(&self) -> Instant {
        self.stored_from
    }

    /// Keeps the message's changes and writes one audit row for each row it changed or deleted.
    pub fn keep_message(&mut self) -> Result<(), SessionError> {
        self.tables.close_message(&mut self.ids, self.connection.as_mut(), self.stored_from)
    }

    /// Undoes everything the message did.
    pub fn undo_message(&mut self) {
        self.tables.undo_message();
    }

    // ---- look-ups --------------------------------------------------------------------------------------------------

    /// Makes memory able to answer for all these keys, with at most one query.
    pub fn prefetch<L: Lookup>(&mut self, keys: impl IntoIterator<Item = L::Key>) -> Result<(), SessionError>
    where
        Tables: Holds<L::Row>,
    {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let table = self.tables.table_mut();
        let unknown = distinct(keys.into_iter().filter(|key| !table.is_complete::<L>(key)));
        if unknown.is_empty() {
            return Ok(());
        }
        self.statements += 1;
        table.take_in(L::load(connection, &unknown)?);
        for key in unknown {
            table.mark_complete::<L>(key);
        }
        Ok(())
    }

    /// The same, but reads also what is kept from former batches, for a batch that changes such rows: another process
    /// may have changed them since.
    pub fn prefetch_anew<L: Lookup>(
        &mut self,
        keys: impl IntoIterator<Item = L::Key>,
    ) -> Result<(), SessionError>
    where
        Tables: Holds<L::Row>,
    {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let keys = distinct(keys);
        if keys.is_empty() {
            return Ok(());
        }
        self.statements += 1;
        let table = self.tables.table_mut();
        table.take_in_anew(L::load(connection, &keys)?);
        for key in keys {
            table.mark_complete::<L>(key);
        }
        Ok(())
    }

    /// Makes memory hold the rows with these primary keys, with at most one query.
    pub fn prefetch_ids<R: Row>(&mut self, ids: impl IntoIterator<Item = i64>) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let table: &mut Table<R> = self.tables.table_mut();
        let mut unknown: Vec<i64> = ids.into_iter().filter(|id| !table.knows(*id)).collect();
        if !unknown.is_empty() {
            unknown.sort_unstable();
            unknown.dedup();
            self.statements += 1;
            table.take_in(R::load(connection, &unknown)?);
        }
        Ok(())
    }

    /// Nothing can be stored under this key, because what it refers to is being created now: saves the query.
    pub fn known_absent<L: Lookup>(&mut self, key: L::Key)
    where
        Tables: Holds<L::Row>,
    {
        self.tables.table_mut().mark_complete::<L>(key);
    }

    /// The present batch creates this row, so nothing stored refers to it.
    pub fn is_new<R: Row>(&self, id: i64) -> bool
    where
        Tables: Holds<R>,
    {
        self.tables.table().is_new(id)
    }

    /// Makes memory able to answer which rows refer to these rows of `P`, with at most one query: nothing stored refers
    /// to rows that the present batch creates.
    pub fn prefetch_children<P: Row, L: Lookup<Key = i64>>(
        &mut self,
        parents: &[i64],
    ) -> Result<(), SessionError>
    where
        Tables: Holds<P> + Holds<L::Row>,
    {
        for parent in parents {
            if self.is_new::<P>(*parent) {
                self.known_absent::<L>(*parent);
            }
        }
        self.prefetch::<L>(parents.iter().copied())
    }

    /// Rows that refer to a row of `P`, in order of primary key.
    pub fn children<P: Row, L: Lookup<Key = i64>>(
        &mut self,
        parent: i64,
    ) -> Result<Vec<&L::Row>, SessionError>
    where
        Tables: Holds<P> + Holds<L::Row>,
    {
        self.prefetch_children::<P, L>(&[parent])?;
        Ok(self.tables.table().find::<L>(&parent).collect())
    }

    /// All rows with this key, in order of primary key.
    pub fn find<L: Lookup>(&mut self, key: &L::Key) -> Result<Vec<&L::Row>, SessionError>
    where
        Tables: Holds<L::Row>,
    {
        if self.connection.is_some() && !self.tables.table().is_complete::<L>(key) {
            self.prefetch::<L>([key.clone()])?;
        }
        Ok(self.tables.table().find::<L>(key).collect())
    }

    /// The only row with this key, or none; several are an error.
    pub fn find_one<L: Lookup>(&mut self, key: &L::Key) -> Result<Option<&L::Row>, SessionError>
    where
        Tables: Holds<L::Row>,
    {
        let rows = self.find::<L>(key)?;
        match rows.len() {
            0 | 1 => Ok(rows.first().copied()),
            count => Err(SessionError::SeveralRows { table: L::Row::TABLE, count }),
        }
    }

    /// The row with this primary key; that it is missing is an error.
    pub fn get<R: Row>(&mut self, id: i64) -> Result<&R, SessionError>
    where
        Tables: Holds<R>,
    {
        self.prefetch_ids::<R>([id])?;
        self.tables.table().get(id).ok_or(SessionError::RowMissing { table: R::TABLE, id })
    }

    /// Rows of this table that memory already has under a key, without asking the database.
    pub fn in_memory_rows<L: Lookup>(&self, key: &L::Key) -> impl Iterator<Item = &L::Row>
    where
        Tables: Holds<L::Row>,
    {
        self.tables.table().find::<L>(key)
    }

    /// All rows of a table in memory, in no order: the whole table in an in-memory session.
    pub fn rows<R: Row>(&self) -> impl Iterator<Item = &R>
    where
        Tables: Holds<R>,
    {
        self.tables.table().rows()
    }

    /// Shows the rows in memory, table by table, parents before those that refer to them; audit twins are left out.
    pub fn inspect(&self, inspector: &mut impl Inspect) {
        self.tables.inspect(inspector);
    }

    // ---- changes ---------------------------------------------------------------------------------------------------

    /// A new primary key.
    pub fn next_id(&mut self) -> Result<i64, SessionError> {
        self.ids.next(self.connection.as_mut())
    }

    /// Saves an opened row: inserted if created; if anything differs, changed and its former version audited; else
    /// left as it is.
    pub fn save<R: Audited>(&mut self, state: RowState<R>) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        let confirmed = state.is_confirmed();
        let Some((row, until)) = state.into_written(self.stored_from) else { return Ok(()) };
        let (id, table) = (row.id(), Holds::<R>::table_mut(&mut *self.tables));
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
        self.tables.table_mut().put(row, None)
    }

    /// Deletes a row; its last version held until `valid_until` and, if the table keeps former versions, is audited.
    pub fn delete<R: Row>(&mut self, id: i64, valid_until: Instant)
    where
        Tables: Holds<R>,
    {
        Holds::<R>::table_mut(&mut *self.tables).remove(id, Some(valid_until));
    }

    /// Deletes rows and everything that hangs on them, down to the last table.
    pub fn delete_with_dependents<R: Removable>(
        &mut self,
        ids: &[i64],
        valid_until: Instant,
    ) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        R::delete_dependents(self, ids, valid_until)?;
        for id in ids {
            self.delete::<R>(*id, valid_until);
        }
        Ok(())
    }

    /// Statements sent to read rows so far: the measure of a prefetch.
    pub fn statements(&self) -> u64 {
        self.statements
    }
}

fn distinct<K: Hash + Eq>(keys: impl IntoIterator<Item = K>) -> Vec<K> {
    let keys: HashSet<K> = keys.into_iter().collect();
    keys.into_iter().collect()
}

/// A session reaches rows by key only: without statistics of a young table the planner would rather scan all of it, or
/// compile a query that it takes for expensive.
fn by_key(mut connection: PgConnection) -> Result<PgConnection, SessionError> {
    connection.batch_execute(
        "SET enable_seqscan TO off; SET enable_hashjoin TO off; SET enable_mergejoin TO off; SET jit TO off",
    )?;
    Ok(connection)
}
