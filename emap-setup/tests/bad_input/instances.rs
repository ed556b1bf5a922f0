//! A body of every class of message with every property filled, made from the published schemas.

use emap_interchange::{Message, schema};
use serde_json::{Map, Value, json};

use crate::world::MARKER;

/// An instant in 2031, as bodies have it.
const INSTANT: f64 = 1_930_000_000.0;

/// One of every class.
pub(crate) fn all() -> Vec<Value> {
    let of = |message: &Message| {
        let schema: Value = serde_json::from_str(&schema::of(message.class_name()).unwrap()).unwrap();
        Definitions { all: &schema["$defs"], above: Vec::new() }.instance(&schema)
    };
    Message::of_each_class().iter().map(of).collect()
}

/// The named parts of a schema, and those that what is being made is part of: a result may have an isolate with results.
#[derive(Clone)]
struct Definitions<'s> {
    all: &'s Value,
    above: Vec<&'s str>,
}

impl<'s> Definitions<'s> {
    fn instance(&self, schema: &'s Value) -> Value {
        if let Some(constant) = schema.get("const") {
            return constant.clone();
        }
        if let Some(Value::Array(choices)) = schema.get("enum") {
            return choices[0].clone();
        }
        if let Some(Value::String(to)) = schema.get("$ref") {
            return self.named(to.rsplit('/').next().unwrap());
        }
        for choices in ["oneOf", "anyOf"] {
            if let Some(choices) = schema.get(choices).and_then(Value::as_array) {
                // The first is what is there; the others say that nothing is.
                return self.instance(&choices[0]);
            }
        }
        let kind = match &schema["type"] {
            Value::Array(kinds) => kinds[0].as_str().unwrap(),
            Value::String(kind) => kind,
            // A way to fill an object whose type stands further out.
            _ => "object",
        };
        match kind {
            "object" => self.object(schema),
            "array" => match schema.get("prefixItems").and_then(Value::as_array) {
                Some(items) => items.iter().map(|item| self.instance(item)).collect(),
                None => {
                    [self.instance(&schema["items"])].into_iter().filter(|item| !item.is_null()).collect()
                }
            },
            "integer" => {
                let most = schema.get("maximum").filter(|most| most.as_i64() < Some(100));
                most.cloned().unwrap_or(json!(2031))
            }
            "number" => json!(5.5),
            "boolean" => json!(true),
            "string" if schema.get("contentEncoding").is_some() => json!("WlFY"),
            _ => json!(MARKER),
        }
    }

    /// Null for a part of itself.
    fn named(&self, name: &'s str) -> Value {
        if name == "instant" {
            return json!(INSTANT);
        }
        if self.above.contains(&name) {
            return Value::Null;
        }
        let mut inside = self.clone();
        inside.above.push(name);
        inside.instance(&self.all[name])
    }

    fn object(&self, schema: &'s Value) -> Value {
        let mut object = Map::new();
        if let Some(Value::Object(properties)) = schema.get("properties") {
            for (name, property) in properties {
                object.insert(name.clone(), self.instance(property));
            }
        }
        if let Some(more) = schema.get("additionalProperties").filter(|more| more.is_object()) {
            object.insert(MARKER.to_owned(), self.instance(more));
        }
        Value::Object(object)
    }
}

/// Where the scalars of a body stand, as JSON pointers.
pub(crate) fn scalars(body: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect(body, String::new(), &mut found);
    found
}

fn collect(value: &Value, at: String, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            for (name, value) in object {
                collect(value, format!("{at}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (place, value) in items.iter().enumerate() {
                collect(value, format!("{at}/{place}"), found);
            }
        }
        _ => found.push(at),
    }
}
