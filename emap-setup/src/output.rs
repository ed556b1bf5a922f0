//! Standard output, the one place where the command prints.
#![allow(clippy::print_stdout, reason = "printing is what a command is for")]

use std::fmt::Display;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// Prints a line.
pub(crate) fn line(text: impl Display) {
    println!("{text}");
}

/// Prints an empty line and a heading.
pub(crate) fn heading(text: impl Display) {
    println!("\n{text}");
}

/// An instant as JSON has it here: RFC 3339 in UTC, for `serialize_with`.
pub(crate) fn instant<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&at.to_rfc3339_opts(SecondsFormat::Millis, true))
}

/// The same of an instant that may be missing.
#[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
pub(crate) fn maybe_instant<S: Serializer>(
    at: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => instant(at, serializer),
        None => serializer.serialize_none(),
    }
}
