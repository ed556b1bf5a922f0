//! As much of JSON Schema as ours use; a keyword that is not known here fails the test.

use serde_json::{Map, Value};

/// Whether the body satisfies the schema; if not, where and what it breaks.
pub(crate) fn check(schema: &Value, body: &Value) -> Result<(), String> {
    value(schema, schema, body).map_err(|(path, keyword)| format!("{path}: {keyword}"))
}

type Broken = (String, String);

fn value(root: &Value, schema: &Value, body: &Value) -> Result<(), Broken> {
    let schema = schema.as_object().expect("a schema is an object");
    for (keyword, rule) in schema {
        let holds = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" | "contentEncoding" | "x-since"
            | "x-until" | "x-feature" => true,
            "$ref" => {
                let pointer =
                    rule.as_str().and_then(|text| text.strip_prefix('#')).expect("a local reference");
                value(root, root.pointer(pointer).expect("a definition"), body)?;
                true
            }
            "type" => match rule {
                Value::Array(types) => types.iter().any(|name| is_of_type(name, body)),
                name => is_of_type(name, body),
            },
            "const" => body == rule,
            "enum" => list(rule).contains(body),
            "anyOf" => list(rule).iter().any(|choice| value(root, choice, body).is_ok()),
            "oneOf" => list(rule).iter().filter(|choice| value(root, choice, body).is_ok()).count() == 1,
            "minimum" => body.as_number().is_none_or(|number| number.as_i64() >= rule.as_i64()),
            "maximum" => body
                .as_number()
                .is_none_or(|number| number.as_i64().is_some() && number.as_i64() <= rule.as_i64()),
            "minItems" => body.as_array().is_none_or(|items| items.len() >= length(rule)),
            "maxItems" => body.as_array().is_none_or(|items| items.len() <= length(rule)),
            "prefixItems" => body.as_array().is_none_or(|items| {
                list(rule).iter().zip(items).all(|(rule, item)| value(root, rule, item).is_ok())
            }),
            "items" => {
                body.as_array().is_none_or(|items| items.iter().all(|item| value(root, rule, item).is_ok()))
            }
            "required" => body.as_object().is_none_or(|members| {
                list(rule).iter().filter_map(Value::as_str).all(|name| members.contains_key(name))
            }),
            "properties" => {
                members(body).try_for_each(|(name, member)| {
                    rule.get(name).map_or(Ok(()), |rule| {
                        value(root, rule, member)
                            .map_err(|(path, keyword)| (format!("{name}.{path}"), keyword))
                    })
                })?;
                true
            }
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                members(body)
                    .filter(|(name, _)| !known.is_some_and(|known| known.contains_key(*name)))
                    .all(|(_, member)| rule.as_bool().unwrap_or_else(|| value(root, rule, member).is_ok()))
            }
            unknown => panic!("no such keyword: {unknown}"),
        };
        if !holds {
            return Err((String::new(), keyword.clone()));
        }
    }
    Ok(())
}

fn is_of_type(name: &Value, body: &Value) -> bool {
    match name.as_str().expect("the name of a type") {
        "object" => body.is_object(),
        "array" => body.is_array(),
        "string" => body.is_string(),
        "number" => body.is_number(),
        "integer" => body.is_i64(),
        "boolean" => body.is_boolean(),
        "null" => body.is_null(),
        unknown => panic!("no such type: {unknown}"),
    }
}

fn members(body: &Value) -> impl Iterator<Item = (&String, &Value)> {
    body.as_object().into_iter().flat_map(Map::iter)
}

fn list(rule: &Value) -> &[Value] {
    rule.as_array().expect("a list")
}

fn length(rule: &Value) -> usize {
    rule.as_u64().and_then(|length| length.try_into().ok()).expect("a length")
}
