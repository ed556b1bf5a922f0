//! Bodies of requests.

use std::time::Duration;

use axum::{
    body::Body,
    http::{HeaderMap, StatusCode, header},
};
use futures::StreamExt;
use serde_json::Value;
use tokio::time::{Instant, timeout_at};

use super::errors::ApiError;
use crate::room::{LARGE, Room, Taken};

/// How long a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(60);
/// What is read and dropped of a body that is too long, so that its sender reads the answer.
const DRAINED: usize = 256 << 20;
/// More values make no request of ours; each takes many times its own length in memory.
const MOST_VALUES: usize = 20_000;

/// Reads a body of at most `limit` bytes; one that turns out to be large waits for room.
pub(super) async fn read(body: Body, limit: usize, room: &Room) -> Result<(Vec<u8>, Taken), ApiError> {
    let mut deadline = Instant::now() + PATIENCE;
    let mut taken = None;
    let mut stream = body.into_data_stream();
    let (mut bytes, mut length) = (Vec::new(), 0_usize);
    loop {
        match timeout_at(deadline, stream.next()).await {
            Err(_) => {
                return Err(ApiError::problem(
                    StatusCode::REQUEST_TIMEOUT,
                    "The request took too long to arrive",
                ));
            }
            Ok(None) => break,
            Ok(Some(Err(_))) => return Err(ApiError::bad_request("The request ended early")),
            Ok(Some(Ok(chunk))) => {
                length += chunk.len();
                if length > LARGE && taken.is_none() {
                    let waited = Instant::now();
                    taken = room.take(length).await;
                    deadline += waited.elapsed();
                }
                if length <= limit {
                    bytes.extend_from_slice(&chunk);
                } else {
                    bytes = Vec::new();
                }
                if length > limit + DRAINED {
                    break;
                }
            }
        }
    }
    if length > limit {
        let detail = format!("The request is longer than {limit} bytes");
        return Err(ApiError::problem(StatusCode::PAYLOAD_TOO_LARGE, detail));
    }
    Ok((bytes, taken))
}

/// The body as JSON, with the content type checked as the schema says.
pub(super) fn json(headers: &HeaderMap, bytes: &[u8]) -> Result<Value, ApiError> {
    if bytes.is_empty() {
        return Err(ApiError::bad_request("None is not of type 'object'"));
    }
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !is_json(content_type) {
        let shown: String = content_type.chars().take(100).collect();
        let detail = format!("Invalid Content-type ({shown}), expected JSON data");
        return Err(ApiError::problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail));
    }
    if values(bytes) > MOST_VALUES {
        return Err(ApiError::bad_request(format!("The body has more than {MOST_VALUES} values")));
    }
    match serde_json::from_slice(bytes) {
        Ok(Value::Null) | Err(_) => Err(ApiError::bad_request("Request body is not valid JSON")),
        Ok(value) => Ok(value),
    }
}

/// About how many values a JSON text has: what separates or begins them, outside of texts.
fn values(bytes: &[u8]) -> usize {
    let (mut count, mut is_text, mut is_escaped) = (0, false, false);
    for byte in bytes {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = is_text,
            b'"' => is_text = !is_text,
            b',' | b'[' | b'{' if !is_text => count += 1,
            _ => {}
        }
    }
    count
}

fn is_json(content_type: &str) -> bool {
    let essence = content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let subtype = essence.strip_prefix("application/").unwrap_or_default();
    subtype == "json" || subtype.ends_with("+json")
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn values_are_counted_and_texts_are_not_looked_into() {
        assert_eq!(values(br#"{"type": "HL7v2", "body": "[,{"}"#), 2);
        assert_eq!(values(br#"["\\", "\",,,", [[]], 1]"#), 6);
        assert_eq!(values(b""), 0);
    }
}
