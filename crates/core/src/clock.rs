//! The time at which messages are processed.

use std::fmt;

use chrono::{SubsecRound, Utc};
use emap_star::Instant;

/// Says what time it is: the wall clock, or whatever a test makes of time.
pub struct Clock(Box<dyn FnMut() -> Instant + Send>);

impl Clock {
    /// A clock that shows these times.
    pub fn new(now: impl FnMut() -> Instant + Send + 'static) -> Self {
        Self(Box::new(now))
    }

    /// The present time, in the microseconds that the database keeps.
    pub(crate) fn now(&mut self) -> Instant {
        (self.0)().trunc_subsecs(6)
    }
}

/// The wall clock.
impl Default for Clock {
    fn default() -> Self {
        Self::new(Utc::now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}
