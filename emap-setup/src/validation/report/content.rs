//! What a report says.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{star::InStar, versions::Versions};
use crate::output::instant;

/// All of it.
#[derive(Debug, Serialize)]
pub(super) struct Report {
    /// `done`, or why it failed.
    pub(super) outcome: String,
    #[serde(serialize_with = "instant")]
    pub(super) started_at: DateTime<Utc>,
    #[serde(serialize_with = "instant")]
    pub(super) ended_at: DateTime<Utc>,
    pub(super) run_time_seconds: f64,
    pub(super) window_start: String,
    pub(super) window_end: String,
    /// Days of data that the window covers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) days_of_data: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) days_of_data_per_day_of_run_time: Option<f64>,
    pub(super) sources: Vec<&'static str>,
    pub(super) database: String,
    pub(super) schema: String,
    pub(super) versions: Versions,
    /// What could not be found out.
    pub(super) problems: Vec<String>,
    #[serde(flatten)]
    pub(super) star: InStar,
}
