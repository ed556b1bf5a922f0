//! The daemon's HTTP endpoints.
//!
//! | path | answer |
//! |---|---|
//! | `/health/live` | 200 while the process runs |
//! | `/health/ready` | 200 when every component is up, else 503; JSON with a line per component |
//! | `/actuator/health` | the same; the path that deployments already watch |
//! | `/metrics` | Prometheus text |

mod connections;

pub use self::connections::Limits;

use std::{io, net::SocketAddr};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::net::{TcpListener, lookup_host};
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{health::Health, metrics};

/// A failure to open the port.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot listen on HTTP port {port} of {address}: {source}; set SERVER_PORT to a free port (0 = any) and \
     SERVER_ADDRESS to an address of this machine (blank = all)"
)]
pub struct BindError {
    /// The address that was to be used.
    pub address: String,
    /// The port that was to be used.
    pub port: u16,
    /// What the operating system answered.
    pub source: io::Error,
}

/// The opened port, not serving yet.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl HttpServer {
    /// Opens `port` of an address or a host name, or of every (IPv4) address; 0 means any free port.
    ///
    /// # Errors
    /// [`BindError`] when the port is taken or not allowed, or the address is not one of this machine.
    pub async fn bind(address: Option<&str>, port: u16) -> Result<Self, BindError> {
        let address = address.unwrap_or("0.0.0.0");
        let failed = |source| BindError { address: address.to_owned(), port, source };
        let mut addresses: Vec<SocketAddr> = lookup_host((address, port)).await.map_err(failed)?.collect();
        // As Java does: `localhost` is 127.0.0.1 where there is a choice.
        addresses.sort_by_key(SocketAddr::is_ipv6);
        let listener = TcpListener::bind(&addresses[..]).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address, limits: Limits::default() })
    }

    /// With other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Where it listens (with the actual port when any was to be taken).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the standard endpoints until the cancellation.
    ///
    /// A connection that sends no request for some seconds is closed, as is any after a minute. At most a hundred are
    /// open at a time; others wait.
    pub fn serve(
        self,
        health: Health,
        allowed_origins: &[String],
        cancel: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        self.serve_router(standard_routes(health, allowed_origins), cancel)
    }

    /// Serves any routes, for daemons that have their own besides [`standard_routes`]. Requests carry their peer as
    /// `ConnectInfo<SocketAddr>`.
    pub async fn serve_router(self, router: Router, cancel: CancellationToken) {
        connections::serve(self.listener, router, self.limits, cancel).await;
    }
}

/// The endpoints that every daemon has. `allowed_origins` are the web origins that a browser may read them from.
pub fn standard_routes(health: Health, allowed_origins: &[String]) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/actuator/health", get(ready))
        .route("/metrics", get(prometheus))
        .layer(cors(allowed_origins))
        .with_state(health)
}

async fn live() -> Json<serde_json::Value> {
    Json(json!({ "status": "UP" }))
}

async fn ready(State(health): State<Health>) -> Response {
    let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(health.to_json())).into_response()
}

async fn prometheus() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render()).into_response()
}

