//! All that is seen at one moment.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{daemon::Daemon, queues::Queue, star::Records, verdict::Verdict};
use crate::output::instant;

/// What was seen at one moment.
#[derive(Debug, Serialize)]
pub(super) struct Status {
    #[serde(serialize_with = "instant")]
    pub(super) at: DateTime<Utc>,
    #[serde(flatten)]
    pub(super) verdict: Verdict,
    pub(super) daemons: Vec<Daemon>,
    pub(super) queues: Vec<Queue>,
    #[serde(flatten)]
    pub(super) records: Records,
    /// What could not be looked at.
    pub(super) notes: Vec<String>,
}
