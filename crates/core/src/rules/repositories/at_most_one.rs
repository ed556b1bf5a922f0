//! Rows of which there should be one at most.

use emap_star::{Row, SessionError};

/// The only one of these rows, or none; several are an error.
pub(super) fn at_most_one<'r, R: Row>(
    mut rows: impl Iterator<Item = &'r R>,
) -> Result<Option<&'r R>, SessionError> {
    let first = rows.next();
    match rows.count() {
        0 => Ok(first),
        more => Err(SessionError::SeveralRows { table: R::TABLE, count: more + 1 }),
    }
}
