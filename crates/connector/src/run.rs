//! The daemon: parts put together, started, and stopped in order.

use std::{io, sync::Arc, time::Duration};

use emap_service::{
    CancellationToken, Health,
    cancellation::cancel_on_signals,
    health::components,
    http::{BindError, HttpServer, Limits},
    metrics as recorder,
    settings::Settings,
};
use metrics::gauge;
use tokio::{sync::Notify, task::JoinSet, time::timeout};

use crate::{
    api, logging,
    mllp::{ListenError, Listener},
    outside::Client,
    publisher::{OUTBOX_PENDING, Publisher},
    sending::{self, Sender},
    service::Service,
    settings::ConnectorSettings,
    store::{
        Database,
        receiving::{Receiving, Signals},
    },
    trustomer::Trustomer,
};

/// The connector's own database, in the health.
pub(crate) const DATABASE: &str = "database";
/// What is under way when the program is to stop has so long.
const GRACE: Duration = Duration::from_secs(20);
/// What works in the background and can be repeated has so long.
const GRACE_BEHIND: Duration = Duration::from_secs(3);

/// Why the daemon could not start.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// A setting is missing or wrong.
    #[error(transparent)]
    Settings(#[from] emap_service::SettingsError),
    /// The HTTP port cannot be opened.
    #[error(transparent)]
    Port(#[from] BindError),
    /// The MLLP port cannot be opened.
    #[error(transparent)]
    Mllp(#[from] ListenError),
    /// The operating system refused threads or signal handlers.
    #[error("cannot start: {0}")]
    System(#[from] io::Error),
}

/// Runs until SIGTERM or SIGINT. Blocks.
///
/// # Errors
/// [`RunError`]: nothing was started.
pub fn run(settings: &Settings) -> Result<(), RunError> {
    let settings = ConnectorSettings::from_settings(settings)?;
    logging::init(&settings.log);
    // The bounds are not empty.
    let _ = recorder::install_with_buckets(&[api::LATENCY]);
    let runtime = tokio::runtime::Runtime::new()?;
    let done = runtime.block_on(async {
        let cancel = CancellationToken::new();
        cancel_on_signals(&cancel)?;
        serve(settings, cancel).await
    });
    // Threads that still wait for a server end with the process; a runtime that ended before them would make them panic.
    std::mem::forget(runtime);
    done
}

/// Runs until the cancellation.
///
/// # Errors
/// When a port cannot be opened.
pub async fn serve(settings: ConnectorSettings, cancel: CancellationToken) -> Result<(), RunError> {
    let http = HttpServer::bind(None, settings.port).await?.with_limits(limits(&settings));
    let mllp = match settings.mllp.clone() {
        Some(mllp) => Some(Listener::bind(mllp).await?),
        None => None,
    };
    tracing::info!(address = %http.address(), "listening for HTTP");
    let health = Health::new();
    let database = Database::new(&settings.database);
    let stored = Arc::new(Notify::new());
    let signals = Signals {
        database: health.component(DATABASE),
        ids: settings.ids.as_ref().map(|_| health.component(components::IDS)),
        stored: Arc::clone(&stored),
    };
    let (receiving, storing) = Receiving::start(database.clone(), settings.ids.clone(), signals);
    let pauses = (settings.retry_initial, settings.retry_maximum);
    let (background, mut at_work) = (CancellationToken::new(), JoinSet::new());
    if let Some(broker) = settings.broker.clone() {
        let publisher = Publisher {
            database: database.clone(),
            broker,
            compression: settings.compression,
            pauses,
            stored,
            component: health.component(components::BROKER),
            cancel: background.clone(),
        };
        at_work.spawn_blocking(move || publisher.run());
    } else {
        // Whoever watches it finds that nothing waits.
        gauge!(OUTBOX_PENDING).set(0.0);
    }
    let client = Client::default();
    let sender = Sender::new(
        database.clone(),
        client.clone(),
        settings.adapter.clone(),
        settings.mirth.clone(),
        pauses,
    );
    let trustomer = Trustomer::new(settings.trustomer.clone(), client);
    let service = Arc::new(Service::new(settings, health, database, receiving, sender.clone(), trustomer));
    for destination in [sending::HOSPITAL, sending::MIRTH] {
        let (sender, added, cancel) = (sender.clone(), Arc::clone(&service.documents), background.clone());
        at_work.spawn_blocking(move || sender.run(destination, &added, &cancel));
    }
    serve_doors(http, mllp, service, &cancel).await;
    // The way in is closed: the thread that stores ends with what it has.
    if timeout(GRACE, storing).await.is_err() {
        tracing::warn!("still waiting for a database: ending its connections");
        emap_postgres::end_all_connections();
    }
    background.cancel();
    let ended = async { while at_work.join_next().await.is_some() {} };
    let _ = timeout(GRACE_BEHIND, ended).await;
    tracing::info!("stopped");
    Ok(())
}

/// A sender may keep its connection for as long as it sends something; after an hour it makes a new one. What is under way
/// then is finished, however long another service takes to answer.
fn limits(settings: &ConnectorSettings) -> Limits {
    Limits {
        connections: settings.max_connections,
        request: settings.header_time,
        connection: Duration::from_secs(3600),
        finish: Duration::from_secs(120),
    }
}

/// Both doors, until the cancellation and as long as what is under way needs.
async fn serve_doors(
    http: HttpServer,
    mllp: Option<Listener>,
    service: Arc<Service>,
    cancel: &CancellationToken,
) {
    let http = http.serve_router(api::router(Arc::clone(&service)), cancel.clone());
    let frames = async {
        if let Some(mllp) = mllp {
            mllp.serve(service, cancel.clone()).await;
        }
    };
    let doors = async { tokio::join!(http, frames) };
    tokio::select! {
        _ = doors => {}
        () = async {
            cancel.cancelled().await;
            tokio::time::sleep(GRACE).await;
        } => tracing::warn!("what was under way did not end in time"),
    }
}
