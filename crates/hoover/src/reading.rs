//! One window, or one open-ended pass: from rows to records in the stated order.

use std::{cmp::Ordering, sync::Arc};

use chrono::NaiveDateTime;
use emap_interchange::Instant;

use crate::{
    cell::Cell,
    row::Row,
    source::{Database, Parameter, Query, Rows, SourceError, SourceName},
    strategy::{Definition, LOCAL_MARGIN, QueryStrategy, Scope, Times, Updated},
};

/// Bounds where nothing else bounds a query; servers that keep fewer digits of a second can round them.
const FIRST: &str = "0001-01-01T00:00:00";
const LAST: &str = "9999-12-31T00:00:00";

/// A record with its place in the order.
struct Placed<R> {
    record: R,
    updated: Updated,
    number: i64,
}

/// Where a window that broke off goes on: behind this record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reached {
    at: Option<Instant>,
    number: i64,
}

/// A query that is being read.
pub struct Reading<S: QueryStrategy> {
    strategy: Arc<S>,
    scope: Arc<Scope>,
    rows: Rows,
    /// The record whose rows are still coming.
    open: Option<S::Record>,
    /// Records of times that clocks skipped: they wait for those that come before them.
    held: Vec<Placed<S::Record>>,
    /// Records of an open-ended pass, which is sorted as a whole.
    all: Vec<Placed<S::Record>>,
    /// Where an earlier attempt has got to.
    behind: Option<Reached>,
    reached: Option<Reached>,
    seen: Option<Instant>,
    last_id: Option<String>,
    is_over: bool,
    rows_read: u64,
}

impl<S: QueryStrategy> Reading<S> {
    /// Starts the query. Records up to `behind` are left out: an earlier attempt at the same window has given them.
    ///
    /// # Errors
    /// When the query cannot be started.
    pub async fn open(
        strategy: Arc<S>,
        database: &dyn Database,
        sql: Arc<str>,
        scope: Arc<Scope>,
        behind: Option<Reached>,
    ) -> Result<Self, SourceError> {
        let query = query(strategy.definition(), sql, &scope);
        let rows = database.open(query).await?;
        Ok(Self {
            strategy,
            scope,
            rows,
            open: None,
            held: Vec::new(),
            all: Vec::new(),
            behind,
            reached: behind,
            seen: None,
            last_id: None,
            is_over: false,
            rows_read: 0,
        })
    }

    /// The next records; `None` when there are no more.
    ///
    /// # Errors
    /// When the query failed in the middle.
    pub async fn next(&mut self) -> Result<Option<Vec<S::Record>>, SourceError> {
        if self.is_over {
            return Ok(None);
        }
        let mut records = Vec::new();
        if let Some(chunk) = self.rows.next().await? {
            for cells in chunk {
                self.row(cells, &mut records);
            }
        } else {
            self.is_over = true;
            if let Some(last) = self.open.take() {
                self.record(last, &mut records);
            }
            self.finish(&mut records);
        }
        Ok(Some(records))
    }

    /// The part of the source that is read.
    pub fn scope(&self) -> &Arc<Scope> {
        &self.scope
    }

    /// The last record that was given.
    pub fn reached(&self) -> Option<Reached> {
        self.reached
    }

    /// The time of that record, where records come by time.
    pub fn reached_at(&self) -> Option<Instant> {
        self.reached.and_then(|reached| reached.at)
    }

    /// The greatest known time of all records so far.
    pub fn seen(&self) -> Option<Instant> {
        self.seen
    }

    /// Id of the last record that was given.
    pub fn last_id(&self) -> Option<&str> {
        self.last_id.as_deref()
    }

    /// Rows that the database has given.
    pub fn rows_read(&self) -> u64 {
        self.rows_read
    }

    fn row(&mut self, cells: Vec<Cell>, records: &mut Vec<S::Record>) {
        self.rows_read += 1;
        let row = match S::Row::from_cells(cells) {
            Ok(row) => row,
            Err(error) => {
                let (data_type, file) = (self.strategy.definition().name, self.strategy.definition().file);
                tracing::error!(data_type, file, %error, "left out");
                return;
            }
        };
        let begun = match &mut self.open {
            Some(open) => self.strategy.add(open, row),
            None => Some(row),
        };
        if let Some(row) = begun
            && let Some(complete) = self.open.replace(self.strategy.begin(row))
        {
            self.record(complete, records);
        }
    }

