//! HTTP connections, limited in time and number: the endpoints may be open to a whole network.

use std::{
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::ConnectInfo};
use hyper::{
    Request,
    body::Incoming,
    server::conn::http1,
    service::{Service, service_fn},
};
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

/// What connections may take. The default is for endpoints that only watch a daemon.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections at a time; others wait.
    pub connections: u32,
    /// Longest wait for a request with all its headers, also for the next one on a connection that is kept.
    pub request: Duration,
    /// How long a connection lasts; then it takes no more requests.
    pub connection: Duration,
    /// How much longer it lasts for the request that is under way, also for clients that do not read their answer.
    pub finish: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let (request, connection) = (Duration::from_secs(10), Duration::from_secs(60));
        Self { connections: 100, request, connection, finish: Duration::ZERO }
    }
}

/// Serves until the cancellation; then finishes the requests that are under way.
pub(super) async fn serve(listener: TcpListener, router: Router, limits: Limits, cancel: CancellationToken) {
    let room = Arc::new(Semaphore::new(limits.connections as usize));
    let next = async || {
        let place = Arc::clone(&room).acquire_owned().await;
        (accept(&listener).await, place)
    };
    while let Some(((stream, peer), place)) = cancel.run_until_cancelled(next()).await {
        let (router, cancel) = (router.clone(), cancel.clone());
        tokio::spawn(async move {
            attend((stream, peer), router, limits, cancel).await;
            drop(place);
        });
    }
    // All places are free when all connections have ended.
    let _all = room.acquire_many(limits.connections).await;
}

async fn accept(listener: &TcpListener) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) => {
                tracing::warn!(%error, "no HTTP connection can be accepted, trying again");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn attend(
    (stream, peer): (TcpStream, SocketAddr),
    router: Router,
    limits: Limits,
    cancel: CancellationToken,
) {
    // Answers are small, and are waited for.
    let _ = stream.set_nodelay(true);
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(limits.request).max_buf_size(HEADER_BYTES);
    let routes = TowerToHyperService::new(router);
    let was_asked = AtomicBool::new(false);
    let service = service_fn(|mut request: Request<Incoming>| {
        was_asked.store(true, Ordering::Relaxed);
        request.extensions_mut().insert(ConnectInfo(peer));
        routes.call(request)
    });
    let mut connection = pin!(http.serve_connection(TokioIo::new(stream), service));
    // What goes wrong with a connection is the client's.
    tokio::select! {
        _ = connection.as_mut() => return,
        () = cancel.cancelled() => {
            // A connection that has had no request yet would not end before its time is up.
            if !was_asked.load(Ordering::Relaxed) {
                return;
            }
            connection.as_mut().graceful_shutdown();
            let _ = timeout(limits.connection, connection).await;
            return;
        }
        () = sleep(limits.connection) => connection.as_mut().graceful_shutdown(),
    }
    let _ = timeout(limits.finish, connection).await;
}
