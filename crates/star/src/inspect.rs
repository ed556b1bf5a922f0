//! Rows of any table, table by table, for those who show or compare what is stored.

use crate::row::Row;

/// A look at all tables; see [`UnitOfWork::inspect`](crate::UnitOfWork::inspect).
pub trait Inspect {
    /// One table with its rows, in no order.
    fn table<'r, R: Row>(&mut self, rows: impl Iterator<Item = &'r R>);
}
