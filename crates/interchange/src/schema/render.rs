//! The schema of a class from its shape.

use indexmap::IndexMap;

use super::document::Json;
use crate::wire::{Availability, CLASS, ClassShape, Shape, WRAPPER_CLASS};

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";

/// The document for a message.
pub(super) fn schema(message: &ClassShape) -> String {
    let mut definitions = Definitions::default();
    let object = definitions.class(message);
    let head =
        Json::object([("$schema", Json::text(DIALECT)), ("title", Json::text(short_name(message.class)))]);
    head.and(object).with("$defs", definitions.finish()).document()
}

/// The name of a class without its packages.
pub(super) fn short_name(class: &'static str) -> &'static str {
    class.rsplit('.').next().unwrap_or(class)
}

/// What is used more than once, by name, in the order of first use.
#[derive(Default)]
struct Definitions(IndexMap<String, Json>);

impl Definitions {
    fn finish(self) -> Json {
        Json::Object(self.0.into_iter().collect())
    }

    /// A reference to a definition, which `define` makes if it is the first. Made only once, so a part
    /// may hold parts of its own class.
    fn refer(&mut self, name: &str, define: impl FnOnce(&mut Self) -> Json) -> Json {
        if !self.0.contains_key(name) {
            self.0.insert(name.to_owned(), Json::null());
            let definition = define(self);
            self.0.insert(name.to_owned(), definition);
        }
        Json::object([("$ref", Json::text(&format!("#/$defs/{name}")))])
    }

    /// An object of the class; only the class itself must be there.
    fn class(&mut self, class: &ClassShape) -> Json {
        let mut properties = Json::object([(CLASS, constant(class.class))]);
        for property in &class.properties {
            let schema = self.shape(&property.shape);
            let schema = schema
                .with("description", Json::text(property.meaning))
                .with("default", Json::Written(property.default.clone()))
                .and(generations(property.available));
            properties = properties.with(property.name, schema);
        }
        Json::object([
            ("description", Json::text(class.meaning)),
            ("type", Json::text("object")),
            ("properties", properties),
            ("required", Json::texts([CLASS])),
            ("additionalProperties", Json::truth(false)),
        ])
        .and(generations(class.available))
    }

    fn shape(&mut self, shape: &Shape) -> Json {
        match shape {
            Shape::Text => of_type("string"),
            Shape::Whole(least, most) => {
                of_type("integer").with("minimum", Json::number(*least)).with("maximum", Json::number(*most))
            }
            Shape::Number => self.refer("number", |_| number()),
            Shape::Truth => of_type("boolean"),
            Shape::Instant => self.refer("instant", |_| instant()),
            Shape::Date => self.refer("date", |_| date()),
            Shape::Time => self.refer("time", |_| time()),
            Shape::Bytes => of_type("string").with("contentEncoding", Json::text("base64")),
            Shape::Constant(list, names) => {
                self.refer(list, |_| Json::object([("enum", Json::texts(names.iter().copied()))]))
            }
            Shape::Part(part) => {
                let part = part();
                self.refer(short_name(part.class), |definitions| definitions.class(&part))
            }
            Shape::List(elements) => of_type("array").with("items", self.shape(elements)),
            Shape::Questions => of_type("object").with("additionalProperties", or_null(of_type("string"))),
            Shape::Nullable(inner) => or_null(self.shape(inner)),
            Shape::Wrapped(inner) => {
                self.refer(&format!("wrapped{}", name(inner)), |definitions| definitions.wrapper(inner))
            }
        }
    }

    /// A wrapper in one of its three states.
    fn wrapper(&mut self, inner: &Shape) -> Json {
        let value = self.shape(inner);
        let state = |status: &str, meaning: &str, value: Json| {
            Json::object([
                ("description", Json::text(meaning)),
                (
                    "properties",
                    Json::object([
                        (CLASS, constant(WRAPPER_CLASS)),
                        ("value", value),
                        ("status", constant(status)),
                    ]),
                ),
                ("required", Json::texts([CLASS, "value", "status"])),
                ("additionalProperties", Json::truth(false)),
            ])
        };
        let null = Json::object([("const", Json::null())]);
        of_type("object").with(
            "oneOf",
            Json::List(vec![
                state("SAVE", "Store this value.", value.clone()),
                state("IGNORE", "Nothing is known; what is stored stays.", null),
                state(
                    "DELETE",
                    "Clear what is stored. The value is null but for the number of a cancelled lab order.",
                    or_null(value),
                ),
            ]),
        )
    }
}

/// From which generation of peers on something exists, or from which on it no longer does, and the name of the feature.
/// Nothing is said of what all generations have.
fn generations(available: Availability) -> Json {
    let (name, feature) = match available {
        Availability::Since(feature) => ("x-since", feature),
        Availability::Until(feature) => ("x-until", feature),
        Availability::Always | Availability::Unreleased => return Json::object([]),
    };
    let generation = feature.generation().as_str();
    Json::object([(name, Json::text(generation)), ("x-feature", Json::text(feature.as_str()))])
}

/// What a wrapper of such a value is called.
fn name(shape: &Shape) -> String {
    match shape {
        Shape::Text => "Text".to_owned(),
        Shape::Whole(..) => "Whole".to_owned(),
        Shape::Number => "Number".to_owned(),
        Shape::Truth => "Truth".to_owned(),
        Shape::Instant => "Instant".to_owned(),
        Shape::Date => "Date".to_owned(),
        Shape::Time => "Time".to_owned(),
        Shape::Bytes => "Bytes".to_owned(),
        Shape::Constant(list, _) => (*list).to_owned(),
        Shape::Part(part) => short_name(part().class).to_owned(),
        Shape::List(elements) => format!("{}s", name(elements)),
        Shape::Questions => "Questions".to_owned(),
        Shape::Nullable(inner) | Shape::Wrapped(inner) => name(inner),
    }
}

fn of_type(name: &str) -> Json {
    Json::object([("type", Json::text(name))])
}

fn constant(text: &str) -> Json {
    Json::object([("const", Json::text(text))])
}

fn or_null(mut schema: Json) -> Json {
    if let Json::Object(members) = &mut schema
        && let Some((_, kind)) = members.first_mut().filter(|(name, _)| name == "type")
    {
        *kind = Json::List(vec![kind.clone(), Json::text("null")]);
        return schema;
    }
    Json::object([("anyOf", Json::List(vec![schema, of_type("null")]))])
}

fn number() -> Json {
    let not_finite = Json::texts(["NaN", "Infinity", "-Infinity"]);
    Json::object([("anyOf", Json::List(vec![of_type("number"), Json::object([("enum", not_finite)])]))])
}

fn instant() -> Json {
    of_type("number").with(
        "description",
        Json::text(
            "UTC. Seconds since 1970, rounded down, a point, and nine digits for the nanoseconds after that \
             second; 1969-12-31T23:59:58.5Z is -2.500000000.",
        ),
    )
}

fn date() -> Json {
    of_type("array")
        .with("description", Json::text("Year, month, day."))
        .with("prefixItems", Json::List(vec![of_type("integer"), between(1, 12), between(1, 31)]))
        .with("minItems", Json::number(3))
        .with("maxItems", Json::number(3))
}

fn time() -> Json {
    let parts = vec![between(0, 23), between(0, 59), between(0, 59), between(0, 999_999_999)];
    of_type("array")
        .with(
            "description",
            Json::text(
                "Hour, minute, second, nanosecond; zeros at the end are left out, but not of the minute.",
            ),
        )
        .with("prefixItems", Json::List(parts))
        .with("minItems", Json::number(2))
        .with("maxItems", Json::number(4))
}

fn between(least: i64, most: i64) -> Json {
    of_type("integer").with("minimum", Json::number(least)).with("maximum", Json::number(most))
}
