//! A daemon, or the broker's container, as it was seen.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;

use super::figures::Figures;
use crate::output::maybe_instant;

/// What a daemon does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// All of it works.
    Ready,
    /// It runs, and something it needs does not.
    NotReady,
    /// A run with an end is over.
    Ended,
    /// Its container does not run.
    Stopped,
    /// It was never started.
    Missing,
    /// It does not answer.
    Unreachable,
}

impl State {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Ready => "ready",
            Self::NotReady => "not ready",
            Self::Ended => "ended",
            Self::Stopped => "stopped",
            Self::Missing => "not started",
            Self::Unreachable => "no answer",
        }
    }

    pub(super) fn is_fault(self) -> bool {
        !matches!(self, Self::Ready | Self::Ended)
    }
}

/// One of them.
#[derive(Debug, Clone, Serialize)]
pub(super) struct Daemon {
    /// Name of the service.
    pub(super) name: String,
    pub(super) state: State,
    /// Since when it has that state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[serde(serialize_with = "maybe_instant")]
    pub(super) since: Option<DateTime<Utc>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    /// Components that do not work, with the reasons.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub(super) down: BTreeMap<String, String>,
    /// More about a state that is no good one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) detail: Option<String>,
    #[serde(skip)]
    pub(super) figures: Figures,
}

impl Daemon {
    pub(super) fn new(name: impl Into<String>, state: State) -> Self {
        Self {
            name: name.into(),
            state,
            since: None,
            version: None,
            down: BTreeMap::new(),
            detail: None,
            figures: Figures::default(),
        }
    }

    /// Takes over what a daemon answers about its readiness.
    pub(super) fn take_health(&mut self, answer: &str) {
        let Ok(health) = serde_json::from_str::<Value>(answer) else {
            self.state = State::Unreachable;
            self.detail = Some("its answer about its health cannot be read".to_owned());
            return;
        };
        self.state = if health["status"] == "UP" { State::Ready } else { State::NotReady };
        for (name, component) in health["components"].as_object().into_iter().flatten() {
            if component["status"] != "UP" {
                let reason = component["details"]["reason"].as_str().unwrap_or("no reason given");
                self.down.insert(name.clone(), reason.to_owned());
            }
        }
    }

    /// Takes over its figures: version, and since when it is as it is.
    pub(super) fn take_figures(&mut self, figures: Figures) {
        if let Some(version) = figures.label("emap_build_info", "version") {
            self.version.get_or_insert_with(|| version.to_owned());
        }
        let since = figures.all("emap_component_since_timestamp_seconds");
        let since = match self.state {
            // All of it works since the last part does.
            State::Ready => since.map(|(_, at)| at).reduce(f64::max),
            _ => since
                .filter(|(labels, _)| {
                    labels.get("component").is_some_and(|name| self.down.contains_key(name))
                })
                .map(|(_, at)| at)
                .reduce(f64::min),
        };
        self.since = since.and_then(instant).or(self.since);
        self.figures = figures;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "milliseconds of a time of our days")]
fn instant(seconds: f64) -> Option<DateTime<Utc>> {
    DateTime::from_timestamp_millis((seconds * 1000.0) as i64)
}
