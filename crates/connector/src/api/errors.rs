//! The two forms of errors.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde_json::{Value, json};

use crate::{outside::CallError, service::SendFailure, store::StoreError};

/// An error as the caller sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum ApiError {
    /// `application/problem+json`: from routing, bearer tokens, schemas, and what nobody foresaw.
    Problem { status: StatusCode, title: Option<&'static str>, detail: String, allow: Option<&'static str> },
    /// `{"message": …}`: from handlers.
    Message { status: StatusCode, text: String },
}

impl ApiError {
    pub(super) fn problem(status: StatusCode, detail: impl Into<String>) -> Self {
        Self::Problem { status, title: status.canonical_reason(), detail: detail.into(), allow: None }
    }

    pub(super) fn bad_request(detail: impl Into<String>) -> Self {
        Self::problem(StatusCode::BAD_REQUEST, detail)
    }

    pub(super) fn not_found() -> Self {
        let detail = "The requested URL was not found on the server. If you entered the URL manually please check your \
                      spelling and try again.";
        Self::problem(StatusCode::NOT_FOUND, detail)
    }

    pub(super) fn method_not_allowed(allow: &'static str) -> Self {
        Self::Problem {
            status: StatusCode::METHOD_NOT_ALLOWED,
            title: Some("Method Not Allowed"),
            detail: "The method is not allowed for the requested URL.".to_owned(),
            allow: Some(allow),
        }
    }

    pub(super) fn message(status: StatusCode, text: impl Into<String>) -> Self {
        Self::Message { status, text: text.into() }
    }

    pub(super) fn forbidden() -> Self {
        Self::message(StatusCode::FORBIDDEN, "Forbidden")
    }

    fn unavailable() -> Self {
        Self::message(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable")
    }

    pub(super) fn into_response(self) -> Response {
        match self {
            Self::Problem { status, title, detail, allow } => {
                let body = json!({
                    "detail": detail, "status": status.as_u16(), "title": title, "type": "about:blank"
                });
                let mut response = json_response(status, &body, "application/problem+json");
                if let Some(allow) = allow {
                    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(allow));
                }
                response
            }
            Self::Message { status, text } => {
                json_response(status, &json!({ "message": text }), "application/json")
            }
        }
    }
}

/// JSON without blanks, names in alphabetical order, and a line end.
pub(super) fn json_response(status: StatusCode, body: &Value, content_type: &'static str) -> Response {
    let mut response = Response::new(Body::from(format!("{body}\n")));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Unreachable(_) | StoreError::Busy => Self::message(
                StatusCode::SERVICE_UNAVAILABLE,
                "Database connection failed: Service unavailable",
            ),
            StoreError::Refused(_) => Self::message(StatusCode::INTERNAL_SERVER_ERROR, "Query error"),
        }
    }
}

impl From<CallError> for ApiError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(_) => Self::unavailable(),
            CallError::Unusable(text) => Self::message(StatusCode::BAD_REQUEST, text),
        }
    }
}

impl From<SendFailure> for ApiError {
    fn from(failure: SendFailure) -> Self {
        match failure {
            SendFailure::Request(error) => Self::message(StatusCode::BAD_REQUEST, error.to_string()),
            SendFailure::Call(error) => error.into(),
            SendFailure::Store(error) => error.into(),
            SendFailure::Taken => Self::message(StatusCode::CONFLICT, failure.to_string()),
        }
    }
}
