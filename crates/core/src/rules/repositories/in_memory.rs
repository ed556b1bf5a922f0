//! What has been read of a batch so far, which leads to what is read next.

use std::borrow::Borrow;

use emap_star::{Holds, Lookup, Row, Session, Tables};

/// Primary keys of the rows in memory under these keys.
pub(super) fn ids_under<L: Lookup>(
    session: &Session,
    keys: impl IntoIterator<Item = impl Borrow<L::Key>>,
) -> Vec<i64>
where
    Tables: Holds<L::Row>,
{
    let mut ids = Vec::new();
    for key in keys {
        ids.extend(session.in_memory_rows::<L>(key.borrow()).map(Row::id));
    }
    ids
}
