//! What is checked before a handler runs: the token's form, the query, and then the token itself.

use axum::http::{HeaderMap, StatusCode, header};
use chrono::Utc;
use percent_encoding::percent_decode_str;

use super::{
    endpoint::{Access, Endpoint},
    errors::ApiError,
};
use crate::{
    settings::TokenSettings,
    token::{Refused, Token},
};

/// A bearer token that has the form of one, and whether its scheme is right to the letter.
pub(super) struct Bearer {
    token: Token,
    is_exact: bool,
}

/// Takes the token out of the header, without looking at its signature.
pub(super) fn bearer(headers: &HeaderMap) -> Result<Bearer, ApiError> {
    let unauthorized = |detail: &str| ApiError::problem(StatusCode::UNAUTHORIZED, detail);
    let none = || unauthorized("No authorization token provided");
    let given = headers.get(header::AUTHORIZATION).ok_or_else(none)?;
    let given = given.to_str().map_err(|_| none())?.trim();
    if given.is_empty() {
        return Err(none());
    }
    let Some((scheme, token)) = given.split_once(char::is_whitespace) else {
        return Err(unauthorized("Invalid authorization header"));
    };
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(none());
    }
    let token = Token::decode(token.trim()).map_err(refused)?;
    Ok(Bearer { token, is_exact: given.starts_with("Bearer ") })
}

/// Checks the token; gives the id of the user who acts.
pub(super) fn verify(bearer: &Bearer, access: Access, settings: &TokenSettings) -> Result<String, ApiError> {
    if !bearer.is_exact {
        return Err(refused(Refused::Scheme));
    }
    bearer.token.check(settings, (access.callers, access.scope), Utc::now()).map_err(|reason| match reason {
        Refused::NoIssuer => ApiError::message(StatusCode::BAD_REQUEST, "Token has no issuer"),
        reason => refused(reason),
    })
}

/// The reason goes into the log only.
fn refused(reason: Refused) -> ApiError {
    tracing::info!(%reason, "a token is refused");
    ApiError::forbidden()
}

/// The query parameters that an endpoint needs, in its order.
pub(super) fn parameters(endpoint: &Endpoint, query: Option<&str>) -> Result<Vec<String>, ApiError> {
    let Some(wanted) = endpoint.parameters() else { return Ok(Vec::new()) };
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8_lossy().into_owned()
    };
    let given: Vec<(String, String)> = query
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decoded(name), decoded(value))
        })
        .collect();
    let extra: Vec<&str> =
        given.iter().map(|(name, _)| name.as_str()).filter(|name| !wanted.contains(name)).collect();
    if !extra.is_empty() {
        let detail = format!("Extra query parameter(s) {} not in spec", extra.join(", "));
        return Err(ApiError::Problem { status: StatusCode::BAD_REQUEST, title: None, detail, allow: None });
    }
    let value = |name: &&str| {
        let found = given.iter().find(|(given, _)| given == name).map(|(_, value)| value.clone());
        found
            .filter(|value| !value.contains('\0'))
            .ok_or_else(|| ApiError::bad_request(format!("Missing query parameter '{name}'")))
    };
    wanted.iter().map(value).collect()
}
