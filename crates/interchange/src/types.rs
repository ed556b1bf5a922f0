//! Types that several families of messages use for their properties.

/// Questions and their answers, in the order of the source; compared without regard to it.
pub type Questions = indexmap::IndexMap<String, Option<String>>;

/// A point in time, UTC, with nanosecond resolution.
pub type Instant = chrono::DateTime<chrono::Utc>;
