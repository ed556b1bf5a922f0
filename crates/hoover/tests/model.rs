//! Nothing is missed and nothing comes out of order: a processor against a model of a source that is loaded at night, cuts
//! queries short and is read by a program that crashes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use emap_feed::{Piece, Source, Step};
use emap_hoover::{
    cell::Cell,
    clock::Clock,
    column::FoundColumn,
    data_types::{FlowsheetList, Flowsheets},
    progress::EtlHooverProgress,
    queries::{Queries, QueryText},
    run::{LoadStatus, Plan, Processor},
    source::{Database, Parameter, Query, Rows, SourceError, SourceName},
    strategy::QueryStrategy,
};
use futures::{FutureExt, future::BoxFuture};

type Key = (DateTime<Utc>, i64);

/// A table of values by update time and key, complete up to a time; queries may break off.
struct Model {
    rows: Mutex<Vec<Key>>,
    loaded_until: Mutex<DateTime<Utc>>,
    random: Mutex<fastrand::Rng>,
}

impl Model {
    fn new(seed: u64) -> Self {
        Self {
            rows: Mutex::default(),
            loaded_until: Mutex::new(start()),
            random: Mutex::new(fastrand::Rng::with_seed(seed)),
        }
    }

    /// A night: rows at or after the time of the load before, many at the same moment, some beyond the new time.
    fn load(&self) {
        let mut random = self.random.lock().unwrap();
        let mut loaded_until = self.loaded_until.lock().unwrap();
        let mut rows = self.rows.lock().unwrap();
        for _ in 0..random.usize(0..40) {
            let at = *loaded_until + TimeDelta::minutes(random.i64(0..100) * 15);
            let key = i64::try_from(rows.len()).unwrap();
            rows.push((at, key));
        }
        *loaded_until += TimeDelta::minutes(random.i64(0..48) * 30);
        rows.sort_unstable();
    }

    fn cells(&self, query: &Query) -> Vec<Vec<Cell>> {
        let [Parameter::DateTime(from), Parameter::DateTime(until), ..] = query.parameters.as_slice() else {
            return vec![vec![Cell::DateTime(self.loaded_until.lock().unwrap().naive_utc())]];
        };
        let rows = self.rows.lock().unwrap();
        let within = rows.iter().filter(|(at, _)| (*from..*until).contains(&at.naive_utc()));
        within.map(|(at, key)| value(*at, *key)).collect()
    }
}

fn start() -> DateTime<Utc> {
    "2021-01-01T00:00:00Z".parse().unwrap()
}

/// The columns of a flowsheet value.
fn value(at: DateTime<Utc>, key: i64) -> Vec<Cell> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let time = Cell::DateTime(at.naive_utc());
    vec![
        Cell::Whole(key),
        text("MRN"),
        text("V"),
        text("7"),
        text("Text"),
        text(""),
        text("x"),
        Cell::Null,
        Cell::Null,
        Cell::Null,
        time.clone(),
        time,
    ]
}

impl Database for Model {
    fn open(&self, query: Query) -> BoxFuture<'_, Result<Rows, SourceError>> {
        async move {
            let lost = || SourceError::Lost { file: query.file.clone(), reason: "cut".to_owned() };
            let (cut, refuse) = {
                let mut random = self.random.lock().unwrap();
                (random.usize(0..4) == 0, random.usize(0..8) == 0)
            };
            if refuse {
                return Err(lost());
            }
            let cells = self.cells(&query);
            let most = if cut { self.random.lock().unwrap().usize(0..=cells.len()) } else { cells.len() };
            let error = cut.then(lost);
            let (mut sender, rows) = Rows::channel();
            tokio::spawn(async move {
                for row in cells.into_iter().take(most) {
                    // Small chunks, so that a part of a window is given before it breaks off.
                    if !sender.row(row).await || !sender.flush().await {
                        return;
                    }
                }
                if let Some(error) = error {
                    sender.fail(error).await;
                }
            });
            Ok(rows)
        }
        .boxed()
    }

    fn describe(&self, query: Query) -> BoxFuture<'_, Result<Vec<FoundColumn>, SourceError>> {
        let found = query.columns.iter().map(|column| FoundColumn {
            name: column.name.to_owned(),
            sql_type: column.sql_type.to_string(),
            nullable: Some(column.nullable),
        });
        let found = found.collect();
        async move { Ok(found) }.boxed()
    }
}

