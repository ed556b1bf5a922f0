//! What was found, and what to do about it.

use std::fmt;

use emap_service::program::one_line;
use serde::Serialize;
use serde_json::{Value, json};

use crate::output::line;

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(super) enum Level {
    /// As it should be, or nothing that can be looked at from here.
    #[serde(rename = "ok")]
    Ok,
    /// It will start; something may be wrong.
    #[serde(rename = "warn")]
    Warn,
    /// Something would not start or not work.
    #[serde(rename = "FAIL")]
    Fail,
}

#[derive(Debug, Serialize)]
struct Finding {
    level: Level,
    subject: String,
    what: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    what_to_do: Option<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warn => "warn",
            Level::Fail => "FAIL",
        };
        write!(f, "{level:<4} {}: {}", self.subject, self.what)?;
        self.what_to_do.iter().try_for_each(|what_to_do| write!(f, " – {what_to_do}"))
    }
}

/// All findings; printed as they come, unless they are wanted as JSON.
#[derive(Debug)]
pub(super) struct Findings {
    all: Vec<Finding>,
    prints: bool,
}

impl Findings {
    pub(super) fn new(prints: bool) -> Self {
        Self { all: Vec::new(), prints }
    }

    pub(super) fn ok(&mut self, subject: impl Into<String>, what: impl Into<String>) {
        self.add(Level::Ok, subject.into(), &what.into(), None);
    }

    pub(super) fn warn(
        &mut self,
        subject: impl Into<String>,
        what: impl Into<String>,
        what_to_do: impl Into<String>,
    ) {
        self.add(Level::Warn, subject.into(), &what.into(), Some(what_to_do.into()));
    }

    pub(super) fn fail(
        &mut self,
        subject: impl Into<String>,
        what: impl Into<String>,
        what_to_do: impl Into<String>,
    ) {
        self.add(Level::Fail, subject.into(), &what.into(), Some(what_to_do.into()));
    }

    pub(super) fn has_failure(&self) -> bool {
        self.all.iter().any(|finding| finding.level == Level::Fail)
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "ok": !self.has_failure(), "findings": self.all })
    }

    fn add(&mut self, level: Level, subject: String, what: &str, what_to_do: Option<String>) {
        let what = one_line(what);
        let finding = Finding { level, subject, what, what_to_do };
        if self.prints {
            line(&finding);
        }
        self.all.push(finding);
    }
}
