//! Rows of which the messages may lack a time as long as they change nothing.

use emap_star::{Audited, Holds, Id, Instant, MessageScope, RowState, Tables};

use crate::failure::Failure;

/// Saves what a message says of a row. Only where there is something to write must the message say since when it
/// holds. `new` makes the row from its primary key.
pub(super) fn save_changed<R: Audited>(
    rows: &mut MessageScope<'_>,
    known: Option<R>,
    valid_from: Result<Instant, Failure>,
    new: impl FnOnce(Id<R>) -> R,
    change: impl Fn(&mut R),
) -> Result<(), Failure>
where
    Tables: Holds<R>,
{
    let mut row = if let Some(known) = known {
        let mut after = known.clone();
        change(&mut after);
        if after == known {
            return Ok(());
        }
        RowState::existing(known, valid_from?)
    } else {
        let valid_from = valid_from?;
        RowState::created(new(rows.next_id()?), valid_from)
    };
    change(&mut row);
    rows.save(row)?;
    Ok(())
}
