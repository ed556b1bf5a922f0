//! Which endpoint a request means.

use axum::http::Method;
use percent_encoding::percent_decode_str;

use crate::token::Callers;

/// An endpoint, with what its path names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Endpoint {
    Running,
    Version,
    PostMessage,
    PatchMessage(String),
    GetMessage(String),
    SearchByControlId(String),
    SearchByIdentifier,
    PostOru,
    PostCda,
    Deliveries,
    HealthCheck,
    Live,
    Ready,
    Metrics,
    OpenApiJson,
    OpenApiYaml,
    Ui,
    UiRedirect,
    Debug,
    DropData,
}

/// What a token must allow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) callers: Callers,
    pub(super) scope: &'static str,
}

/// A path that leads nowhere, or another method is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Astray {
    NotFound,
    MethodNotAllowed(&'static str),
}

const GET: &[Method] = &[Method::GET, Method::HEAD];
const WRITE: &str = "write:hl7_message";
const READ: &str = "read:hl7_message";

impl Endpoint {
    /// Finds it. A path's segments are decoded; one that holds a slash then is no segment.
    pub(super) fn find(method: &Method, path: &str, development: bool) -> Result<Self, Astray> {
        let candidates = Self::of_path(path, development).ok_or(Astray::NotFound)?;
        let found = candidates.iter().find(|(methods, _)| methods.contains(method));
        found
            .map(|(_, endpoint)| endpoint.clone())
            .ok_or_else(|| Astray::MethodNotAllowed(allowed(&candidates)))
    }

    fn of_path(path: &str, development: bool) -> Option<Vec<(&'static [Method], Self)>> {
        let segments: Vec<String> = path.strip_prefix('/')?.split('/').map(decoded).collect::<Option<_>>()?;
        let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
        let get = |endpoint| Some(vec![(GET, endpoint)]);
        let post = |endpoint| Some(vec![(&[Method::POST][..], endpoint)]);
        match segments.as_slice() {
            ["running"] => get(Self::Running),
            ["version"] => get(Self::Version),
            ["healthcheck"] => get(Self::HealthCheck),
            ["health", "live"] => get(Self::Live),
            ["health", "ready"] | ["actuator", "health"] => get(Self::Ready),
            ["metrics"] => get(Self::Metrics),
            ["openapi.json"] => get(Self::OpenApiJson),
            ["openapi.yaml"] => get(Self::OpenApiYaml),
            ["ui", ""] if development => get(Self::Ui),
            ["ui"] if development => get(Self::UiRedirect),
            ["debug"] if development => get(Self::Debug),
            ["drop_data"] if development => post(Self::DropData),
            ["dhos", "v1", "message"] => post(Self::PostMessage),
            ["dhos", "v1", "message", "search"] => get(Self::SearchByIdentifier),
            ["dhos", "v1", "message", "search", id] if !id.is_empty() => {
                get(Self::SearchByControlId((*id).to_owned()))
            }
            ["dhos", "v1", "message", uuid] if !uuid.is_empty() => Some(vec![
                (GET, Self::GetMessage((*uuid).to_owned())),
                (&[Method::PATCH], Self::PatchMessage((*uuid).to_owned())),
            ]),
            ["dhos", "v1", "oru_message"] => post(Self::PostOru),
            ["dhos", "v1", "cda_message"] => post(Self::PostCda),
            ["dhos", "v1", "deliveries"] => get(Self::Deliveries),
            _ => None,
        }
    }

    /// What a token must allow; `None` where none is needed.
    pub(super) fn access(&self) -> Option<Access> {
        let (callers, scope) = match self {
            Self::PostMessage => (Callers::InternalAndAdapter, WRITE),
            Self::PatchMessage(_) | Self::PostOru | Self::PostCda => (Callers::Internal, WRITE),
            Self::GetMessage(_)
            | Self::SearchByControlId(_)
            | Self::SearchByIdentifier
            | Self::Deliveries => (Callers::Internal, READ),
            _ => return None,
        };
        Some(Access { callers, scope })
    }

