//! Rows of which the messages may lack a time as long as they change nothing.

use emap_star::{Audited, Holds, Instant, RowState, Session, Tables};

use crate::failure::Failure;

/// Saves what a message says of a row. Only where there is something to write must the message say since when it
/// holds. `new` makes the row from its primary key, the time at which the message is stored, and that since when it
/// holds.
pub(super) fn save_changed<R: Audited>(
    session: &mut Session,
    known: Option<R>,
    valid_from: Result<Instant, Failure>,
    new: impl FnOnce(i64, Instant, Instant) -> R,
    change: impl Fn(&mut R),
) -> Result<(), Failure>
where
    Tables: Holds<R>,
{
    let mut row = match known {
        Some(known) => {
            let mut after = known.clone();
            change(&mut after);
            if after == known {
                return Ok(());
            }
            RowState::existing(known, valid_from?)
        }
        None => {
            let valid_from = valid_from?;
            let row = new(session.next_id()?, session.stored_from(), valid_from);
            RowState::created(row, valid_from)
        }
    };
    change(&mut row);
    session.save(row)?;
    Ok(())
}
