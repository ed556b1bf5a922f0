//! Rows got or created.

use emap_star::{Audited, Instant, RowState, Session, SessionError};

/// Opens a row as it is known, or else as the message creates it. `new` makes it from its primary key and the time at
/// which the message is stored; `valid_from` is when changes begin to hold.
pub(super) fn opened<R: Audited>(
    session: &mut Session,
    known: Option<R>,
    valid_from: Instant,
    new: impl FnOnce(i64, Instant) -> R,
) -> Result<RowState<R>, SessionError> {
    if let Some(known) = known {
        return Ok(RowState::existing(known, valid_from));
    }
    let id = session.next_id()?;
    Ok(RowState::created(new(id, session.stored_from()), valid_from))
}
