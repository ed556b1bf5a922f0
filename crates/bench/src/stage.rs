//! `emap-bench stage`: one daemon as a process of its own. Prints a JSON report.

use std::{
    pin::pin,
    process::ExitCode,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use anyhow::{Context, ensure};
use emap_core::{CoreSettings, Tally};
use emap_hoover::{HooverSettings, RunSettings, SourceSettings, run::run as hoover};
use emap_ids_reader::{ReaderSettings, run as reader};
use emap_interchange::queues;
use emap_queue::{BrokerConfig, Transport};
use emap_service::{
    DatabaseSettings, Runtime,
    settings::{Settings, broker},
};

use crate::{
    memory,
    output::line,
    phases::PhaseSeconds,
    sample,
    site::{IDS_SCHEMA, over},
};

/// How often memory is looked at.
const SAMPLED: Duration = Duration::from_millis(100);

/// Which daemon.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Daemon {
    /// Message store to queue.
    Reader,
    /// Queue to star.
    Core,
}

/// Arguments of `emap-bench stage`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    daemon: Daemon,
    #[arg(long)]
    database_url: String,
    #[arg(long)]
    star_schema: String,
    #[arg(long)]
    broker_port: u16,
    #[arg(long)]
    virtual_host: String,
    #[arg(long)]
    queue_length: u32,
    /// Messages that are expected.
    #[arg(long)]
    messages: u64,
    /// Of core: one of several that divide messages into so many partitions. It prints how many messages it has dealt
    /// with, again and again, until it is ended.
    #[arg(long)]
    partitions: Option<u8>,
}

/// What a daemon did; memory in bytes.
#[derive(Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct StageReport {
    pub(crate) messages: u64,
    /// Of core: messages answered with an error. Of the reader: rows that gave no message.
    pub(crate) errors: u64,
    pub(crate) seconds: f64,
    /// Where the time of core went.
    pub(crate) phases: Option<PhaseSeconds>,
    /// Seconds after which each tenth of the messages was done.
    pub(crate) tenths: Vec<f64>,
    pub(crate) peak: u64,
    pub(crate) half_way: u64,
    pub(crate) end: u64,
}

/// Runs the daemon until all messages are dealt with.
///
/// # Errors
/// The daemon could not start.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    if let Some(partitions) = args.partitions {
        runtime.block_on(run_among_others(args, partitions))?;
        return Ok(ExitCode::SUCCESS);
    }
    let report = runtime.block_on(async {
        match args.daemon {
            Daemon::Reader => run_reader(args).await,
            Daemon::Core => run_core_alone(args).await,
        }
    })?;
    line(serde_json::to_string(&report)?);
    Ok(ExitCode::SUCCESS)
}

fn transport(args: &Args) -> Transport {
    over(BrokerConfig {
        host: "127.0.0.1".to_owned(),
        port: args.broker_port,
        virtual_host: args.virtual_host.clone(),
        ..BrokerConfig::default()
    })
}

async fn run_reader(args: &Args) -> anyhow::Result<StageReport> {
    let url = args.database_url.as_str();
    let mut settings = ReaderSettings::between((url, IDS_SCHEMA), (url, &args.star_schema))?;
    settings.features = sample::features();
    settings.publishing.queue_length = args.queue_length;
    settings.stop_when_drained = true;
    let watch = Watch::start(args.messages);
    let note = watch.clone();
    let on_progress = move |progress: &reader::RunProgress| note.note(progress.published);
    let summary = reader::run(settings, Runtime::new(transport(args)), on_progress).await?;
    Ok(watch.report(summary.published, summary.rejected + summary.skipped.values().sum::<u64>()))
}

