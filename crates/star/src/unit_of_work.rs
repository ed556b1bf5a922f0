//! The rows in memory and what they are asked: reads the database only where memory cannot answer.

use std::{fmt, hash::Hash};

use diesel::PgConnection;
use foldhash::HashSet;

use crate::{
    commit::TransactionId,
    error::SessionError,
    id::Id,
    ids::Ids,
    index::Lookup,
    inspect::Inspect,
    row::Row,
    table::Table,
    tables::{Holds, Tables},
    value::Instant,
};

/// An identity map over the star schema, filled on demand.
///
/// Its rows are changed by a [`MessageScope`](crate::MessageScope) only.
pub struct UnitOfWork {
    pub(crate) connection: Option<PgConnection>,
    /// Boxed: all tables with their indexes are some kilobytes, and sessions are moved.
    pub(crate) tables: Box<Tables>,
    pub(crate) ids: Ids,
    pub(crate) stored_from: Instant,
    pub(crate) locked: HashSet<String>,
    /// The open transaction, once its number is known.
    pub(crate) transaction: Option<TransactionId>,
    /// No other process works until the batch ends.
    pub(crate) alone: bool,
    pub(crate) statements: u64,
    pub(crate) buffer: Vec<u8>,
}

impl fmt::Debug for UnitOfWork {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let store = if self.connection.is_some() { "database" } else { "memory" };
        f.debug_struct("UnitOfWork")
            .field("store", &store)
            .field("rows", &self.tables.len())
            .finish_non_exhaustive()
    }
}

impl UnitOfWork {
    pub(crate) fn over(connection: Option<PgConnection>) -> Self {
        Self {
            connection,
            tables: Box::default(),
            ids: Ids::default(),
            stored_from: Instant::UNIX_EPOCH,
            locked: HashSet::default(),
            transaction: None,
            alone: false,
            statements: 0,
            buffer: Vec::new(),
        }
    }

    /// When the processing of the present message started.
    pub fn stored_from(&self) -> Instant {
        self.stored_from
    }

    /// Makes memory able to answer for all these keys, with at most one query. Keys that no column can hold are left
    /// out: whoever asks with one of them gets an error.
    pub fn prefetch<L: Lookup>(&mut self, keys: impl IntoIterator<Item = L::Key>) -> Result<(), SessionError>
    where
        Tables: Holds<L::Row>,
    {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let table = self.tables.table_mut();
        let unknown =
            distinct(keys.into_iter().filter(|key| !table.is_complete::<L>(key) && L::check(key).is_ok()));
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
        let keys = distinct(keys.into_iter().filter(|key| L::check(key).is_ok()));
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
    pub fn prefetch_ids<R: Row>(&mut self, ids: impl IntoIterator<Item = Id<R>>) -> Result<(), SessionError>
    where
        Tables: Holds<R>,
    {
        let Some(connection) = &mut self.connection else { return Ok(()) };
        let table: &mut Table<R> = self.tables.table_mut();
        let mut unknown: Vec<Id<R>> = ids.into_iter().filter(|id| !table.knows(*id)).collect();
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
    pub fn is_new<R: Row>(&self, id: Id<R>) -> bool
    where
        Tables: Holds<R>,
    {
        self.tables.table().is_new(id)
    }

    /// Makes memory able to answer which rows refer to these rows of `P`, with at most one query: nothing stored refers
    /// to rows that the present batch creates.
    pub fn prefetch_children<P: Row, L: Lookup<Key: From<Id<P>>>>(
        &mut self,
        parents: &[Id<P>],
    ) -> Result<(), SessionError>
    where
        Tables: Holds<P> + Holds<L::Row>,
    {
        for parent in parents {
            if self.is_new::<P>(*parent) {
                self.known_absent::<L>((*parent).into());
            }
        }
        self.prefetch::<L>(parents.iter().map(|parent| (*parent).into()))
    }

    /// Rows that refer to a row of `P`, in order of primary key.
    pub fn children<P: Row, L: Lookup<Key: From<Id<P>>>>(
        &mut self,
        parent: Id<P>,
    ) -> Result<Vec<&L::Row>, SessionError>
    where
        Tables: Holds<P> + Holds<L::Row>,
    {
        self.prefetch_children::<P, L>(&[parent])?;
        Ok(self.tables.table().find::<L>(&parent.into()).collect())
    }

    /// All rows with this key, in order of primary key; a key that no column can hold is an error.
    pub fn find<L: Lookup>(&mut self, key: &L::Key) -> Result<Vec<&L::Row>, SessionError>
    where
        Tables: Holds<L::Row>,
    {
        L::check(key)?;
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
    pub fn get<R: Row>(&mut self, id: Id<R>) -> Result<&R, SessionError>
    where
        Tables: Holds<R>,
    {
        self.prefetch_ids::<R>([id])?;
        self.tables.table().get(id).ok_or(SessionError::RowMissing { table: R::TABLE, id: id.number() })
    }

    /// The row with this primary key, if memory has it.
    pub fn in_memory_row<R: Row>(&self, id: Id<R>) -> Option<&R>
    where
        Tables: Holds<R>,
    {
        self.tables.table().get(id)
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

    /// Statements sent to read rows so far: the measure of a prefetch.
    pub fn statements(&self) -> u64 {
        self.statements
    }
}

fn distinct<K: Hash + Eq>(keys: impl IntoIterator<Item = K>) -> Vec<K> {
    let keys: HashSet<K> = keys.into_iter().collect();
    keys.into_iter().collect()
}
