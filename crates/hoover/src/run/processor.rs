//! One data type: which part of its source is read next.

use std::{sync::Arc, time::Duration};

use chrono::{TimeDelta, Utc};
use emap_feed::{Block, Piece, Source, Step};
use emap_interchange::Instant;
use tokio::time;

use super::{figures, load_status::LoadStatus, plan::Plan};
use crate::{
    bars::Shown,
    contract,
    progress::EtlHooverProgress,
    queries::QueryText,
    reading::{Reached, Reading},
    source::{Database, SourceError, SourceName},
    strategy::{Definition, QueryStrategy, Scope},
};

/// A record on its way to become a message.
pub struct Item<S: QueryStrategy> {
    /// The record.
    pub record: S::Record,
    /// The part of the source that it was found in.
    pub scope: Arc<Scope>,
}

/// How a data type ended, in a run with an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Everything was read.
    Done,
    /// It failed too often in a row.
    Failed(SourceError),
}

/// How far a part has got in this process.
#[derive(Debug, Clone)]
struct PartProgress {
    sub_id: &'static str,
    /// Where the next window, or the next pass, begins; `None`: at the beginning of records.
    from: Option<Instant>,
    /// Whether it is known from an earlier pass.
    is_stored: bool,
    is_done: bool,
}

/// Asks one source for one data type, window after window. A stream of a feed; the next window is read when the one
/// before is confirmed.
pub struct Processor<S: QueryStrategy> {
    strategy: Arc<S>,
    database: Arc<dyn Database>,
    load_status: Option<LoadStatus>,
    query: QueryText,
    /// Its text, once it was checked.
    sql: Option<Arc<str>>,
    plan: Arc<Plan>,
    step: TimeDelta,
    parts: Vec<PartProgress>,
    /// The part whose turn it is.
    turn: usize,
    open: Option<Open<S>>,
    /// Where a window that broke off has got to.
    behind: Option<Reached>,
    failures: u32,
    /// What each part has got to in this process.
    marked: Position,
}

/// A window or pass that is being read.
struct Open<S: QueryStrategy> {
    reading: Reading<S>,
    part: usize,
    since: time::Instant,
    records: u64,
    shown: Shown,
}

/// What a step of a processor gives.
type StepOf<S> = Step<Item<S>, Position, Outcome>;

/// How far all parts have got: a later position stands for all before it.
pub(super) type Position = Vec<EtlHooverProgress>;

