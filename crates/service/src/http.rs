//! The daemon's HTTP endpoints.
//!
//! | path | answer |
//! |---|---|
//! | `/health/live` | 200 while the process runs |
//! | `/health/ready` | 200 when every component is up, else 503; JSON with a line per component |
//! | `/actuator/health` | the same; the path that deployments already watch |
//! | `/metrics` | Prometheus text |

use std::{
    io,
    net::{Ipv4Addr, SocketAddr},
};

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use serde_json::json;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::cors::{AllowOrigin, CorsLayer};

use crate::{health::Health, metrics};

/// A failure to open the port.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on HTTP port {port}: {source}; set SERVER_PORT to a free port, or to 0 for any")]
pub struct BindError {
    /// The port that was asked for.
    pub port: u16,
    /// What the operating system answered.
    pub source: io::Error,
}

/// The opened port, not serving yet.
#[derive(Debug)]
pub struct HttpServer {
    listener: TcpListener,
    address: SocketAddr,
}

impl HttpServer {
    /// Opens `port` on every interface; 0 means any free port.
    ///
    /// # Errors
    /// [`BindError`] when the port is taken or not allowed.
    pub async fn bind(port: u16) -> Result<Self, BindError> {
        let failed = |source| BindError { port, source };
        let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        Ok(Self { listener, address })
    }

    /// Where it listens (with the actual port when 0 was asked for).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the standard endpoints until the cancellation.
    pub fn serve(
        self,
        health: Health,
        allowed_origins: &[String],
        cancel: CancellationToken,
    ) -> impl Future<Output = ()> + use<> {
        self.serve_router(standard_routes(health, allowed_origins), cancel)
    }

    /// Serves any routes, for daemons that have their own besides [`standard_routes`].
    pub async fn serve_router(self, router: Router, cancel: CancellationToken) {
        let stop = cancel.cancelled_owned();
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the HTTP endpoints ended");
        }
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
    use std::io::{Read, Write};

    use super::*;
    use crate::health::components;

    async fn get_path(address: SocketAddr, path: &str, origin: &str) -> String {
        let request =
            format!("GET {path} HTTP/1.1\r\nHost: x\r\nOrigin: {origin}\r\nConnection: close\r\n\r\n");
        let exchange = move || {
            let mut stream = std::net::TcpStream::connect((Ipv4Addr::LOCALHOST, address.port())).unwrap();
            stream.write_all(request.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        };
        tokio::task::spawn_blocking(exchange).await.unwrap()
    }

    #[tokio::test]
    async fn endpoints_follow_the_components_until_the_stop() {
        crate::metrics::install();
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let broker = health.component(components::BROKER);
        let server = HttpServer::bind(0).await.unwrap();
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
    async fn a_taken_port_is_named() {
        let first = HttpServer::bind(0).await.unwrap();
        let port = first.address().port();
        let error = HttpServer::bind(port).await.unwrap_err().to_string();
        assert!(error.contains(&port.to_string()) && error.contains("SERVER_PORT"), "{error}");
    }
}
