//! Hoover: flowsheet values out of a warehouse to the queue, all in one window.
//!
//! The daemon runs in a process of its own; the warehouse is the stand-in for SQL Server in this one. Both share the
//! machine, so the rate is that of the pair.

mod warehouse;

use std::{
    hint::black_box,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use emap_hoover::{
    cell::Cell,
    clock::Clock,
    data_types::{FlowsheetList, Flowsheets},
    row::Row,
    strategy::{QueryStrategy, Scope},
};
use emap_interchange::queues;
use emap_local_services::{postgres, rabbitmq, sql_server::LOGIN};

use self::warehouse::Warehouse;
use crate::{
    figures::{Measured, Memory},
    site::Site,
    stage::StageReport,
};

const AT_LEAST: Duration = Duration::from_secs(1);
/// Rows that are converted before the clock is read.
const BLOCK: usize = 10_000;
/// Values in the window, for each message of the other stages, and at most.
const FACTOR: u64 = 20;
const MOST_VALUES: u64 = 1_000_000;
/// Messages that may be unconfirmed, as many as in the raw limit.
const IN_TRANSIT: u32 = 1000;
const DATABASE: &str = "bench_hoover";

/// Rows as the driver gives them to JSON, on one core.
pub(crate) fn measure_conversion() -> anyhow::Result<Measured> {
    let strategy = Flowsheets::new(FlowsheetList::default());
    let scope = Scope {
        sub_id: "",
        from: Some("2021-05-01T00:00:00Z".parse()?),
        until: Some("2021-05-01T01:00:00Z".parse()?),
        is_continuation: false,
        clock: Clock::new("Europe/London".parse()?),
        now: "2021-06-01T00:00:00Z".parse()?,
        date_from: None,
    };
    let rows = (1..=3).map(cells).collect::<anyhow::Result<Vec<_>>>()?;
    let (mut elapsed, mut count) = (Duration::ZERO, 0);
    while elapsed < AT_LEAST {
        let block: Vec<Vec<Cell>> = rows.iter().cycle().take(BLOCK).cloned().collect();
        let begin = Instant::now();
        for cells in black_box(block) {
            let record = strategy.begin(Row::from_cells(cells)?);
            ensure!(strategy.is_wanted(&record, &scope), "a value of the bench is not wanted");
            black_box(strategy.message(&record, &scope)?.to_json());
        }
        elapsed += begin.elapsed();
        count += BLOCK as u64;
    }
    Ok(Measured::new(count, elapsed))
}

/// A value as the warehouse of the bench holds it: by turns a number, a text and a date.
fn cells(key: i64) -> anyhow::Result<Vec<Cell>> {
    let text = |text: &str| Cell::Text(text.to_owned());
    let (row, kind, unit, value) = match key % 3 {
        0 => ("5", "Numeric Type", "C", [text("36.6"), Cell::Float(36.6), Cell::Null]),
        1 => ("2281", "Time", "", [text("12:30"), Cell::Null, Cell::Null]),
        _ => ("7", "Date", "", [text("2021-02-28"), Cell::Null, Cell::Date("2021-02-28".parse()?)]),
    };
    let at = |time: &str| anyhow::Ok(Cell::DateTime(time.parse()?));
    let before = [Cell::Whole(key), text("MRN1"), text("V901"), text(row), text(kind), text(unit)];
    let after = [Cell::Null, at("2020-03-01T10:00:00.250")?, at("2021-05-01T00:10:00.125")?];
    Ok(before.into_iter().chain(value).chain(after).collect())
}

/// The daemon over one window.
pub(crate) fn measure(site: &Site) -> anyhow::Result<Measured> {
    let values = (site.content.amounts.total() * FACTOR).min(MOST_VALUES);
    let warehouse = Warehouse::with(site, values)?;
    let uds = site.fresh_database(DATABASE)?;
    let broker = site.fresh_broker()?;
    let text = str::to_owned;
    let settings = [
        ("CABOODLE_JDBC_URL", warehouse.jdbc_url()),
        ("CABOODLE_USERNAME", text(LOGIN.0)),
        ("CABOODLE_PASSWORD", text(LOGIN.1)),
        ("UDS_JDBC_URL", uds),
        ("UDS_USERNAME", text(postgres::USER)),
        ("UDS_SCHEMA", text("star")),
        ("SPRING_RABBITMQ_HOST", broker.host.clone()),
        ("SPRING_RABBITMQ_PORT", broker.port.to_string()),
        ("SPRING_RABBITMQ_USERNAME", text(rabbitmq::USER)),
        ("SPRING_RABBITMQ_PASSWORD", text(rabbitmq::PASSWORD)),
        ("SPRING_RABBITMQ_VIRTUAL_HOST", broker.virtual_host.clone()),
        ("RABBITMQ_QUEUE_LENGTH", (values + 1000).to_string()),
        ("RABBITMQ_MAX_INTRANSIT", IN_TRANSIT.to_string()),
        ("HOOVER_DATE_FROM", text(warehouse::WINDOW.0)),
        ("HOOVER_DATE_UNTIL", text(warehouse::WINDOW.1)),
    ];
    let program = std::env::current_exe().context("cannot find this program")?;
    let mut command = Command::new(program);
    command.arg("hoover").env_clear().envs(settings).stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = command.output().context("cannot run hoover")?;
    ensure!(output.status.success(), "hoover failed: {}", output.status);
    let report: StageReport = serde_json::from_slice(&output.stdout).context("hoover's report")?;
    let sent = site.depth(&broker.virtual_host, queues::DATABASE_EXTRACTS)?;
    ensure!(sent == values, "hoover sent {sent} of {values} values");
    let memory = Memory { peak: report.peak, half_way: report.half_way, end: report.end };
    let elapsed = Duration::from_secs_f64(report.seconds);
    Ok(Measured { memory: Some(memory), ..Measured::new(sent, elapsed) })
}
