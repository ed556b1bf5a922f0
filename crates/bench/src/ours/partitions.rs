//! One, two and three cores that divide messages by patient, beside one core that does not.

use std::{
    collections::BTreeMap,
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Stdio},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use emap_queue::BrokerConfig;
use emap_star::migrations;
use serde_json::{Map, Value, json};

use super::daemons;
use crate::{figures, output::line, raw::broker, sample::Sample, site::Site};

/// Divisible by neither two nor three without a rest that matters.
const PARTITIONS: u8 = 8;
/// How often the messages that are dealt with are summed up.
const LOOK: Duration = Duration::from_millis(5);
/// Longer takes only what has come to a stop.
const PATIENCE: Duration = Duration::from_secs(600);

/// Cores, and the partitions into which they divide messages.
const WAYS: [(usize, u8); 4] = [(1, 0), (1, PARTITIONS), (2, PARTITIONS), (3, PARTITIONS)];

/// Messages per second, by round.
#[derive(Debug, Default)]
pub(crate) struct Rates {
    consume: Vec<f64>,
    cores: BTreeMap<(u8, usize), Vec<f64>>,
}

/// The processes of a measurement; ended when dropped.
struct Cores(Vec<Child>);

impl Drop for Cores {
    fn drop(&mut self) {
        for core in &mut self.0 {
            let _ = core.kill();
            let _ = core.wait();
        }
    }
}

/// Each round measures every way once, after the limit that it is compared with.
pub(crate) fn measure(site: &Site, rounds: u32) -> anyhow::Result<Rates> {
    let sample = Sample::of(site.hospital)?;
    let mut rates = Rates::default();
    for round in 1..=rounds {
        let (_, consumed) = broker::measure(site, &sample.bodies)?;
        rates.consume.push(per_second(consumed.count, consumed.elapsed));
        for (cores, partitions) in WAYS {
            let rate = one(site, cores, partitions)
                .with_context(|| format!("round {round}, {cores} cores, {partitions} partitions"))?;
            line(format_args!("  {:<32} {rate:>9.0} per second", words(cores, partitions)));
            rates.cores.entry((partitions, cores)).or_default().push(rate);
        }
    }
    Ok(rates)
}

/// The reader fills the queue, then the cores empty it into a new star. Counted from the first batch on: starting, and
/// putting partitions in place, is not measured.
fn one(site: &Site, cores: usize, partitions: u8) -> anyhow::Result<f64> {
    let (broker, schema) = (site.fresh_broker()?, "star_divided");
    migrations::migrate(&mut site.connect()?, schema).context("the star schema")?;
    broker::make_queue(site, &broker)?;
    let messages = daemons::run("reader", site, &broker, schema, site.content.amounts.total())?.count;
    let rate = drained(site, &broker, schema, (cores, partitions), messages);
    site.sql(&format!("DROP SCHEMA {schema} CASCADE"))?;
    rate
}

fn drained(
    site: &Site,
    broker: &BrokerConfig,
    schema: &str,
    (cores, partitions): (usize, u8),
    messages: u64,
) -> anyhow::Result<f64> {
    let mut running = Cores(Vec::new());
    let mut counts = Vec::new();
    for _ in 0..cores {
        let mut command = daemons::command("core", site, broker, schema, messages)?;
        command.args(["--partitions", &partitions.to_string()]).stdout(Stdio::piped());
        let mut core = command.spawn().context("cannot run core")?;
        let output = core.stdout.take().context("core's output")?;
        counts.push(counted(output));
        running.0.push(core);
    }
    let begin = Instant::now();
    let mut first = None;
    loop {
        let done: u64 = counts.iter().map(|count| count.load(Ordering::Relaxed)).sum();
        if done > 0 {
            let (before, since) = *first.get_or_insert_with(|| (done, Instant::now()));
            if done >= messages {
                return Ok(per_second(done - before, since.elapsed()));
            }
        }
        for core in &mut running.0 {
            ensure!(core.try_wait()?.is_none(), "a core has ended");
        }
        ensure!(begin.elapsed() < PATIENCE, "{done} of {messages} messages after {PATIENCE:?}");
        thread::sleep(LOOK);
    }
}

/// The number that a core printed last.
fn counted(output: ChildStdout) -> Arc<AtomicU64> {
    let count = Arc::<AtomicU64>::default();
    let printed = Arc::clone(&count);
    thread::spawn(move || {
        for number in BufReader::new(output).lines().map_while(Result::ok) {
            if let Ok(number) = number.trim().parse() {
                printed.store(number, Ordering::Relaxed);
            }
        }
    });
    count
}

impl Rates {
    /// Prints the table.
    pub(crate) fn print(&self) {
        let consume = median(&self.consume);
        line("\n  Cores that divide messages            per second    of consuming    of one core");
        line(format_args!("  {:<34} {consume:>13.0}", "consuming alone"));
        for (cores, partitions) in WAYS {
            let Some(rates) = self.cores.get(&(partitions, cores)) else { continue };
            let rate = median(rates);
            line(format_args!(
                "  {:<34} {rate:>13.0}    {:>10.0} %    {:>9.0} %",
                words(cores, partitions),
                rate / consume * 100.0,
                rate / self.plain() * 100.0
            ));
        }
    }

    /// The same as ratios and rates.
    pub(crate) fn to_json(&self) -> Value {
        let consume = median(&self.consume);
        let mut json = Map::new();
        json.insert("raw_consume".to_owned(), json!(consume));
        for ((partitions, cores), rates) in &self.cores {
            let rate = median(rates);
            json.insert(
                format!("cores_{cores}_partitions_{partitions}"),
                json!({ "per_second": rate, "of_consume": rate / consume, "of_one_core": rate / self.plain() }),
            );
        }
        Value::Object(json)
    }

    fn plain(&self) -> f64 {
        self.cores.get(&(0, 1)).map_or(f64::NAN, |rates| median(rates))
    }
}

fn words(cores: usize, partitions: u8) -> String {
    let plural = if cores == 1 { "" } else { "s" };
    if partitions == 0 {
        format!("{cores} core{plural}, undivided")
    } else {
        format!("{cores} core{plural}, {partitions} partitions")
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts stay far below 2^52")]
fn per_second(count: u64, elapsed: Duration) -> f64 {
    count as f64 / elapsed.as_secs_f64().max(1e-9)
}

fn median(rates: &[f64]) -> f64 {
    figures::median(rates.iter().copied()).unwrap_or(f64::NAN)
}
