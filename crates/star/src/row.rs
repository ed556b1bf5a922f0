//! What the unit of work needs to know of a table's rows.

use std::fmt::Debug;

use diesel::{PgConnection, QueryResult};

use crate::{
    error::SessionError,
    id::Id,
    value::{Instant, Value},
};

/// A row of one table.
pub trait Row: Clone + PartialEq + Debug + Send + 'static {
    /// Name of the table.
    const TABLE: &'static str;
    /// Rows of a type table are kept from batch to batch.
    const TYPE_TABLE: bool = false;
    /// What people know a row by, whatever its primary key: columns that together distinguish it from the others. Of
    /// several sets the first that holds something counts. Empty if the table has no such columns.
    const KNOWN_BY: &'static [&'static [&'static str]] = &[];
    /// A row is deleted only when those that referred to it have been written with another reference. No column of such
    /// a table may have to be unique, as both rows are there for a moment.
    const LEFT_BEFORE_DELETED: bool = false;
    /// The table's look-ups.
    type Indexes: IndexSet<Self>;
    /// What distinguishes a stored version of a row from those before and after it.
    type Version: Clone + Debug + Send;

    /// Primary key.
    fn id(&self) -> Id<Self>;
    /// What distinguishes this version of the row from others.
    fn version(&self) -> Self::Version;
    /// Calls for every column but the primary key, in the order of the declaration, with its name and value.
    fn each_column(&self, see: impl FnMut(&'static str, Value<'_>));
    /// Refuses texts that the table cannot hold.
    fn check(&self) -> Result<(), SessionError>;
    /// Appends the row in binary `COPY` form.
    fn copy_to(&self, out: &mut Vec<u8>);

    /// Rows with these primary keys.
    fn load(connection: &mut PgConnection, ids: &[Id<Self>]) -> QueryResult<Vec<Self>>;
    /// Stores new rows; `copy` is the complete binary `COPY` stream.
    fn insert(connection: &mut PgConnection, copy: &[u8]) -> QueryResult<usize>;
    /// Overwrites rows by primary key, all of them with one statement, as far as the stored version still is the one
    /// given with the row. Gives how many were overwritten.
    fn update(connection: &mut PgConnection, rows: &[(&Self, &Self::Version)]) -> QueryResult<usize>;
    /// Removes rows by primary key, likewise.
    fn delete(connection: &mut PgConnection, rows: &[(Id<Self>, &Self::Version)]) -> QueryResult<usize>;
}

/// A row whose former versions go to an audit twin.
pub trait Audited: Row {
    /// Row of the audit twin.
    type Twin: Row;

    /// Hospital time from which the present values hold.
    fn valid_from(&self) -> Instant;
    /// When the star database learnt of the present values; every version of a row has a later one.
    fn stored_from(&self) -> Instant;
    /// Notes when the present values began to hold, and when we learnt of them.
    fn stamp(&mut self, valid_from: Instant, stored_from: Instant);
    /// The present values as a former version.
    fn to_twin(&self, twin_id: Id<Self::Twin>, valid_until: Instant, stored_until: Instant) -> Self::Twin;
}

/// All look-ups of one table.
pub trait IndexSet<R>: Default + Send {
    /// Some of the look-ups are of rows that no lock covers.
    const SHARED: bool = false;

    /// A row is now in memory.
    fn add(&mut self, row: &R);
    /// A row is no longer in memory, or about to change.
    fn remove(&mut self, row: &R);
    /// Forget what was looked up: all of it, or, keeping the rows of a type table, all but the unique keys found.
    fn forget(&mut self, keep_found: bool);
    /// What other processes could call a row that is about to be created, too.
    fn shared_names(row: &R) -> Vec<String>;
    /// Rows that are stored under keys of these new ones though memory took the keys for looked up.
    fn stored_meanwhile(&self, connection: &mut PgConnection, rows: &[&R]) -> QueryResult<Vec<R>>;
}
