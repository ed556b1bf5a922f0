//! Periods in which the state of a place stayed the same. They are kept in one table with the present one, which is
//! open.

use emap_star::{
    Holds, Instant, MessageScope, Row, Tables,
    rows::{BedState, DepartmentState, RoomState},
};

use crate::failure::{Cause, Failure};

/// A period of a place.
pub(super) trait Period: Row {
    /// Hospital time at which it began.
    fn began(&self) -> Instant;
    /// It ended; `noted` is when the database learnt of it.
    fn end(&mut self, at: Instant, noted: Instant);
}

macro_rules! periods {
    ($($row:ident),*) => {
        $(impl Period for $row {
            fn began(&self) -> Instant {
                self.valid_from
            }

            fn end(&mut self, at: Instant, noted: Instant) {
                (self.valid_until, self.stored_until) = (Some(at), Some(noted));
            }
        })*
    };
}

periods!(DepartmentState, RoomState, BedState);

/// The last of these to begin; of several the one known last.
pub(super) fn latest<'p, P: Period>(periods: impl IntoIterator<Item = &'p P>) -> Option<P> {
    periods.into_iter().max_by_key(|period| (period.began(), period.id())).cloned()
}

/// A period that begins after all that are known of the place; the latest of these ends.
pub(super) fn append<P: Period>(rows: &mut MessageScope<'_>, latest: Option<P>, new: P) -> Result<(), Failure>
where
    Tables: Holds<P>,
{
    if let Some(mut latest) = latest {
        if new.began() < latest.began() {
            return Err(Cause::IncompatibleState(
                "the state of the room or bed began before the latest known one",
            )
            .into());
        }
        latest.end(new.began(), rows.stored_from());
        rows.put(latest)?;
    }
    rows.put(new)?;
    Ok(())
}
