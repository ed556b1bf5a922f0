//! A request's way: find the endpoint, check, handle, add the headers that every answer has, count, log.

use std::{net::SocketAddr, sync::Arc, time::Instant};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{ConnectInfo, State},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header},
    response::Response,
};
use metrics::{counter, histogram};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    body, checks,
    endpoint::{Astray, Endpoint},
    errors::ApiError,
    handlers,
    health_check::HealthCheck,
    requests, ui,
};
use crate::{
    logging::{REQUEST, RequestMark},
    service::Service,
};

/// Upper bounds of the histogram of latencies, in seconds.
pub(crate) const LATENCY: (&str, &[f64]) = (
    "flask_request_latency_seconds",
    &[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0],
);

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ids are cut.
const LONGEST_ID: usize = 200;

struct Shared {
    service: Arc<Service>,
    health: HealthCheck,
}

/// All endpoints.
pub(crate) fn router(service: Arc<Service>) -> Router {
    let assets = if service.settings.development { ui::assets() } else { Router::new() };
    let shared = Shared { service, health: HealthCheck::default() };
    // The endpoints are found by their own rules, see `endpoint`.
    Router::new().fallback(answer).with_state(Arc::new(shared)).merge(assets)
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request<Body>) -> Response {
    let mark = RequestMark { id: request_id(request.headers()), client: client(request.headers()) };
    REQUEST.scope(mark.clone(), answer_marked(shared, request, mark)).await
}

async fn answer_marked(shared: Arc<Shared>, request: Request<Body>, mark: RequestMark) -> Response {
    let begin = Instant::now();
    let (method, path) = (request.method().clone(), request.uri().path().to_owned());
    let headers = request.headers().clone();
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|peer| peer.0.ip().to_string());
    let endpoint = Endpoint::find(&method, &path, shared.service.settings.development);
    let response = match endpoint.clone() {
        Ok(endpoint) => checked(&shared, endpoint, request, mark.id.clone()).await,
        Err(Astray::NotFound) => Err(ApiError::not_found()),
        Err(Astray::MethodNotAllowed(allow)) => Err(ApiError::method_not_allowed(allow)),
    };
    let response = response.unwrap_or_else(ApiError::into_response);
    let response = complete(response, &method, &headers, &mark.id).await;
    if !endpoint.as_ref().is_ok_and(Endpoint::is_monitoring) {
        note(
            &Noted { method: &method, endpoint: endpoint.as_ref().ok(), headers: &headers, peer, begin },
            &response,
        );
    }
    response
}

/// The checks in their order, then the handler.
async fn checked(
    shared: &Shared,
    endpoint: Endpoint,
    request: Request<Body>,
    id: String,
) -> Result<Response, ApiError> {
    let settings = &shared.service.settings;
    let (parts, body) = request.into_parts();
    let access = endpoint.access();
    let bearer = access.map(|_| checks::bearer(&parts.headers)).transpose()?;
    let parameters = checks::parameters(&endpoint, parts.uri.query())?;
    // Held until there is an answer.
    let mut room = None;
    let body = match endpoint {
        Endpoint::PostMessage | Endpoint::PatchMessage(_) | Endpoint::PostOru | Endpoint::PostCda => {
            let (bytes, taken) = body::read(body, settings.max_body_bytes, &shared.service.room).await?;
            room = taken;
            let body = body::json(&parts.headers, &bytes)?;
            match endpoint {
                Endpoint::PostMessage => drop(requests::message(&body)?),
                Endpoint::PatchMessage(_) => drop(requests::update(&body)?),
                Endpoint::PostOru => drop(requests::observations(&body)?),
                _ => drop(requests::document(&body)?),
            }
            body
        }
        _ => Value::Null,
    };
    let actor = match (access, &bearer) {
        (Some(access), Some(bearer)) => checks::verify(bearer, access, &settings.tokens)?,
        _ => "unknown".to_owned(),
    };
    let request = handlers::Request { endpoint, headers: parts.headers, parameters, body, actor, id };
    let handled = handlers::handle(&shared.service, &shared.health, request).await;
    drop(room);
    handled
}