/// Runs hoover over its window. The report has no count of messages: it says nothing of each.
///
/// # Errors
/// A setting is wrong, or the window was not finished.
pub(crate) fn execute_hoover() -> anyhow::Result<ExitCode> {
    let settings = Settings::load(HooverSettings::GROUPS, None)?;
    let own = RunSettings::from_settings(&settings, &["Flowsheet".to_owned()])?;
    let sources = SourceSettings::from_settings(&settings, &own.data_types)?;
    let transport = over(broker::from_settings(&settings)?);
    let watch = Watch::start(0);
    let runtime = tokio::runtime::Runtime::new().context("cannot start the runtime")?;
    let (finished, samples) = runtime.block_on(async {
        let mut running = pin!(hoover(sources, own, Runtime::new(transport), |_: &_| ()));
        let (mut ticks, mut samples) = (tokio::time::interval(SAMPLED), Vec::new());
        loop {
            tokio::select! {
                finished = &mut running => break anyhow::Ok((finished?, samples)),
                _ = ticks.tick() => samples.push(memory::resident()),
            }
        }
    })?;
    ensure!(finished.failed.is_empty() && finished.is_saved, "hoover did not finish: {finished:?}");
    let half_way = samples.get(samples.len() / 2).copied().unwrap_or_default();
    line(serde_json::to_string(&StageReport { half_way, ..watch.report(0, 0) })?);
    Ok(ExitCode::SUCCESS)
}

/// One core of several, until the process is ended.
async fn run_among_others(args: &Args, partitions: u8) -> anyhow::Result<()> {
    let mut settings =
        CoreSettings::for_database(DatabaseSettings::from_url(&args.database_url, &args.star_schema)?);
    settings.queues = vec![queues::HL7_QUEUE.to_owned()];
    settings.partitions = partitions;
    let say = |tally: Tally| line(tally.messages);
    emap_core::run(settings, Runtime::new(transport(args)), say).await?;
    Ok(())
}

async fn run_core_alone(args: &Args) -> anyhow::Result<StageReport> {
    let watch = Watch::start(args.messages);
    let note = watch.clone();
    let progress = move |tally: Tally| note.note(tally.messages);
    let tally =
        run_core(&args.database_url, &args.star_schema, transport(args), args.messages, progress).await?;
    let phases = Some(PhaseSeconds::of(&tally.times));
    Ok(StageReport { phases, ..watch.report(tally.messages, tally.errors) })
}

/// Core, until it has dealt with so many messages.
pub(crate) async fn run_core(
    url: &str,
    schema: &str,
    transport: Transport,
    messages: u64,
    mut progress: impl FnMut(Tally),
) -> anyhow::Result<Tally> {
    let mut settings = CoreSettings::for_database(DatabaseSettings::from_url(url, schema)?);
    settings.queues = vec![queues::HL7_QUEUE.to_owned()];
    let runtime = Runtime::new(transport);
    let stop = runtime.cancel.clone();
    let until_done = move |tally: Tally| {
        progress(tally);
        if tally.messages >= messages {
            stop.cancel();
        }
    };
    Ok(emap_core::run(settings, runtime, until_done).await?)
}

/// Time and memory while messages are dealt with.
#[derive(Clone)]
struct Watch {
    begin: Instant,
    messages: u64,
    noted: Arc<Mutex<Noted>>,
}

#[derive(Default)]
struct Noted {
    half_way: Option<u64>,
    tenths: Vec<f64>,
    /// When the last message was done: orderly closing does not count.
    last: Option<Duration>,
}

impl Watch {
    fn start(messages: u64) -> Self {
        Self { begin: Instant::now(), messages, noted: Arc::default() }
    }

    fn note(&self, done: u64) {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let elapsed = self.begin.elapsed();
        noted.last = Some(elapsed);
        while noted.tenths.len() < 10 && done * 10 >= self.messages * (noted.tenths.len() as u64 + 1) {
            noted.tenths.push(elapsed.as_secs_f64());
        }
        if done * 2 >= self.messages {
            noted.half_way.get_or_insert_with(memory::resident);
        }
    }

    fn report(&self, messages: u64, errors: u64) -> StageReport {
        let noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        let seconds = noted.last.unwrap_or_else(|| self.begin.elapsed()).as_secs_f64();
        let end = memory::resident();
        StageReport {
            messages,
            errors,
            seconds,
            phases: None,
            tenths: noted.tenths.clone(),
            peak: memory::peak(),
            half_way: noted.half_way.unwrap_or(end),
            end,
        }
    }
}
