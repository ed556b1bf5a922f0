//! Reader and core, one after the other's heels, until everything in the message store has reached the star.

use std::time::{Duration, Instant};

use anyhow::Context;
use emap_core::{CoreSettings, Tally};
use emap_ids::IdsStore;
use emap_ids_reader::{
    ReaderSettings,
    run::{self as reader, RunSummary},
};
use emap_interchange::{Features, Generation, queues};
use emap_local_services::postgres::Server;
use emap_queue::{PublisherSettings, Transport, transport::in_process::Broker};
use emap_service::{CancellationToken, DatabaseSettings, Runtime};
use tokio::sync::watch;

use super::progress::Bars;
use crate::databases::{IDS, STAR};

/// What both did.
pub(super) struct Figures {
    /// The reader's account of itself.
    pub(super) reader: RunSummary,
    /// Core's.
    pub(super) core: Tally,
    /// From the first look into the message store to the last commit.
    pub(super) elapsed: Duration,
}

/// Runs both to the end.
pub(super) async fn run(server: &Server) -> anyhow::Result<Figures> {
    let bars = Bars::new(rows_in_store(server)?);
    let transport = Transport::InProcess(broker());
    let begin = Instant::now();
    let (progress, processed) = watch::channel(Tally::default());
    let core_bar = bars.core();
    let runtime = Runtime::new(transport.clone());
    let stop_core = runtime.cancel.clone();
    let core = emap_core::run(core_settings(server)?, runtime, move |tally| {
        core_bar.set_position(tally.messages);
        progress.send_replace(tally);
    });
    let reader = read_and_wait(server, transport, &bars, processed, stop_core);
    let (core, reader) = tokio::join!(core, reader);
    let (core, reader, elapsed) = (core?, reader?, begin.elapsed());
    bars.finish(reader.rows, core.messages);
    Ok(Figures { reader, core, elapsed })
}

/// With the queues of all readers, so that core need not look for those that have no reader here.
fn broker() -> Broker {
    let broker = Broker::new();
    for queue in [queues::HL7_QUEUE, queues::DATABASE_EXTRACTS, queues::EXTENSION_PROJECTS] {
        broker.declare(queue, PublisherSettings::default().queue_length);
    }
    broker
}

/// Reads the store to its end, waits until core has dealt with every message, and stops core, whatever
/// happened.
async fn read_and_wait(
    server: &Server,
    transport: Transport,
    bars: &Bars,
    mut processed: watch::Receiver<Tally>,
    stop_core: CancellationToken,
) -> anyhow::Result<RunSummary> {
    let bar = bars.reader();
    let on_progress = move |progress: &reader::RunProgress| bar.set_position(progress.rows);
    let result = match reader_settings(server) {
        Ok(settings) => reader::run(settings, Runtime::new(transport), on_progress).await.map_err(Into::into),
        Err(error) => Err(error),
    };
    if let Ok(summary) = &result {
        // An error means that core has ended by itself; its tally says why.
        let _ = processed.wait_for(|tally| tally.messages >= summary.published).await;
    }
    stop_core.cancel();
    result
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
    Ok(CoreSettings::for_database(database))
}

fn rows_in_store(server: &Server) -> anyhow::Result<u64> {
    let mut store =
        IdsStore::connect(&server.database_url(IDS.name), IDS.schema).context("the message store")?;
    Ok(store.highest_unid()?.and_then(|highest| highest.try_into().ok()).unwrap_or(0))
}
