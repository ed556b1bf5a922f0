//! Sending messages to the EPR Service Adapter.

use chrono::Utc;
use emap_hl7::Positional;
use serde_json::{Value, json};

use crate::{
    lenient_base64,
    outside::{CallError, Client},
    scope,
    settings::AdapterSettings,
    token,
};

/// An answer of the hospital.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Acknowledged {
    /// The acknowledgement, as it came.
    pub ack: String,
    /// MSA-1.
    pub code: Option<String>,
}

/// Sends a message and reads its acknowledgement. Blocks. `uuid` is the key of the message, for error texts.
///
/// # Errors
/// When the adapter cannot be reached or answers with something else.
pub(crate) fn send(
    settings: &AdapterSettings,
    client: &Client,
    (uuid, message): (&str, &str),
    request_id: &str,
) -> Result<Acknowledged, CallError> {
    let scope = scope::scope(settings).map_err(|error| CallError::Unavailable(error.to_string()))?;
    let token = format!("Bearer {}", token::for_adapter(settings, &scope, Utc::now()));
    let url = format!("{}/epr/v1/hl7_message", settings.url_base);
    let headers = [
        ("Accept", "application/json"),
        ("Content-Type", "application/json"),
        ("Authorization", token.as_str()),
        ("X-Request-ID", request_id),
    ];
    let body = json!({ "type": "hl7v2", "body": lenient_base64::encode(message) }).to_string();
    let answer = client.post(&url, &headers, &body)?;
    if answer.status >= 400 {
        return Err(unusable(format!("HTTP error {} from the EPR Service Adapter", answer.status)));
    }
    let answer: Value = serde_json::from_str(&answer.text)
        .map_err(|_| unusable("the answer of the EPR Service Adapter is not JSON".to_owned()))?;
    let ack = answer.get("body").and_then(Value::as_str).filter(|body| !body.is_empty());
    let ack = ack.ok_or_else(|| {
        unusable(format!("ACK response message expected from EPR, none received for '{uuid}'"))
    })?;
    let ack = lenient_base64::decode(ack).and_then(|bytes| String::from_utf8(bytes).ok());
    let ack = ack.filter(|ack| !ack.contains('\0')).ok_or_else(|| {
        unusable("ACK response of the EPR Service Adapter could not be decoded as base64".to_owned())
    })?;
    let parsed = Positional::parse(&ack)
        .map_err(|_| unusable("ACK response of the EPR Service Adapter is not HL7".to_owned()))?;
    let code = parsed.get("MSA", 1).map(std::borrow::Cow::into_owned);
    Ok(Acknowledged { ack, code })
}

fn unusable(text: String) -> CallError {
    CallError::Unusable(text)
}
