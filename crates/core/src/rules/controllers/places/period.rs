//! Periods in which the state of a place stayed the same. They are kept in one table with the present one, which is
//! open.

use emap_star::{
    Holds, Instant, MessageScope, Row, SessionError, Tables, just_after,
    rows::{BedState, DepartmentState, RoomState},
};

/// A period of a place.
pub(super) trait Period: Row + PartialEq {
    /// Hospital time at which it began.
    fn began(&self) -> Instant;
    /// When the database learnt of it.
    fn stored(&self) -> Instant;
    /// The database learnt of it no earlier than this.
    fn stored_since(&mut self, earliest: Instant);
    /// Hospital time at which it ended.
    fn ended(&self) -> Option<Instant>;
    /// It ended, or turns out to last; `noted` is when the database learnt of it, by a clock that may have been set back
    /// since the period was stored.
    fn set_end(&mut self, at: Option<Instant>, noted: Instant);
}

macro_rules! periods {
    ($($row:ident),*) => {
        $(impl Period for $row {
            fn began(&self) -> Instant {
                self.valid_from
            }

            fn stored(&self) -> Instant {
                self.stored_from
            }

            fn stored_since(&mut self, earliest: Instant) {
                self.stored_from = self.stored_from.max(earliest);
            }

            fn ended(&self) -> Option<Instant> {
                self.valid_until
            }

            fn set_end(&mut self, at: Option<Instant>, noted: Instant) {
                (self.valid_until, self.stored_until) = (at, at.map(|_| noted.max(self.stored_from)));
            }
        })*
    };
}

periods!(DepartmentState, RoomState, BedState);

/// Adds a period to those that are known of a place, whenever it began. Of two that began at one moment, the one stored
/// last comes last.
pub(super) fn sort_in<P: Period>(
    rows: &mut MessageScope<'_>,
    known: &[P],
    mut new: P,
) -> Result<(), SessionError>
where
    Tables: Holds<P>,
{
    let of_its_moment = known.iter().filter(|period| period.began() == new.began());
    if let Some(latest) = of_its_moment.map(P::stored).max() {
        new.stored_since(just_after(latest));
    }
    let mut periods = known.to_vec();
    periods.push(new);
    periods.sort_by_key(|period| (period.began(), period.stored(), period.id()));
    connect(rows, known, periods)
}

/// Each of these periods, which are in order, ends where the next begins; the last is open. What differs from what is
/// known is written.
pub(super) fn connect<P: Period>(
    rows: &mut MessageScope<'_>,
    known: &[P],
    periods: Vec<P>,
) -> Result<(), SessionError>
where
    Tables: Holds<P>,
{
    let mut ends: Vec<_> = periods.iter().skip(1).map(|next| Some(next.began())).collect();
    ends.push(None);
    for (mut period, end) in periods.into_iter().zip(ends) {
        if period.ended() != end {
            period.set_end(end, rows.stored_from());
        }
        if !known.contains(&period) {
            rows.put(period)?;
        }
    }
    Ok(())
}
