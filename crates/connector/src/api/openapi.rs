//! The OpenAPI document. It is written by hand: it is a contract, and short.

use std::fmt::Write;

use serde_json::{Value, json};

fn content(schema: &str) -> Value {
    json!({ "application/json": { "schema": { "$ref": format!("#/components/schemas/{schema}") } } })
}

fn response(description: &str, schema: Option<&str>) -> Value {
    match schema {
        None => json!({ "description": description }),
        Some(schema) => json!({ "description": description, "content": content(schema) }),
    }
}

fn list(schema: &str) -> Value {
    let items = json!({ "$ref": format!("#/components/schemas/{schema}") });
    json!({ "description": "Messages", "content": { "application/json": { "schema": { "type": "array", "items": items } } } })
}

fn parameter(place: &str, name: &str, description: &str) -> Value {
    json!({ "in": place, "name": name, "required": true, "description": description, "schema": { "type": "string" } })
}

struct Operation {
    id: &'static str,
    summary: &'static str,
    success: (&'static str, Value),
    parameters: Vec<Value>,
    body: Option<&'static str>,
}

impl Operation {
    fn into_json(self) -> Value {
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "tags": ["message"],
            "security": [{ "bearerAuth": [] }],
            "responses": { self.success.0: self.success.1, "default": response("Error", Some("Error")) },
        });
        if !self.parameters.is_empty() {
            operation["parameters"] = self.parameters.into();
        }
        if let Some(schema) = self.body {
            operation["requestBody"] = json!({ "required": true, "content": content(schema) });
        }
        operation
    }
}

fn monitoring(id: &str, summary: &str) -> Value {
    json!({
        "operationId": id,
        "summary": summary,
        "tags": ["monitoring"],
        "responses": { "200": response(summary, None) },
    })
}

/// The document, as it is served.
pub fn document() -> Value {
    let uuid = || parameter("path", "message_uuid", "UUID of the message");
    let message_path = json!({
        "get": Operation {
            id: "get_message", summary: "A stored message", success: ("200", response("The message", Some("MessageResponse"))),
            parameters: vec![uuid()], body: None,
        }.into_json(),
        "patch": Operation {
            id: "patch_message", summary: "Sets whether a message has been dealt with",
            success: ("204", response("Done", None)), parameters: vec![uuid()], body: Some("MessageUpdate"),
        }.into_json(),
    });
    let post = |id, summary, success, body| json!({ "post": Operation { id, summary, success, parameters: Vec::new(), body: Some(body) }.into_json() });
    let get = |id, summary, success, parameters| json!({ "get": Operation { id, summary, success, parameters, body: None }.into_json() });
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": "DHOS Connector API",
            "version": "1.0.0",
            "description": "Receives HL7 v2 messages of the hospital, and sends observations and documents to it.",
        },
        "servers": [{ "url": "/" }],
        "tags": [{ "name": "message" }, { "name": "monitoring" }],
        "paths": {
            "/running": { "get": monitoring("running", "The service runs") },
            "/version": { "get": monitoring("version", "The version of the service") },
            "/dhos/v1/message": post("post_message", "Receives an HL7 v2 message and acknowledges it",
                ("200", response("The acknowledgement", Some("MessageResponse"))), "MessageRequest"),
            "/dhos/v1/message/{message_uuid}": message_path,
            "/dhos/v1/message/search/{message_control_id}": get("search_by_control_id", "Messages with a control id",
                ("200", list("MessageResponse")),
                vec![parameter("path", "message_control_id", "Control id of the message (MSH-10)")]),
            "/dhos/v1/message/search": get("search_by_identifier", "Messages about a patient or a visit",
                ("200", list("MessageResponse")), vec![
                    parameter("query", "identifier_type", "MRN, NHS number or Visit ID"),
                    parameter("query", "identifier", "The identifier"),
                ]),
            "/dhos/v1/oru_message": post("post_oru_message", "Sends an observation set to the hospital as ORU^R01; \
                a message that could not be delivered is sent again until it is",
                ("204", response("Delivered", None)), "ProcessObservationSet"),
            "/dhos/v1/cda_message": post("post_cda_message", "Forwards a document; one that could not be delivered is \
                sent again until it is", ("201", response("Stored", None)), "CDAMessageRequest"),
        },
        "components": {
            "securitySchemes": { "bearerAuth": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" } },
            "responses": {
                "BadRequest": response("Bad request", Some("Error")),
                "NotFound": response("Not found", Some("Error")),
                "ServiceUnavailable": response("Service unavailable", Some("Error")),
                "Unauthorized": response("Unauthorized", Some("Error")),
            },
            "schemas": schemas(),
        },
    })
}

fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let one_of = |only: &str| json!({ "type": "string", "enum": [only] });
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "required": required, "properties": properties });
    let mut document = object(&["type", "content"], json!({ "type": one_of("HL7v3CDA"), "content": text() }));
    document["additionalProperties"] = true.into();
    let part = || json!({ "type": "object" });
    let mut observation_data = object(
        &["encounter", "observation_set", "patient"],
        json!({ "clinician": part(), "encounter": part(), "observation_set": part(), "patient": part() }),
    );
    observation_data["additionalProperties"] = true.into();
    json!({
        "Error": object(&["code"], json!({ "code": { "type": "integer" }, "message": text() })),
        "MessageRequest": object(&["type", "body"], json!({ "type": one_of("HL7v2"), "body": text() })),
        "MessageUpdate": object(&["is_processed"], json!({ "is_processed": { "type": "boolean" } })),
        "CDAMessageRequest": document,
        "MessageResponse": object(&["uuid", "type", "body"],
            json!({ "uuid": text(), "type": one_of("HL7v2"), "body": text() })),
        "MessageUUID": object(&["message_uuid"], json!({ "message_uuid": text() })),
        "MessageControlId": object(&["message_control_id"], json!({ "message_control_id": text() })),
        "ObservationData": observation_data,
        "ObservationAction": object(&["data", "name"],
            json!({ "data": { "$ref": "#/components/schemas/ObservationData" }, "name": text() })),
        "ProcessObservationSet": object(&["actions"], json!({
            "actions": { "type": "array", "items": { "$ref": "#/components/schemas/ObservationAction" } },
        })),
    })
}

/// The document as YAML.
pub fn document_yaml() -> String {
    let mut out = String::new();
    write_yaml(&mut out, &document(), 0);
    out
}

/// Block style; names and texts as in JSON, which YAML reads.
fn write_yaml(out: &mut String, value: &Value, depth: usize) {
    let indent = "  ".repeat(depth);
    let mut entry = |head: &str, value: &Value| {
        // Writing to a string cannot fail.
        let is_empty = match value {
            Value::Object(members) => members.is_empty(),
            Value::Array(items) => items.is_empty(),
            _ => true,
        };
        if is_empty {
            let _ = writeln!(out, "{indent}{head} {value}");
        } else {
            let _ = writeln!(out, "{indent}{head}");
            write_yaml(out, value, depth + 1);
        }
    };
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                entry(&format!("{name:?}:"), value);
            }
        }
        Value::Array(items) => {
            for value in items {
                entry("-", value);
            }
        }
        _ => {}
    }
}
