//! At most one.

use emap_star::{Row, SessionError};

/// The only one of these rows, or none; several are an error.
pub(super) fn only<'r, R: Row>(mut rows: impl Iterator<Item = &'r R>) -> Result<Option<&'r R>, SessionError> {
    let first = rows.next();
    match rows.count() {
        0 => Ok(first),
        more => Err(SessionError::SeveralRows { table: R::TABLE, count: more + 1 }),
    }
}
