//! What is particular to one data type: its query, its rows, its messages.

use std::{cmp::Ordering, fmt};

use chrono::TimeDelta;
use emap_interchange::{Instant, Message};

use crate::{
    clock::{Clock, Converted},
    column::Column,
    row::{Row, RowError},
    source::SourceName,
};

/// How the next part of a source is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InstantCalculator {
    /// Windows of time, this long unless a setting says otherwise.
    Windows {
        /// Length of a window in hours.
        hours: u32,
    },
    /// Everything that is later than what was seen before; there is no upper bound.
    OpenEnded,
}

/// In which form the times of a source are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Times {
    /// The hospital's clocks.
    Local,
    /// UTC.
    Utc,
}

/// What a data type declares about itself.
#[derive(Debug)]
pub struct Definition {
    /// Stable name; key of the progress table.
    pub name: &'static str,
    /// The database that it is read from.
    pub source: SourceName,
    /// Path of the query below `sql/`, and below `HOOVER_SQL_DIR`.
    pub file: &'static str,
    /// The built-in query.
    pub built_in: &'static str,
    /// Parts with a progress of their own, in the order in which they are read; one empty name if there are none.
    pub sub_ids: &'static [&'static str],
    /// Windows, or everything that is new.
    pub instants: InstantCalculator,
    /// In which form the bounds are given to the query.
    pub times: Times,
    /// How the rows are ordered.
    pub order: &'static str,
    /// The columns of a row.
    pub columns: &'static [Column],
}

/// The name of the only part of a data type without parts.
pub const WHOLE: &[&str] = &[""];

impl Definition {
    /// Whether it is read in windows of time.
    pub fn is_windowed(&self) -> bool {
        matches!(self.instants, InstantCalculator::Windows { .. })
    }
}

/// Which part of a source is asked for.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Part of the data type.
    pub sub_id: &'static str,
    /// Windows: first instant of the window. Open-ended: only what is later; `None` on the first pass.
    pub from: Option<Instant>,
    /// Windows: first instant after the window.
    pub until: Option<Instant>,
    /// The lower bound is what an earlier pass has seen, not what is asked for.
    pub is_continuation: bool,
    /// The hospital's clocks.
    pub clock: Clock,
    /// When the batch is read: the time of what has no time of its own.
    pub now: Instant,
    /// Start of the data that the site wants, `HOOVER_DATE_FROM`.
    pub date_from: Option<Instant>,
}

impl Scope {
    /// Whether everything is asked for.
    pub fn is_first_pass(&self) -> bool {
        self.from.is_none()
    }
}

/// When a record was last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Updated {
    /// At a time of the source.
    Known(Converted),
    /// The source does not say; the message has this time. It moves no progress.
    Assumed(Instant),
    /// The source does not say, and the record counts as older than everything: it is sent on the first pass only.
    Unknown,
    /// A later change in the same window stands for it.
    Superseded,
}

impl Updated {
    /// At an instant of the source.
    pub fn at(instant: Instant) -> Self {
        Self::Known(Converted { instant, was_skipped: false })
    }

    /// At a time that the source may lack.
    pub fn known(converted: Option<Converted>) -> Self {
        converted.map_or(Self::Unknown, Self::Known)
    }

    /// The time of the source.
    pub fn instant(self) -> Option<Instant> {
        match self {
            Self::Known(converted) => Some(converted.instant),
            _ => None,
        }
    }

    /// Whether a record belongs to what is asked for.
    pub fn is_within(self, scope: &Scope, is_windowed: bool) -> bool {
        let at = match self {
            Self::Known(converted) => converted.instant,
            Self::Superseded => return false,
            _ if is_windowed => return false,
            _ if scope.is_first_pass() => return true,
            Self::Assumed(assumed) if !scope.is_continuation => assumed,
            _ => return false,
        };
        if is_windowed {
            scope.from.is_none_or(|from| at >= from) && scope.until.is_none_or(|until| at < until)
        } else {
            scope.from.is_none_or(|from| at > from)
        }
    }

    /// For sorting: what has no time comes first.
    pub(crate) fn sort_key(self) -> Option<Instant> {
        match self {
            Self::Known(converted) => Some(converted.instant),
            Self::Assumed(instant) => Some(instant),
            _ => None,
        }
    }
}

/// A record of which no message can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: {reason}")]
pub struct Unconvertible {
    /// The record's own number.
    pub row: String,
    /// Why, without data of the patient.
    pub reason: String,
}

impl Unconvertible {
    /// For a record and a reason.
    pub fn new(row: impl fmt::Display, reason: impl Into<String>) -> Self {
        Self { row: row.to_string(), reason: reason.into() }
    }
}

