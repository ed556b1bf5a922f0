//! What bodies of requests must be like. Error texts name the member, never its value.

use serde_json::{Map, Value};

use super::errors::ApiError;

type Checked<T> = Result<T, ApiError>;

/// Members that come from services in development, where rows are made with all their columns.
const ROW_MEMBERS: [&str; 5] = ["uuid", "created", "created_by", "modified", "modified_by"];

fn object(value: &Value) -> Checked<&Map<String, Value>> {
    value.as_object().ok_or_else(|| ApiError::bad_request("The body is not of type 'object'"))
}

fn member<'a>(members: &'a Map<String, Value>, name: &str) -> Checked<&'a Value> {
    members.get(name).ok_or_else(|| ApiError::bad_request(format!("'{name}' is a required property")))
}

fn text<'a>(members: &'a Map<String, Value>, name: &str) -> Checked<&'a str> {
    member(members, name)?.as_str().ok_or_else(|| wrong_type(name, "string"))
}

fn wrong_type(name: &str, expected: &str) -> ApiError {
    ApiError::bad_request(format!("'{name}' is not of type '{expected}'"))
}

/// `type` must be the one that the endpoint takes.
fn kind(members: &Map<String, Value>, only: &str) -> Checked<()> {
    if text(members, "type")? == only {
        return Ok(());
    }
    Err(ApiError::bad_request(format!("'type' is not one of ['{only}']")))
}

/// `{"type": "HL7v2", "body": …}`: gives the body.
pub(super) fn message(body: &Value) -> Checked<&str> {
    let members = object(body)?;
    let content = text(members, "body")?;
    kind(members, "HL7v2")?;
    Ok(content)
}

/// `{"is_processed": …}`.
pub(super) fn update(body: &Value) -> Checked<bool> {
    let flag = member(object(body)?, "is_processed")?;
    flag.as_bool().ok_or_else(|| wrong_type("is_processed", "boolean"))
}

/// `{"type": "HL7v3CDA", "content": …}`: gives the document.
pub(super) fn document(body: &Value) -> Checked<&str> {
    let members = object(body)?;
    let content = text(members, "content")?;
    kind(members, "HL7v3CDA")?;
    Ok(content)
}

/// `{"actions": [{"name": …, "data": {…}}, …]}`.
pub(super) fn observations(body: &Value) -> Checked<&[Value]> {
    let actions = member(object(body)?, "actions")?;
    let actions = actions.as_array().ok_or_else(|| wrong_type("actions", "array"))?;
    for action in actions {
        let action = action.as_object().ok_or_else(|| wrong_type("actions", "object"))?;
        text(action, "name")?;
        let data = member(action, "data")?.as_object().ok_or_else(|| wrong_type("data", "object"))?;
        for name in ["encounter", "observation_set", "patient"] {
            member(data, name)?;
        }
        for name in ["clinician", "encounter", "observation_set", "patient"] {
            if data.get(name).is_some_and(|part| !part.is_object()) {
                return Err(wrong_type(name, "object"));
            }
        }
    }
    Ok(actions)
}

/// The data of the action that makes a message.
pub(super) fn observation_set(actions: &[Value]) -> Checked<&Value> {
    let found =
        actions.iter().find(|action| action.get("name") == Some(&Value::from("process_observation_set")));
    found.and_then(|action| action.get("data")).ok_or_else(|| {
        let text = "Request requires a 'process_observation_set' action with data";
        ApiError::message(axum::http::StatusCode::BAD_REQUEST, text)
    })
}

/// No member but these.
pub(super) fn only_known(body: &Value, known: &[&str], development: bool) -> Checked<()> {
    let is_known = |name: &str| known.contains(&name) || development && ROW_MEMBERS.contains(&name);
    match object(body)?.keys().find(|name| !is_known(name)) {
        None => Ok(()),
        Some(name) => {
            let shown: String = name.chars().take(100).collect();
            let text = format!("Unexpected key in request: '{shown}'");
            Err(ApiError::message(axum::http::StatusCode::BAD_REQUEST, text))
        }
    }
}
