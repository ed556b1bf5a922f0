//! What has been read of a batch so far, which leads to what is read next.

use std::borrow::Borrow;

use emap_star::{Holds, Id, Lookup, Row, Tables, UnitOfWork};

/// Primary keys of the rows in memory under these keys.
pub(super) fn ids_under<L: Lookup>(
    work: &UnitOfWork,
    keys: impl IntoIterator<Item = impl Borrow<L::Key>>,
) -> Vec<Id<L::Row>>
where
    Tables: Holds<L::Row>,
{
    let mut ids = Vec::new();
    for key in keys {
        ids.extend(work.in_memory_rows::<L>(key.borrow()).map(Row::id));
    }
    ids
}
