//! When things happened: which timestamps of a message can be believed, and what they mean.

use emap_hl7::{HospitalZone, Precision, Timestamp};
use emap_interchange::{Instant, InterchangeValue};

use crate::{reasons::RejectReason, views::Timed};

/// How much later than its row was stored an event may be. Clocks differ, and what is planned is sent ahead; a time
/// further off is a number in the wrong field, and everything that follows would look old beside it.
const AHEAD: chrono::TimeDelta = chrono::TimeDelta::days(366);

/// The hospital's clocks, and the latest time that an event of the message can have.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Clock {
    zone: HospitalZone,
    latest: Option<Instant>,
}

impl Clock {
    /// For a message that was stored at a time, if that is known.
    pub(crate) fn new(zone: HospitalZone, stored_at: Option<Instant>) -> Self {
        Self { zone, latest: stored_at.and_then(|stored_at| stored_at.checked_add_signed(AHEAD)) }
    }

    pub(crate) fn zone(self) -> HospitalZone {
        self.zone
    }

    /// When an event happened; `""` is as good as none.
    pub(crate) fn event(self, timed: impl Timed) -> Result<Option<Instant>, RejectReason> {
        let happened_at = self.plan(timed)?;
        match (happened_at, self.latest) {
            (Some(happened_at), Some(latest)) if happened_at > latest => {
                Err(RejectReason::Future(timed.place()))
            }
            _ => Ok(happened_at),
        }
    }

    /// When an event happened, or the order to delete that.
    pub(crate) fn wrapped_event(self, timed: impl Timed) -> Result<InterchangeValue<Instant>, RejectReason> {
        Ok(or_delete(self.event(timed)?, timed))
    }

    /// When something is to happen, however far ahead; `""` is as good as none.
    pub(crate) fn plan(self, timed: impl Timed) -> Result<Option<Instant>, RejectReason> {
        Ok(with_day(timed)?.map(|timestamp| timestamp.instant(self.zone)))
    }

    /// When something was over, or the order to delete that. A month or a year will do.
    pub(crate) fn wrapped_end(self, timed: impl Timed) -> Result<InterchangeValue<Instant>, RejectReason> {
        let ended_at = timed.timestamp()?.map(|timestamp| timestamp.instant(self.zone));
        Ok(or_delete(ended_at, timed))
    }
}

/// A timestamp that names a day at least; `""` is as good as none.
pub(crate) fn with_day(timed: impl Timed) -> Result<Option<Timestamp>, RejectReason> {
    match timed.timestamp()? {
        Some(timestamp) if timestamp.precision() < Precision::Day => Err(RejectReason::NoDay(timed.place())),
        timestamp => Ok(timestamp),
    }
}

/// The value, or the order to delete it if that is what the field says.
pub(crate) fn or_delete<T>(value: Option<T>, timed: impl Timed) -> InterchangeValue<T> {
    match value {
        Some(value) => InterchangeValue::Save(value),
        None if timed.is_delete() => InterchangeValue::delete(),
        None => InterchangeValue::Unknown,
    }
}
