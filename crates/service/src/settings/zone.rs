//! The hospital's time zone: that of HL7 date-times without offset, and of `timestamp` columns without zone.

use chrono_tz::Tz;

use super::key::{Group, Key};

/// `TZ`.
pub const ZONE: Key<Tz> =
    Key::new("tz", || Tz::Europe__London, "time zone of the hospital, e.g. Europe/London");

/// The group of [`ZONE`].
pub const KEYS: Group = &[&ZONE];