fn processor(model: &Arc<Model>, hours: u32, saved: &[EtlHooverProgress]) -> Processor<Flowsheets> {
    let clock = Clock::new(chrono_tz::Europe::London);
    let plan = Plan {
        date_from: start(),
        date_until: None,
        poll: Duration::from_secs(1),
        max_failures: 5,
        quiet_hours: None,
        ids_lag: Duration::ZERO,
        clock,
    };
    let strategy = Arc::new(Flowsheets::new(FlowsheetList::parse("7,").unwrap()));
    let status = LoadStatus::of(SourceName::Caboodle, &Queries::default(), clock).unwrap();
    let database: Arc<dyn Database> = Arc::clone(model) as Arc<dyn Database>;
    Processor::new(
        strategy,
        database,
        status,
        QueryText::Given("SELECT".into()),
        Arc::new(plan),
        hours,
        saved,
    )
}

/// Reads with crashes and restarts; what was sent between two starts is one list.
async fn read(seed: u64) -> (Vec<Key>, Vec<Vec<Key>>) {
    let model = Arc::new(Model::new(seed));
    let mut random = fastrand::Rng::with_seed(!seed);
    let hours = random.u32(1..30);
    let mut saved: Vec<EtlHooverProgress> = Vec::new();
    let mut lives = vec![Vec::new()];
    let mut source = processor(&model, hours, &saved);
    let mut nights = 12;
    while nights > 0 {
        match source.next().await {
            Ok(Step::Block(block)) => {
                for piece in block {
                    match piece {
                        Piece::Item(item) => {
                            let number = source_number(&item.record);
                            let message_time = item.record.updated_at_utc;
                            lives.last_mut().unwrap().push((message_time, number));
                        }
                        // Confirmed, and sometimes the crash comes before it is saved.
                        Piece::Mark(progress) if random.u32(0..10) > 0 => saved = progress,
                        Piece::Mark(_) => {
                            lives.push(Vec::new());
                            source = processor(&model, hours, &saved);
                        }
                    }
                }
            }
            Ok(Step::Nothing { .. }) => {
                nights -= 1;
                model.load();
            }
            Ok(Step::End(end)) => panic!("{end:?}"),
            Err(_) if random.u32(0..10) == 0 => {
                lives.push(Vec::new());
                source = processor(&model, hours, &saved);
            }
            Err(_) => (),
        }
    }
    // The last load has not been read; rows up to the load before have.
    let read_until = saved.last().map_or_else(start, |progress| progress.last_processed_datetime);
    let rows = model.rows.lock().unwrap().iter().copied().filter(|(at, _)| *at < read_until).collect();
    (rows, lives)
}

fn source_number(record: &<Flowsheets as QueryStrategy>::Record) -> i64 {
    record.value_key
}

#[tokio::test]
async fn every_row_is_sent_and_in_order_between_restarts() {
    let mut total = 0;
    for seed in 0..150 {
        let (rows, lives) = read(seed).await;
        for sent in &lives {
            assert!(sent.is_sorted_by(|first, second| first < second), "seed {seed}: {sent:?}");
        }
        let sent: std::collections::HashSet<Key> = lives.into_iter().flatten().collect();
        let missed: Vec<_> = rows.iter().filter(|row| !sent.contains(row)).collect();
        assert!(missed.is_empty(), "seed {seed}: {missed:?}");
        total += rows.len();
    }
    assert!(total > 10_000, "{total} rows");
}
