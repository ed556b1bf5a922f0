//! What each endpoint does, once a request has passed the checks.

use std::{fs, sync::Arc};

use axum::{
    body::Body,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::Response,
};
use emap_hl7::AckLevel;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use super::{
    endpoint::Endpoint,
    errors::{ApiError, json_response},
    health_check::HealthCheck,
    openapi, requests, ui,
};
use crate::{
    lenient_base64,
    receipt::Hopeless,
    service::Service,
    store::{deliveries, messages},
    transformer,
};

/// Most characters of a body that are repeated to its sender.
const REPEATED: usize = 5000;

/// A request that may be handled.
pub(super) struct Request {
    pub(super) endpoint: Endpoint,
    pub(super) headers: HeaderMap,
    pub(super) parameters: Vec<String>,
    pub(super) body: Value,
    /// Who acts.
    pub(super) actor: String,
    pub(super) id: String,
}

type Handled = Result<Response, ApiError>;

pub(super) async fn handle(service: &Arc<Service>, health: &HealthCheck, request: Request) -> Handled {
    let development = service.settings.development;
    match &request.endpoint {
        Endpoint::Running => Ok(ok(&json!({ "running": true }))),
        Endpoint::Version => Ok(ok(&version())),
        Endpoint::HealthCheck => {
            let (passed, body) = health.run(&service.database).await;
            let status = if passed { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
            Ok(json_response(status, &body, "application/json"))
        }
        Endpoint::Live => Ok(ok(&json!({ "status": "UP" }))),
        Endpoint::Ready => {
            let ready = service.health.is_ready();
            let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
            Ok(json_response(status, &service.health.to_json(), "application/json"))
        }
        Endpoint::Metrics => {
            Ok(text(emap_service::metrics::render(), "text/plain; version=0.0.4; charset=utf-8"))
        }
        Endpoint::OpenApiJson => Ok(ok(&openapi::document())),
        Endpoint::OpenApiYaml => Ok(text(openapi::document_yaml(), "text/yaml")),
        Endpoint::Ui => Ok(text(ui::PAGE.to_owned(), "text/html; charset=utf-8")),
        Endpoint::UiRedirect => Ok(redirect()),
        Endpoint::Debug => Ok(ok(&Value::Object(headers(&request.headers)))),
        Endpoint::DropData => drop_data(service).await,
        Endpoint::PostMessage => post_message(service, &request).await,
        Endpoint::PatchMessage(uuid) => {
            let (uuid, actor) = (uuid.clone(), request.actor.clone());
            let is_processed = requests::update(&request.body)?;
            let found = service
                .database
                .run(move |connection| messages::set_processed(connection, &uuid, is_processed, &actor))
                .await?;
            if found { Ok(empty(StatusCode::NO_CONTENT)) } else { Err(not_found()) }
        }
        Endpoint::GetMessage(uuid) => {
            let uuid = uuid.clone();
            let found = service.database.run(move |connection| messages::by_uuid(connection, &uuid)).await?;
            found.map(|message| ok(&message.to_json())).ok_or_else(not_found)
        }
        Endpoint::SearchByControlId(id) => {
            let id = id.clone();
            let found =
                service.database.run(move |connection| messages::by_control_id(connection, &id)).await?;
            Ok(ok(&found.iter().map(messages::StoredMessage::to_json).collect()))
        }
        Endpoint::SearchByIdentifier => {
            let [kind, identifier] = request.parameters.as_slice() else { return Err(ApiError::not_found()) };
            let (kind, identifier) = (kind.clone(), identifier.clone());
            let found = service
                .database
                .run(move |connection| messages::by_identifier(connection, &kind, &identifier))
                .await?;
            Ok(ok(&found.iter().map(messages::StoredMessage::to_json).collect()))
        }
        Endpoint::PostOru => {
            requests::only_known(&request.body, &["actions"], development)?;
            let data = requests::observation_set(requests::observations(&request.body)?)?.clone();
            service.send_observations(data, request.actor, request.id).await?;
            Ok(empty(StatusCode::NO_CONTENT))
        }
        Endpoint::PostCda => {
            requests::only_known(&request.body, &["type", "content"], development)?;
            let document = requests::document(&request.body)?.to_owned();
            if service.settings.mirth.is_none() {
                return Ok(empty(StatusCode::NOT_IMPLEMENTED));
            }
            if document.contains('\0') {
                return Err(ApiError::message(
                    StatusCode::BAD_REQUEST,
                    "The document contains a NUL character",
                ));
            }
            service.send_document(document, request.actor, request.id).await?;
            Ok(empty(StatusCode::CREATED))
        }
        Endpoint::Deliveries => {
            let waiting = service.database.run(deliveries::waiting).await?;
            Ok(ok(&waiting.iter().map(deliveries::Waiting::to_json).collect()))
        }
    }
}

async fn post_message(service: &Arc<Service>, request: &Request) -> Handled {
    let encoded = requests::message(&request.body)?;
    let (uuid, actor) = (Uuid::new_v4().to_string(), request.actor.as_str());
    let refuse = |text: String| ApiError::message(StatusCode::BAD_REQUEST, text);
    let Some(content) = lenient_base64::decode(encoded).and_then(|bytes| String::from_utf8(bytes).ok())
    else {
        if !encoded.contains('\0') {
            service.store_unreadable(&uuid, actor, encoded).await?;
        }
        let shown: String = encoded.chars().take(REPEATED).collect();
        return Err(refuse(format!("Message body could not be decoded as base64: {shown}")));
    };
    if content.contains('\0') {
        return Err(refuse(Hopeless::Nul.to_string()));
    }
    if let Err(unavailable) = transformer::check(&service.settings.transformer) {
        service.store_unreadable(&uuid, actor, &content).await?;
        return Err(refuse(unavailable.to_string()));
    }
    let receipt = match service.read((&content, &uuid, actor), AckLevel::Application, "http") {
        Ok(receipt) => receipt,
        Err(hopeless) => {
            service.store_unreadable(&uuid, actor, &content).await?;
            return Err(refuse(hopeless.to_string()));
        }
    };
    let stored = service.store(receipt, &request.id).await?;
    Ok(ok(&json!({ "body": lenient_base64::encode(&stored.ack), "type": "HL7v2", "uuid": uuid })))
}

async fn drop_data(service: &Service) -> Handled {
    if !service.settings.allow_drop_data {
        return Err(ApiError::forbidden());
    }
    service.database.run(messages::drop_all).await?;
    Ok(empty(StatusCode::NO_CONTENT))
}

fn not_found() -> ApiError {
    ApiError::problem(StatusCode::NOT_FOUND, "Message not found")
}

fn ok(body: &Value) -> Response {
    json_response(StatusCode::OK, body, "application/json")
}

fn text(body: String, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn empty(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

fn redirect() -> Response {
    let mut response = empty(StatusCode::PERMANENT_REDIRECT);
    response.headers_mut().insert(header::LOCATION, HeaderValue::from_static("/ui/"));
    response
}

fn version() -> Value {
    let read = |file: &str| {
        fs::read_to_string(file).map_or_else(|_| "unknown".to_owned(), |text| text.trim().to_owned())
    };
    json!({ "circle": read("/app/build-circleci.txt"), "hash": read("/app/build-githash.txt") })
}

fn headers(headers: &HeaderMap) -> Map<String, Value> {
    let shown = |value: &HeaderValue| Value::from(String::from_utf8_lossy(value.as_bytes()));
    headers.iter().map(|(name, value)| (name.as_str().to_owned(), shown(value))).collect()
}