impl<S: QueryStrategy> Processor<S> {
    /// A processor that goes on where `saved` has got to.
    pub fn new(
        strategy: Arc<S>,
        database: Arc<dyn Database>,
        load_status: Option<LoadStatus>,
        query: QueryText,
        plan: Arc<Plan>,
        window_hours: u32,
        saved: &[EtlHooverProgress],
    ) -> Self {
        let definition = strategy.definition();
        let part = |sub_id: &&'static str| {
            let of_part = |progress: &&EtlHooverProgress| {
                progress.data_type == definition.name && progress.sub_id == **sub_id
            };
            let stored = saved.iter().find(of_part).map(|progress| progress.last_processed_datetime);
            let from = match stored {
                Some(stored) if definition.is_windowed() => Some(stored.max(plan.date_from)),
                Some(stored) => Some(stored),
                None => strategy.fix_initial_progress(plan.date_from),
            };
            PartProgress { sub_id, from, is_stored: stored.is_some(), is_done: false }
        };
        let parts = definition.sub_ids.iter().map(part).collect();
        Self {
            strategy,
            database,
            load_status,
            query,
            sql: None,
            plan,
            step: TimeDelta::hours(window_hours.into()),
            parts,
            turn: 0,
            open: None,
            behind: None,
            failures: 0,
            marked: Vec::new(),
        }
    }

    fn definition(&self) -> &'static Definition {
        self.strategy.definition()
    }

    async fn step(&mut self) -> Result<StepOf<S>, SourceError> {
        if self.open.is_none() {
            if let Some(look_again) = self.plan.quiet_for(self.definition().source, Utc::now()) {
                return Ok(Step::Nothing { look_again });
            }
            let sql = self.checked().await?;
            if let Some(step) = self.open_next(&sql).await? {
                return Ok(step);
            }
        }
        self.read_on().await
    }

    /// The query, after it was found once that it gives what it should.
    async fn checked(&mut self) -> Result<Arc<str>, SourceError> {
        if let Some(sql) = &self.sql {
            return Ok(Arc::clone(sql));
        }
        let definition = self.definition();
        let sql = self.query.read(definition).map_err(|error| SourceError::QueryFile(error.to_string()))?;
        let differences = contract::check(definition, &sql, self.database.as_ref(), self.plan.clock).await?;
        let mut unreadable = None;
        for difference in differences {
            if difference.is_readable {
                tracing::warn!(data_type = definition.name, file = definition.file, %difference, "contract");
            } else {
                tracing::error!(data_type = definition.name, file = definition.file, %difference, "contract");
                unreadable = unreadable.or(Some(difference));
            }
        }
        if let Some(difference) = unreadable {
            let (file, difference) = (definition.file.to_owned(), difference.to_string());
            return Err(SourceError::Contract { file, difference });
        }
        Ok(Arc::clone(self.sql.insert(sql)))
    }

    /// Starts the next window or pass. What is given instead if there is none.
    async fn open_next(&mut self, sql: &Arc<str>) -> Result<Option<StepOf<S>>, SourceError> {
        let bound = self.upper_bound().await?;
        let count = self.parts.len();
        for place in (self.turn..count).chain(0..self.turn) {
            let Some(scope) = self.scope(place, bound) else { continue };
            self.turn = place;
            let shown = Shown::new(self.definition().name, scope.from, scope.until);
            let reading = Reading::open(
                Arc::clone(&self.strategy),
                self.database.as_ref(),
                Arc::clone(sql),
                Arc::new(scope),
                self.behind,
            );
            let since = time::Instant::now();
            self.open = Some(Open { reading: reading.await?, part: place, since, records: 0, shown });
            return Ok(None);
        }
        if self.plan.is_bounded() {
            return Ok(Some(Step::End(Outcome::Done)));
        }
        // After a pause all are asked again.
        self.turn = 0;
        self.parts.iter_mut().for_each(|part| part.is_done = false);
        Ok(Some(Step::Nothing { look_again: self.plan.poll }))
    }

    /// The first instant that must not be read yet.
    async fn upper_bound(&self) -> Result<Instant, SourceError> {
        if let Some(until) = self.plan.date_until {
            return Ok(until);
        }
        let loaded_until = match &self.load_status {
            Some(status) => status.loaded_until(&self.database).await?,
            None if self.definition().source == SourceName::Ids => {
                Utc::now() - TimeDelta::from_std(self.plan.ids_lag).unwrap_or_default()
            }
            None => Instant::MAX_UTC,
        };
        if let Some(published) = self.parts.iter().filter_map(|part| part.from).min()
            && self.definition().is_windowed()
        {
            figures::lag(self.definition().name, published, loaded_until);
        }
        Ok(loaded_until)
    }

    /// What is asked for next of a part; `None`: nothing for now.
    fn scope(&self, place: usize, bound: Instant) -> Option<Scope> {
        let part = self.parts.get(place).filter(|part| !part.is_done)?;
        let until = if self.definition().is_windowed() {
            let from = part.from?;
            // Windows end on whole milliseconds, which every source can compare.
            let until = from.checked_add_signed(self.step).map_or(bound, |end| end.min(bound));
            Some(until).filter(|until| *until > from).map(Some)?
        } else {
            None
        };
        Some(Scope {
            sub_id: part.sub_id,
            from: part.from,
            until,
            is_continuation: true,
            clock: self.plan.clock,
            now: Utc::now(),
            date_from: Some(self.plan.date_from),
        })
    }

    async fn read_on(&mut self) -> Result<StepOf<S>, SourceError> {
        loop {
            let Some(open) = &mut self.open else { return Ok(Step::Nothing { look_again: Duration::ZERO }) };
            let rows_before = open.reading.rows_read();
            let next = open.reading.next().await?;
            let rows = open.reading.rows_read() - rows_before;
            figures::rows_read(self.strategy.definition().name, rows);
            open.shown.advance(rows, open.reading.reached_at());
            match next {
                Some(records) if records.is_empty() => (),
                Some(records) => {
                    open.records += records.len() as u64;
                    let scope = open.reading.scope();
                    let item = |record| Piece::Item(Item { record, scope: Arc::clone(scope) });
                    return Ok(Step::Block(records.into_iter().map(item).collect()));
                }
                None => {
                    if let Some(block) = self.close() {
                        self.failures = 0;
                        return Ok(Step::Block(block));
                    }
                    self.failures = 0;
                    // A pass that found nothing has nothing to be saved; the next part has its turn.
                    let sql = self.checked().await?;
                    if let Some(step) = self.open_next(&sql).await? {
                        return Ok(step);
                    }
                }
            }
        }
    }

    /// Ends a window or pass with the mark that is saved once everything before it is confirmed.
    fn close(&mut self) -> Option<Block<Item<S>, Position>> {
        let Open { reading, part, since, records, shown } = self.open.take()?;
        drop(shown);
        self.behind = None;
        let definition = self.definition();
        figures::query_took(definition.name, since.elapsed());
        let part = self.parts.get_mut(part)?;
        let scope = reading.scope();
        tracing::debug!(
            data_type = definition.name,
            sub_id = scope.sub_id,
            from = ?scope.from,
            until = ?scope.until,
            rows = reading.rows_read(),
            records,
            "read"
        );
        let reached = if definition.is_windowed() {
            scope.until
        } else if reading.rows_read() == 0 || (part.is_stored && records == 0 && reading.seen().is_none()) {
            None
        } else {
            // Of a first pass without any known time something must be saved as well, or the next would be a first pass
            // again.
            reading.seen().max(part.from).or(Some(Instant::UNIX_EPOCH))
        };
        let Some(reached) = reached else {
            part.is_done = true;
            self.turn = (self.turn + 1) % self.parts.len().max(1);
            return None;
        };
        part.from = Some(reached);
        part.is_stored = true;
        // An empty window may be saved without those before it having been.
        let earlier = self.marked.iter().find(|marked| marked.sub_id == part.sub_id);
        let last_id = reading.last_id().or_else(|| earlier?.last_processed_id.as_deref());
        let progress = EtlHooverProgress {
            data_type: definition.name.to_owned(),
            sub_id: part.sub_id.to_owned(),
            last_processed_datetime: reached,
            last_processed_id: last_id.map(str::to_owned),
            last_processing_datetime: Utc::now(),
        };
        self.marked.retain(|marked| marked.sub_id != progress.sub_id);
        self.marked.push(progress);
        Some(vec![Piece::Mark(self.marked.clone())])
    }

    /// What a failure means: another attempt, or the end of a run that has one.
    fn failed(&mut self, error: SourceError) -> Result<StepOf<S>, SourceError> {
        let data_type = self.definition().name;
        figures::failed(data_type);
        if let Some(open) = self.open.take() {
            // The same window again; what was given of it is not given a second time.
            self.behind = if self.definition().is_windowed() { open.reading.reached() } else { None };
            let scope = open.reading.scope();
            tracing::warn!(data_type, from = ?scope.from, until = ?scope.until, %error, "failed");
        }
        self.failures += 1;
        if self.plan.is_bounded() && (error.is_login_refused() || self.failures >= self.plan.max_failures) {
            tracing::error!(data_type, failures = self.failures, %error, "given up");
            return Ok(Step::End(Outcome::Failed(error)));
        }
        Err(error)
    }
}

impl<S: QueryStrategy> Source for Processor<S> {
    type Item = Item<S>;
    type Position = Position;
    type End = Outcome;
    type Error = SourceError;

    async fn next(&mut self) -> Result<StepOf<S>, SourceError> {
        match self.step().await {
            Ok(step) => {
                if matches!(step, Step::Nothing { .. }) {
                    self.failures = 0;
                }
                Ok(step)
            }
            Err(error) => self.failed(error),
        }
    }
}