    /// Query parameters that it needs; `None` where any are ignored.
    pub(super) fn parameters(&self) -> Option<&'static [&'static str]> {
        match self {
            Self::PatchMessage(_) | Self::GetMessage(_) | Self::SearchByControlId(_) => Some(&[]),
            Self::SearchByIdentifier => Some(&["identifier_type", "identifier"]),
            _ => None,
        }
    }

    /// Its name in figures.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Version => "version",
            Self::PostMessage => "post_message",
            Self::PatchMessage(_) => "patch_message",
            Self::GetMessage(_) => "get_message",
            Self::SearchByControlId(_) => "search_by_control_id",
            Self::SearchByIdentifier => "search_by_identifier",
            Self::PostOru => "post_oru_message",
            Self::PostCda => "post_cda_message",
            Self::Deliveries => "get_deliveries",
            Self::HealthCheck => "healthcheck",
            Self::Live => "health_live",
            Self::Ready => "health_ready",
            Self::Metrics => "metrics",
            Self::OpenApiJson => "openapi_json",
            Self::OpenApiYaml => "openapi_yaml",
            Self::Ui | Self::UiRedirect => "ui",
            Self::Debug => "debug",
            Self::DropData => "drop_data",
        }
    }

    /// Its path without anything that names a patient or a message, for logs.
    pub(super) fn path(&self) -> &'static str {
        match self {
            Self::Running => "/running",
            Self::Version => "/version",
            Self::PostMessage => "/dhos/v1/message",
            Self::PatchMessage(_) | Self::GetMessage(_) => "/dhos/v1/message/{message_uuid}",
            Self::SearchByControlId(_) => "/dhos/v1/message/search/{message_control_id}",
            Self::SearchByIdentifier => "/dhos/v1/message/search",
            Self::PostOru => "/dhos/v1/oru_message",
            Self::PostCda => "/dhos/v1/cda_message",
            Self::Deliveries => "/dhos/v1/deliveries",
            Self::HealthCheck => "/healthcheck",
            Self::Live => "/health/live",
            Self::Ready => "/health/ready",
            Self::Metrics => "/metrics",
            Self::OpenApiJson => "/openapi.json",
            Self::OpenApiYaml => "/openapi.yaml",
            Self::Ui | Self::UiRedirect => "/ui/",
            Self::Debug => "/debug",
            Self::DropData => "/drop_data",
        }
    }

    /// Whether it only watches the daemon: such requests are neither counted nor logged.
    pub(super) fn is_monitoring(&self) -> bool {
        matches!(
            self,
            Self::Running | Self::Version | Self::HealthCheck | Self::Metrics | Self::Live | Self::Ready
        )
    }
}

fn allowed(candidates: &[(&[Method], Endpoint)]) -> &'static str {
    let takes = |method: &Method| candidates.iter().any(|(methods, _)| methods.contains(method));
    match (takes(&Method::GET), takes(&Method::PATCH)) {
        (true, true) => "GET, HEAD, PATCH",
        (true, false) => "GET, HEAD",
        (false, _) => "POST",
    }
}

fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.contains(['/', '\0'])).then(|| text.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(method: &Method, path: &str) -> Result<Endpoint, Astray> {
        Endpoint::find(method, path, false)
    }

    #[test]
    fn a_literal_path_beats_a_template() {
        let get = |path| find(&Method::GET, path);
        assert_eq!(get("/dhos/v1/message/search"), Ok(Endpoint::SearchByIdentifier));
        assert_eq!(get("/dhos/v1/message/a%20b"), Ok(Endpoint::GetMessage("a b".to_owned())));
        for path in [
            "/dhos/v1/message/search/a%2Fb",
            "/dhos/v1/message/",
            "/dhos/v1/message/x/y",
            "//running",
            "/Running",
            "/ui/",
            "/%ff",
        ] {
            assert_eq!(get(path), Err(Astray::NotFound), "{path}");
        }
    }

    #[test]
    fn another_method_is_named() {
        let not_allowed = |method, path| find(&method, path).unwrap_err();
        assert_eq!(not_allowed(Method::GET, "/dhos/v1/message"), Astray::MethodNotAllowed("POST"));
        assert_eq!(
            not_allowed(Method::DELETE, "/dhos/v1/message/x"),
            Astray::MethodNotAllowed("GET, HEAD, PATCH")
        );
        assert_eq!(
            not_allowed(Method::PATCH, "/dhos/v1/message/search"),
            Astray::MethodNotAllowed("GET, HEAD")
        );
    }
}
