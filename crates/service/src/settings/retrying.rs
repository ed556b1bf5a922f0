//! The pauses between attempts at a database that is away or takes no rows.

use std::time::Duration;

use super::{
    key::{Group, Key},
    loaded::Settings,
};
use crate::{Backoff, settings::SettingsError};

/// The first pause, unless the longest is shorter.
const FIRST: Duration = Duration::from_secs(1);

const LONGEST: Key<Duration> = Key::new(
    "database.retry-delay-maximum",
    || Duration::from_secs(30),
    "longest pause between attempts at a database, in seconds; the first is 1 second",
);

/// The group of `DATABASE_RETRY_DELAY_MAXIMUM`.
pub const KEYS: Group = &[&LONGEST];

/// The pauses that the settings ask for.
///
/// # Errors
/// When it is no number of seconds.
pub fn pauses(settings: &Settings) -> Result<Backoff, SettingsError> {
    Ok(Backoff::new(FIRST, settings.get(&LONGEST)?))
}

/// The pauses without any setting.
pub fn default_pauses() -> Backoff {
    Backoff::new(FIRST, LONGEST.default())
}
