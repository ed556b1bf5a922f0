//! Hoover and core, then reader and core, one after the other's heels, until everything has reached the star.

use std::time::{Duration, Instant};

use anyhow::Context;
use emap_core::{CoreSettings, Rules, Tally};
use emap_ids::IdsStore;
use emap_ids_reader::{
    ReaderSettings,
    run::{self as reader, RunSummary},
};
use emap_interchange::{Features, Generation, queues};
use emap_local_services::postgres::Server;
use emap_queue::{PublisherSettings, Transport, transport::in_process::Broker};
use emap_service::{DatabaseSettings, Runtime};
use tokio::{sync::watch, time::sleep};

use super::{extracts, progress::Bars};
use crate::{
    databases::{IDS, STAR},
    output::line,
    sources::Sources,
};

/// How often queues are looked at.
const GLANCE: Duration = Duration::from_millis(5);

/// What all did.
pub(super) struct Figures {
    /// The reader's account of itself.
    pub(super) reader: RunSummary,
    /// Core's.
    pub(super) core: Tally,
    /// How many of core's messages were hoover's.
    pub(super) extracts: u64,
    /// From the first look into the message store to the last commit.
    pub(super) elapsed: Duration,
}

/// Runs all to their ends.
pub(super) async fn run(server: &Server, sources: Option<&Sources>) -> anyhow::Result<Figures> {
    let bars = Bars::new(rows_in_store(server)?);
    let broker = broker();
    let transport = Transport::InProcess(broker.clone());
    let (progress, processed) = watch::channel(Tally::default());
    let core_bar = bars.core();
    let runtime = Runtime::new(transport.clone());
    let stop_core = runtime.cancel.clone();
    let core = emap_core::run(core_settings(server)?, runtime, move |tally| {
        core_bar.set_position(tally.messages);
        progress.send_replace(tally);
    });
    let queue = Queue { broker, processed };
    let read = async {
        let read = read_and_wait(server, sources, &queue, &bars).await;
        stop_core.cancel();
        read
    };
    let (core, read) = tokio::join!(core, read);
    let (core, Read { extracted_in, reader, elapsed }) = (core?, read?);
    bars.finish(reader.rows, core.messages);
    let extracts = core.messages.saturating_sub(reader.published);
    if let Some(time) = extracted_in {
        line(format_args!(
            "Hoover: {extracts} messages about places, names, a form and research, from a stand-in for SQL Server, in {:.1} s",
            time.as_secs_f64()
        ));
    }
    Ok(Figures { reader, core, extracts, elapsed })
}

/// The queues between the readers and core.
struct Queue {
    broker: Broker,
    /// Core's account so far; closed when core has ended.
    processed: watch::Receiver<Tally>,
}

impl Queue {
    /// Waits until core has dealt with every message of a queue, or has ended by itself.
    async fn drained(&self, name: &str) {
        while self.broker.depth(name) > 0 && self.processed.has_changed().is_ok() {
            sleep(GLANCE).await;
        }
    }
}

/// With the queues of all readers, so that core need not look for those that have no reader here.
fn broker() -> Broker {
    let broker = Broker::new();
    for queue in [queues::HL7_QUEUE, queues::DATABASE_EXTRACTS, queues::EXTENSION_PROJECTS] {
        broker.declare(queue, PublisherSettings::default().queue_length);
    }
    broker
}

/// What was read.
struct Read {
    /// How long hoover took, with core, if there was something for it to read.
    extracted_in: Option<Duration>,
    reader: RunSummary,
    elapsed: Duration,
}

/// Reads the sources of hoover and then the message store to their ends; waits each time until core has dealt with every
/// message.
async fn read_and_wait(
    server: &Server,
    sources: Option<&Sources>,
    queue: &Queue,
    bars: &Bars,
) -> anyhow::Result<Read> {
    let transport = Transport::InProcess(queue.broker.clone());
    let mut extracted_in = None;
    if let Some(sources) = sources {
        let begin = Instant::now();
        extracts::read(server, sources, transport.clone()).await?;
        queue.drained(queues::DATABASE_EXTRACTS).await;
        extracted_in = Some(begin.elapsed());
    }
    let begin = Instant::now();
    let bar = bars.reader();
    let on_progress = move |progress: &reader::RunProgress| bar.set_position(progress.rows);
    let reader = reader::run(reader_settings(server)?, Runtime::new(transport), on_progress).await?;
    queue.drained(queues::HL7_QUEUE).await;
    Ok(Read { extracted_in, reader, elapsed: begin.elapsed() })
}

fn reader_settings(server: &Server) -> anyhow::Result<ReaderSettings> {
    let (ids, star) = (server.database_url(IDS.name), server.database_url(STAR.name));
    let settings = ReaderSettings::between((&ids, IDS.schema), (&star, STAR.schema))?;
    // Core is ours, which understands everything.
    let features = Features::of(Generation::Latest);
    Ok(ReaderSettings { features, stop_when_drained: true, ..settings })
}

fn core_settings(server: &Server) -> anyhow::Result<CoreSettings> {
    let database = DatabaseSettings::from_url(&server.database_url(STAR.name), STAR.schema)?;
    let settings = CoreSettings::for_database(database);
    // Forms come from hoover.
    Ok(CoreSettings { rules: Rules { forms: true, ..settings.rules }, ..settings })
}

fn rows_in_store(server: &Server) -> anyhow::Result<u64> {
    let mut store =
        IdsStore::connect(&server.database_url(IDS.name), IDS.schema).context("the message store")?;
    Ok(store.highest_unid()?.and_then(|highest| highest.try_into().ok()).unwrap_or(0))
}
