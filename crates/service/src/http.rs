//! The daemon's HTTP endpoints.
//!
//! | path | answer |
//! |---|---|
//! | `/health/live` | 200 while the process runs |
//! | `/health/ready` | 200 when every component is up, else 503; JSON with a line per component |
//! | `/actuator/health` | the same; the path that deployments already watch |
//! | `/metrics` | Prometheus text |

use crate::{Health, Shutdown, metrics};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::TcpListener;

/// A failure to open the port.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on HTTP port {port}: {source}; set SERVER_PORT to a free port, or to 0 for any")]
pub struct BindError {
    /// The port that was asked for.
    pub port: u16,
    /// What the operating system answered.
    pub source: std::io::Error,
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

    /// Where it listens (tells the port when 0 was asked for).
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the standard endpoints until the shutdown is triggered.
    pub async fn serve(self, health: Health, allowed_origins: Vec<String>, shutdown: Shutdown) {
        let router = standard_routes(health, allowed_origins);
        self.serve_router(router, shutdown).await;
    }

    /// Serves any routes, for daemons that have their own besides [`standard_routes`].
    pub async fn serve_router(self, router: Router, shutdown: Shutdown) {
        let stop = async move { shutdown.wait().await };
        if let Err(error) = axum::serve(self.listener, router).with_graceful_shutdown(stop).await {
            tracing::error!(%error, "the HTTP endpoints ended");
        }
    }
}

/// The endpoints that every daemon has. `allowed_origins` are the web origins that a browser may read them from.
pub fn standard_routes(health: Health, allowed_origins: Vec<String>) -> Router {
    Router::new()
        .route("/health/live", get(live))
        .route("/health/ready", get(ready))
        .route("/actuator/health", get(ready))
        .route("/metrics", get(prometheus))
        .layer(from_fn_with_state(Arc::new(allowed_origins), allow_origins))
        .with_state(health)
}

async fn live() -> Response {
    json(StatusCode::OK, r#"{"status":"UP"}"#.to_owned())
}

async fn ready(State(health): State<Health>) -> Response {
    let status = if health.is_ready() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    json(status, health.to_json())
}

async fn prometheus() -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics::render()).into_response()
}

fn json(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn allow_origins(State(allowed): State<Arc<Vec<String>>>, request: Request, next: Next) -> Response {
    let origin = allowed_origin(request.headers(), &allowed);
    let mut response = next.run(request).await;
    if let Some(origin) = origin {
        response.headers_mut().insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        response.headers_mut().append(header::VARY, HeaderValue::from_static("Origin"));
    }
    response
}

fn allowed_origin(headers: &HeaderMap, allowed: &[String]) -> Option<HeaderValue> {
    let origin = headers.get(header::ORIGIN)?;
    let known = allowed.iter().any(|one| one == "*" || one.as_bytes() == origin.as_bytes());
    known.then(|| origin.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};

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
        let (health, shutdown) = (Health::new(), Shutdown::new());
        let broker = health.component("rabbitmq");
        let server = HttpServer::bind(0).await.unwrap();
        let address = server.address();
        let origins = vec!["https://ward.example".to_owned()];
        let running = tokio::spawn(server.serve(health.clone(), origins, shutdown.clone()));

        assert!(get_path(address, "/health/live", "-").await.starts_with("HTTP/1.1 200"));
        let starting = get_path(address, "/health/ready", "-").await;
        assert!(starting.starts_with("HTTP/1.1 503") && starting.contains("starting"), "{starting}");
        broker.up();
        let ready = get_path(address, "/actuator/health", "https://ward.example").await;
        assert!(
            ready.starts_with("HTTP/1.1 200") && ready.contains(r#""rabbitmq":{"status":"UP"}"#),
            "{ready}"
        );
        assert!(ready.contains("access-control-allow-origin: https://ward.example"), "{ready}");
        let stranger = get_path(address, "/metrics", "https://elsewhere.example").await;
        assert!(stranger.starts_with("HTTP/1.1 200") && !stranger.contains("access-control"), "{stranger}");

        shutdown.trigger();
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
