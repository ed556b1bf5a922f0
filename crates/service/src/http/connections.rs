//! HTTP connections, limited in time and number: the endpoints may be open to a whole network.

use std::{pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

/// Longest line of a request with its headers, in bytes.
const HEADER_BYTES: usize = 16 * 1024;
/// Pause after the system refused a connection, for example because there are no descriptors left.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Connections at a time; others wait.
    pub(super) connections: u32,
    /// Longest wait for a request with all its headers, also for the next one on a connection that is kept.
    pub(super) request: Duration,
    /// How long a connection lasts at most, also for clients that do not read what they are sent.
    pub(super) connection: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self { connections: 100, request: Duration::from_secs(10), connection: Duration::from_secs(60) }
    }
}

/// Serves until the cancellation; then finishes the requests that are under way.
pub(super) async fn serve(listener: TcpListener, router: Router, limits: Limits, cancel: CancellationToken) {
    let room = Arc::new(Semaphore::new(limits.connections as usize));
    let next = async || {
        let place = Arc::clone(&room).acquire_owned().await;
        (accept(&listener).await, place)
    };
    while let Some((stream, place)) = cancel.run_until_cancelled(next()).await {
        let (router, cancel) = (router.clone(), cancel.clone());
        tokio::spawn(async move {
            attend(stream, router, limits, cancel).await;
            drop(place);
        });
    }
    // All places are free when all connections have ended.
    let _all = room.acquire_many(limits.connections).await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "no HTTP connection can be accepted, trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(stream: TcpStream, router: Router, limits: Limits, cancel: CancellationToken) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.request).max_buf_size(HEADER_BYTES);
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), TowerToHyperService::new(router)));
    let attended = async {
        tokio::select! {
            ended = connection.as_mut() => return ended,
            () = cancel.cancelled() => connection.as_mut().graceful_shutdown(),
        }
        connection.await
    };
    // What goes wrong with a connection is the client's.
    let _ = timeout(limits.connection, attended).await;
}