/// Adds what every answer has.
async fn complete(response: Response, method: &Method, request: &HeaderMap, id: &str) -> Response {
    let (mut parts, body) = response.into_parts();
    // All bodies are made by ourselves.
    let body = to_bytes(body, usize::MAX).await.unwrap_or_default();
    let hash = ring::digest::digest(&ring::digest::SHA1_FOR_LEGACY_USE_ONLY, &body);
    let mut tag = String::with_capacity(42);
    for byte in hash.as_ref() {
        // Writing to a string cannot fail.
        let _ = std::fmt::Write::write_fmt(&mut tag, format_args!("{byte:02x}"));
    }
    let tag = format!("\"{tag}\"");
    let is_known =
        request.get(header::IF_NONE_MATCH).and_then(|known| known.to_str().ok()).is_some_and(|known| {
            known.split(',').map(str::trim).any(|known| known == "*" || known.trim_start_matches("W/") == tag)
        });
    let headers = &mut parts.headers;
    let mut set = |name, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::ETAG, &tag);
    set(REQUEST_ID, id);
    set(header::CACHE_CONTROL, "no-cache, must-revalidate");
    set(header::PRAGMA, "no-cache");
    set(header::EXPIRES, "0");
    if is_known && parts.status == StatusCode::OK && matches!(*method, Method::GET | Method::HEAD) {
        parts.status = StatusCode::NOT_MODIFIED;
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

struct Noted<'a> {
    method: &'a Method,
    endpoint: Option<&'a Endpoint>,
    headers: &'a HeaderMap,
    peer: Option<String>,
    begin: Instant,
}

/// Counts and logs a request: by the name of its endpoint, without anything that it says.
fn note(noted: &Noted<'_>, response: &Response) {
    let Noted { method, endpoint, headers, peer, begin } = noted;
    let known = [
        Method::GET,
        Method::HEAD,
        Method::POST,
        Method::PATCH,
        Method::PUT,
        Method::DELETE,
        Method::OPTIONS,
    ];
    let method = if known.contains(method) { method.as_str().to_owned() } else { "OTHER".to_owned() };
    let name = endpoint.map_or("none", Endpoint::name);
    let (status, elapsed) = (response.status().as_u16(), begin.elapsed().as_secs_f64());
    histogram!(LATENCY.0, "method" => method.clone(), "endpoint" => name).record(elapsed);
    histogram!("request_processing_seconds", "method" => method.clone(), "endpoint" => name).record(elapsed);
    counter!("flask_request_count_total", "method" => method.clone(), "endpoint" => name, "http_status" => status.to_string())
        .increment(1);
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let size = axum::body::HttpBody::size_hint(response.body()).exact();
    let request = json!({
        "status": status,
        "requestUrl": endpoint.map(Endpoint::path),
        "requestMethod": method,
        "remoteIp": peer,
        "responseSize": size,
        "userAgent": text(header::USER_AGENT),
        "latency": format!("{elapsed:.4}s"),
        "etag": response.headers().get(header::ETAG).and_then(|value| value.to_str().ok()),
    });
    tracing::info!(httpRequest = %request, "{method} \"{name}\" {status}");
}

/// The id that the caller gave the request, or a new one.
fn request_id(headers: &HeaderMap) -> String {
    let text = |name: &str| {
        let value = headers.get(name)?.to_str().ok()?.trim();
        (!value.is_empty()).then(|| value.chars().take(LONGEST_ID).collect::<String>())
    };
    let trace = || {
        let trace = text("x-amzn-trace-id")?;
        let part = |wanted: &str| {
            let (_, value) = trace
                .split(';')
                .filter_map(|part| part.trim().split_once('='))
                .find(|(name, _)| *name == wanted)?;
            Some(value.to_owned())
        };
        part("Self").or_else(|| part("Root"))
    };
    text("x-request-id")
        .or_else(|| text("x-correlation-id"))
        .or_else(trace)
        .unwrap_or_else(|| Uuid::new_v4().to_string())
}

fn client(headers: &HeaderMap) -> Vec<(&'static str, String)> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    [("X-Client", "x-client"), ("X-Version", "x-version")]
        .into_iter()
        .filter_map(|(shown, name)| Some((shown, text(name)?)))
        .collect()
}