    fn record(&mut self, record: S::Record, records: &mut Vec<S::Record>) {
        let is_windowed = self.strategy.definition().is_windowed();
        let updated = self.strategy.updated(&record, &self.scope);
        if !updated.is_within(&self.scope, is_windowed) {
            return;
        }
        let seen = self.strategy.seen(&record, &self.scope);
        self.seen = self.seen.max(seen);
        if !self.strategy.is_wanted(&record, &self.scope) {
            return;
        }
        let number = self.strategy.number(&record);
        let placed = Placed { record, updated, number };
        match updated {
            _ if !is_windowed => self.all.push(placed),
            Updated::Known(converted) if converted.was_skipped => self.held.push(placed),
            _ => {
                self.release_before(&placed, records);
                self.give(placed, records);
            }
        }
    }

    /// Gives the held records that come before another.
    fn release_before(&mut self, next: &Placed<S::Record>, records: &mut Vec<S::Record>) {
        if self.held.is_empty() {
            return;
        }
        let (before, after): (Vec<_>, Vec<_>) = std::mem::take(&mut self.held)
            .into_iter()
            .partition(|held| in_order(held, next) == Ordering::Less);
        self.held = after;
        for placed in before {
            self.give(placed, records);
        }
    }

    fn give(&mut self, placed: Placed<S::Record>, records: &mut Vec<S::Record>) {
        let by_time = !self.strategy.is_ordered_by_number();
        let at = Reached { at: placed.updated.sort_key().filter(|_| by_time), number: placed.number };
        if self.behind.is_some_and(|behind| at <= behind) {
            return;
        }
        self.reached = Some(at);
        self.last_id = Some(self.strategy.row_id(&placed.record));
        records.push(placed.record);
    }

    fn finish(&mut self, records: &mut Vec<S::Record>) {
        let mut left = std::mem::take(&mut self.held);
        if !self.strategy.definition().is_windowed() {
            left = std::mem::take(&mut self.all);
            let strategy = Arc::clone(&self.strategy);
            // Stable: among equals, the order of the database counts.
            left.sort_by(|first, second| {
                let by_time = match (first.updated.sort_key(), second.updated.sort_key()) {
                    (None, Some(_)) if strategy.unknown_last() => Ordering::Greater,
                    (Some(_), None) if strategy.unknown_last() => Ordering::Less,
                    (first, second) => first.cmp(&second),
                };
                by_time.then_with(|| strategy.tie(&first.record, &second.record))
            });
        }
        let is_windowed = self.strategy.definition().is_windowed();
        for placed in left {
            if is_windowed {
                self.give(placed, records);
            } else {
                self.last_id = Some(self.strategy.row_id(&placed.record));
                records.push(placed.record);
            }
        }
    }
}

fn in_order<R>(first: &Placed<R>, second: &Placed<R>) -> Ordering {
    let key = |placed: &Placed<R>| (placed.updated.sort_key(), placed.number);
    key(first).cmp(&key(second))
}

/// The query of a data type for a part of its source.
pub fn query(definition: &Definition, sql: Arc<str>, scope: &Scope) -> Query {
    let parameters = match definition.source {
        SourceName::Ids => {
            let last = last_of_calendar().and_utc();
            let from = scope.from.unwrap_or_else(|| first_of_calendar().and_utc());
            vec![Parameter::Instant(from), Parameter::Instant(scope.until.unwrap_or(last))]
        }
        SourceName::Clarity | SourceName::Caboodle => vec![
            Parameter::DateTime(lower_bound(definition, scope)),
            Parameter::DateTime(upper_bound(definition, scope)),
            Parameter::Int(scope.is_first_pass().into()),
            Parameter::Text(scope.sub_id),
        ],
    };
    Query { file: definition.file.to_owned(), sql, parameters, columns: definition.columns }
}

/// Of clocks' times a wider range is asked for; which rows are in the window is decided by their instants.
fn lower_bound(definition: &Definition, scope: &Scope) -> NaiveDateTime {
    let Some(from) = scope.from else { return first_of_calendar() };
    let bound = match definition.times {
        Times::Utc => Some(from.naive_utc()),
        Times::Local => scope.clock.local(from).checked_sub_signed(LOCAL_MARGIN),
    };
    bound.unwrap_or_default().max(first_of_calendar())
}

fn upper_bound(definition: &Definition, scope: &Scope) -> NaiveDateTime {
    let Some(until) = scope.until else { return last_of_calendar() };
    let bound = match definition.times {
        Times::Utc => Some(until.naive_utc()),
        Times::Local => scope.clock.local(until).checked_add_signed(LOCAL_MARGIN),
    };
    bound.unwrap_or_else(last_of_calendar).min(last_of_calendar())
}

fn first_of_calendar() -> NaiveDateTime {
    FIRST.parse().unwrap_or_default()
}

fn last_of_calendar() -> NaiveDateTime {
    LAST.parse().unwrap_or_default()
}