impl From<RowError> for Unconvertible {
    fn from(error: RowError) -> Self {
        let RowError { row, column, expected, found } = error;
        Self { row, reason: format!("column {column}: expected {expected}, found {found}") }
    }
}

/// One data type: how its rows become messages. The query itself is a file.
pub trait QueryStrategy: Send + Sync + 'static {
    /// A row of the query.
    type Row: Row;
    /// What one message is made of: a row, or several that belong together.
    type Record: Send + Sync + 'static;

    /// Name, source, query and columns.
    fn definition(&self) -> &'static Definition;

    /// Where reading begins if nothing was read before; `None` is the beginning of records.
    fn fix_initial_progress(&self, date_from: Instant) -> Option<Instant> {
        self.definition().is_windowed().then_some(date_from)
    }

    /// Begins a record with its first row.
    fn begin(&self, row: Self::Row) -> Self::Record;

    /// Adds a further row to a record; gives it back if it begins another.
    fn add(&self, record: &mut Self::Record, row: Self::Row) -> Option<Self::Row> {
        let _ = record;
        Some(row)
    }

    /// Whether a record is of use to this site; what is not is left out in silence.
    fn is_wanted(&self, record: &Self::Record, scope: &Scope) -> bool {
        let _ = (record, scope);
        true
    }

    /// When a record was last changed.
    fn updated(&self, record: &Self::Record, scope: &Scope) -> Updated;

    /// How far progress moves with a record; by default to the time of its last change.
    fn seen(&self, record: &Self::Record, scope: &Scope) -> Option<Instant> {
        self.updated(record, scope).instant()
    }

    /// Number of a record in its window; rising among records of one time. Of no use for open-ended data types.
    fn number(&self, record: &Self::Record) -> i64 {
        let _ = record;
        0
    }

    /// Whether records are ordered by their numbers, whatever their times.
    fn is_ordered_by_number(&self) -> bool {
        false
    }

    /// The record's own id, unique within a batch: for logs, progress and the ids of messages on their way.
    fn row_id(&self, record: &Self::Record) -> String;

    /// Order of two records that the database may see otherwise than the contract says. Only asked of records that were
    /// changed at the same time.
    fn tie(&self, first: &Self::Record, second: &Self::Record) -> Ordering {
        let _ = (first, second);
        Ordering::Equal
    }

    /// Whether records without a time come after all others instead of before them.
    fn unknown_last(&self) -> bool {
        false
    }

    /// The message of a record.
    ///
    /// # Errors
    /// When the record lacks what every message needs, or has a code that nobody knows.
    fn message(&self, record: &Self::Record, scope: &Scope) -> Result<Message, Unconvertible>;
}

/// How much wider a bound in the hospital's clocks is than the instant: no clock is changed by more.
pub(crate) const LOCAL_MARGIN: TimeDelta = TimeDelta::hours(3);

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    fn scope(from: Option<&str>, until: Option<&str>) -> Scope {
        let instant = |text: &str| text.parse().unwrap();
        Scope {
            sub_id: "",
            from: from.map(instant),
            until: until.map(instant),
            is_continuation: true,
            clock: Clock::new(Tz::Europe__London),
            now: instant("2026-01-01T00:00:00Z"),
            date_from: None,
        }
    }

    fn at(text: &str) -> Updated {
        Updated::at(text.parse().unwrap())
    }

    #[test]
    fn windows_are_half_open() {
        let window = scope(Some("2021-01-01T00:00:00Z"), Some("2021-01-02T00:00:00Z"));
        let is_within = |updated: Updated| updated.is_within(&window, true);
        assert!(is_within(at("2021-01-01T00:00:00Z")) && is_within(at("2021-01-01T23:59:59.999Z")));
        assert!(!is_within(at("2021-01-02T00:00:00Z")) && !is_within(at("2020-12-31T23:59:59.999Z")));
        assert!(!is_within(Updated::Unknown) && !is_within(Updated::Superseded));
    }

    #[test]
    fn open_ended_means_strictly_later_and_all_on_the_first_pass() {
        let later = scope(Some("2021-01-01T00:00:00Z"), None);
        assert!(!at("2021-01-01T00:00:00Z").is_within(&later, false));
        assert!(at("2021-01-01T00:00:00.001Z").is_within(&later, false));
        assert!(!Updated::Unknown.is_within(&later, false));
        let assumed = Updated::Assumed("2022-01-01T00:00:00Z".parse().unwrap());
        assert!(!assumed.is_within(&later, false), "else it would be sent on every pass");
        assert!(assumed.is_within(&Scope { is_continuation: false, ..later }, false));
        let first = scope(None, None);
        assert!(
            [Updated::Unknown, assumed, at("1900-01-01T00:00:00Z")]
                .iter()
                .all(|u| u.is_within(&first, false))
        );
    }
}