/// Reading is all that is allowed, and only to pages of these origins; `*` stands for any.
fn cors(allowed_origins: &[String]) -> CorsLayer {
    let origins = if allowed_origins.iter().any(|origin| origin == "*") {
        AllowOrigin::any()
    } else {
        // What is no header value is no origin that a browser sends.
        AllowOrigin::list(allowed_origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()))
    };
    CorsLayer::new().allow_origin(origins)
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::TcpStream,
        time::{Duration, Instant},
    };

    use super::*;
    use crate::health::components;

    /// Less than the limits of the library, which are not ours.
    const PATIENCE: Duration = Duration::from_secs(25);

    fn connect(address: SocketAddr) -> TcpStream {
        let stream = TcpStream::connect(("127.0.0.1", address.port())).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream
    }

    /// What is answered until the connection ends.
    fn rest(mut stream: TcpStream) -> String {
        let mut answer = String::new();
        if let Err(error) = stream.read_to_string(&mut answer) {
            assert_eq!(error.kind(), io::ErrorKind::ConnectionReset, "{error}");
        }
        answer
    }

    async fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
        tokio::task::spawn_blocking(work).await.unwrap()
    }

    async fn get_path(address: SocketAddr, path: &str, origin: &str) -> String {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n");
        on_thread(move || {
            let mut stream = connect(address);
            stream.write_all(request.as_bytes()).unwrap();
            rest(stream)
        })
        .await
    }

    #[tokio::test]
    async fn endpoints_follow_the_components_until_the_stop() {
        crate::metrics::install();
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let broker = health.component(components::BROKER);
        let server = HttpServer::bind(None, 0).await.unwrap();
        let address = server.address();
        let origins = vec!["https://ward.example".to_owned()];
        let running = tokio::spawn(server.serve(health.clone(), &origins, cancel.clone()));

        assert!(get_path(address, "/health/live", "-").await.starts_with("HTTP/1.1 200"));
        let starting = get_path(address, "/health/ready", "-").await;
        assert!(starting.starts_with("HTTP/1.1 503") && starting.contains("starting"), "{starting}");
        broker.up();
        let ready = get_path(address, "/actuator/health", "https://ward.example").await;
        assert!(
            ready.starts_with("HTTP/1.1 200") && ready.contains(r#""broker":{"status":"UP"}"#),
            "{ready}"
        );
        assert!(ready.contains("access-control-allow-origin: https://ward.example"), "{ready}");
        let stranger = get_path(address, "/metrics", "https://elsewhere.example").await;
        assert!(
            stranger.starts_with("HTTP/1.1 200") && !stranger.contains("access-control-allow"),
            "{stranger}"
        );

        cancel.cancel();
        running.await.unwrap();
    }

    #[tokio::test]
    async fn what_cannot_be_bound_is_named() {
        let first = HttpServer::bind(None, 0).await.unwrap();
        let port = first.address().port();
        let error = HttpServer::bind(None, port).await.unwrap_err().to_string();
        assert!(
            error.contains(&format!("port {port} of 0.0.0.0")) && error.contains("SERVER_PORT"),
            "{error}"
        );
        // An address for documentation: no machine has it.
        let error = HttpServer::bind(Some("192.0.2.1"), 0).await.unwrap_err().to_string();
        assert!(error.contains("192.0.2.1") && error.contains("SERVER_ADDRESS"), "{error}");
        let error = HttpServer::bind(Some("no such host"), 0).await.unwrap_err().to_string();
        assert!(error.contains("no such host") && error.contains("SERVER_ADDRESS"), "{error}");
    }

    #[tokio::test]
    async fn only_the_given_address_is_bound() {
        for name in ["127.0.0.1", "localhost"] {
            let server = HttpServer::bind(Some(name), 0).await.unwrap();
            assert_eq!(server.address().ip().to_string(), "127.0.0.1");
        }
        assert!(HttpServer::bind(None, 0).await.unwrap().address().ip().is_unspecified());
    }

    /// A server with these limits, and where it listens.
    async fn limited(limits: Limits, cancel: &CancellationToken) -> SocketAddr {
        let server = HttpServer { limits, ..HttpServer::bind(None, 0).await.unwrap() };
        let address = server.address();
        tokio::spawn(server.serve(Health::new(), &[], cancel.clone()));
        address
    }

    /// The default limits are as long as a minute; no test may wait for that.
    const SHORT: Limits = Limits {
        connections: 3,
        request: Duration::from_millis(500),
        connection: PATIENCE,
        finish: Duration::ZERO,
    };

    #[tokio::test]
    async fn connections_without_a_request_are_closed_and_keep_no_other_away() {
        let cancel = CancellationToken::new();
        let address = limited(SHORT, &cancel).await;
        let (silent, slow, idle) = on_thread(move || {
            let [silent, mut slow, mut idle] = [(); 3].map(|()| connect(address));
            slow.write_all(b"GET /health/live HTTP/1.1\r\nHost: ").unwrap();
            idle.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
            (silent, slow, idle)
        })
        .await;
        // There is no room for it before one of them is closed.
        assert!(get_path(address, "/health/live", "-").await.starts_with("HTTP/1.1 200"));
        let ends = on_thread(move || [silent, slow, idle].map(rest)).await;
        assert!(ends[0].is_empty() && !ends[1].contains("200"), "{ends:?}");
        assert!(ends[2].starts_with("HTTP/1.1 200"), "{ends:?}");
        cancel.cancel();
    }

    #[tokio::test]
    async fn a_silent_connection_does_not_hold_up_the_stop() {
        let cancel = CancellationToken::new();
        let server = HttpServer::bind(None, 0).await.unwrap();
        let address = server.address();
        let running = tokio::spawn(server.serve(Health::new(), &[], cancel.clone()));
        let silent = on_thread(move || connect(address)).await;
        assert!(get_path(address, "/health/live", "-").await.starts_with("HTTP/1.1 200"));
        let begin = Instant::now();
        cancel.cancel();
        running.await.unwrap();
        assert!(begin.elapsed() < Duration::from_secs(5));
        drop(silent);
    }

    #[tokio::test]
    async fn no_more_connections_are_served_at_a_time_than_allowed() {
        let cancel = CancellationToken::new();
        let address = limited(Limits { request: PATIENCE, ..SHORT }, &cancel).await;
        let open = on_thread(move || [(); 3].map(|()| connect(address))).await;
        let waiting = tokio::spawn(get_path(address, "/health/live", "-"));
        // Nothing can show that an answer never comes; it would be here at once.
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!waiting.is_finished());
        drop(open);
        assert!(waiting.await.unwrap().starts_with("HTTP/1.1 200"));
        cancel.cancel();
    }

    #[tokio::test]
    async fn a_connection_that_never_pauses_ends_as_well() {
        let cancel = CancellationToken::new();
        let limits = Limits { request: PATIENCE, connection: Duration::from_millis(100), ..SHORT };
        let address = limited(limits, &cancel).await;
        let ended = on_thread(move || {
            let mut stream = connect(address);
            let begin = Instant::now();
            while begin.elapsed() < PATIENCE {
                let asked = stream.write_all(b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n");
                if asked.is_err() || !stream.read(&mut [0; 4096]).is_ok_and(|count| count > 0) {
                    return true;
                }
            }
            false
        });
        assert!(ended.await);
        cancel.cancel();
    }
}
