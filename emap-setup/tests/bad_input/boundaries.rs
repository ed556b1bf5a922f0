//! Values at the limits of what can be held, and beyond.

use serde_json::Value;

/// Stands where a value is to be put that JSON libraries do not write.
const PLACE: &str = "put it here";
/// Longer than an index of PostgreSQL can hold, and hard to compress.
const LONG: usize = 20_000;

/// Instead of a text, as it stands in JSON.
const TEXTS: [&str; 12] = [
    "null",
    r#""""#,
    r#""ZQX\u0000""#,
    r#""\ud800""#,
    r#""ZQX\uffff\u202e\u0001""#,
    r#""1e400""#,
    r#""2031-02-30T25:61:61Z""#,
    "17",
    "true",
    r#"["ZQX"]"#,
    r#"{"ZQX":"ZQX"}"#,
    r#""ZQX"#,
];

/// Instead of a number or a part of a date: the limits of integers, floats, `chrono` and PostgreSQL.
const NUMBERS: [&str; 26] = [
    "null",
    "0",
    "-0.0",
    "-1",
    "32768",
    "2147483648",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775809",
    "1e308",
    "1e400",
    "-1e400",
    "5e-324",
    "NaN",
    r#""NaN""#,
    r#""-Infinity""#,
    r#""ZQX""#,
    "[5]",
    "true",
    "253402300800.000000000",
    "8210266876799.999999999",
    "8210266876800.000000000",
    "-8334601228800.000000000",
    "9224318015999.999999999",
    "-210866803201.000000000",
    "1930000000.9999999999",
];

/// Instead of a truth.
const TRUTHS: [&str; 5] = ["null", r#""true""#, "0", r#""ZQX""#, "[]"];

/// The body with each boundary value in that place.
pub(crate) fn of(body: &Value, pointer: &str) -> Vec<String> {
    let mut with_place = body.clone();
    let place = with_place.pointer_mut(pointer).unwrap();
    let values = match place {
        Value::Number(_) => &NUMBERS[..],
        Value::Bool(_) => &TRUTHS,
        _ => &TEXTS,
    };
    let is_text = place.is_string();
    *place = Value::String(PLACE.to_owned());
    let text = with_place.to_string();
    let place = format!("\"{PLACE}\"");
    let mut bodies: Vec<String> = values.iter().map(|value| text.replace(&place, value)).collect();
    if is_text {
        bodies.push(text.replace(&place, &format!("\"ZQX{}\"", incompressible(LONG))));
    }
    bodies
}

/// Letters without any pattern, the same every time.
pub(crate) fn incompressible(length: usize) -> String {
    let mut random = fastrand::Rng::with_seed(7);
    (0..length).map(|_| random.alphanumeric()).collect()
}
