//! What all data types of a run have in common.

use std::time::Duration;

use emap_interchange::Instant;

use crate::{
    clock::Clock,
    source::{QuietHours, SourceName},
};

/// From when until when is read, and how patiently.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Start of the window when there is no progress yet.
    pub date_from: Instant,
    /// End of the window; `None`: goes on for ever.
    pub date_until: Option<Instant>,
    /// How long to wait when there was nothing new.
    pub poll: Duration,
    /// Failures in a row that end a data type in a run with an end.
    pub max_failures: u32,
    /// Hours in which SQL Server is left alone.
    pub quiet_hours: Option<QuietHours>,
    /// How far the message store is read behind the clock.
    pub ids_lag: Duration,
    /// The hospital's clocks.
    pub clock: Clock,
}

impl Plan {
    /// Whether the run ends by itself.
    pub fn is_bounded(&self) -> bool {
        self.date_until.is_some()
    }

    /// How long a source is to be left alone from now on.
    pub(super) fn quiet_for(&self, source: SourceName, now: Instant) -> Option<Duration> {
        let hours = self.quiet_hours.filter(|_| source != SourceName::Ids)?;
        hours.remaining(now, self.clock)
    }
}
