//! Locations as text: `department^room^bed`.

use emap_hl7::{Field, Value};
use emap_interchange::InterchangeValue;

/// What stands for a part that the message does not give. Part of the interchange format: receivers compare whole
/// strings.
const MISSING: &str = "null";

/// The first three components of a location (data type PL), joined.
///
/// Parts that are absent or deleted are written as `null`. Nothing but such parts is no location: a delete if one
/// of them is `""`, else unknown.
pub(crate) fn location_string(field: Field) -> InterchangeValue<String> {
    let location = field.repetition(1);
    let parts = [1, 2, 3].map(|number| location.component(number).value().trimmed());
    if parts.iter().any(|part| part.as_text().is_some_and(|text| text != MISSING)) {
        return InterchangeValue::Save(joined(&parts));
    }
    if parts.contains(&Value::Delete) { InterchangeValue::delete() } else { InterchangeValue::Unknown }
}

fn joined(parts: &[Value; 3]) -> String {
    let [department, room, bed] = parts.each_ref().map(|part| part.as_text().unwrap_or(MISSING));
    let mut text = String::with_capacity(department.len() + room.len() + bed.len() + 2);
    text.push_str(department);
    for part in [room, bed] {
        text.push('^');
        text.push_str(part);
    }
    text
}

#[cfg(test)]
mod tests {
    use emap_hl7::Message;

    use super::*;

    fn location(location: &str) -> InterchangeValue<String> {
        let text = format!("MSH|^~\\&|A\rPV1|1|I|{location}|");
        let message = Message::parse(&text).unwrap();
        location_string(message.segment("PV1").unwrap().field(3))
    }

    fn save(text: &str) -> InterchangeValue<String> {
        InterchangeValue::Save(text.to_owned())
    }

    #[test]
    fn parts_are_joined() {
        assert_eq!(location("W1^Bay 2^Bed 3^X^Y"), save("W1^Bay 2^Bed 3"));
        assert_eq!(location("W1"), save("W1^null^null"));
        assert_eq!(location("^Bay 2"), save("null^Bay 2^null"));
        assert_eq!(location("A\\T\\E&x^ ^ B ~W2"), save("A&E^null^B"));
        assert_eq!(location("W1^\"\"^7"), save("W1^null^7"));
    }

    #[test]
    fn nothing_but_missing_parts_is_no_location() {
        for nothing in ["", "^^", " ^ ", "^^^X^DEP", "~W2", "null^null^null"] {
            assert_eq!(location(nothing), InterchangeValue::Unknown, "{nothing}");
        }
        for delete in ["\"\"", "^\"\"", "\"\"^\"\"^\"\"^X"] {
            assert_eq!(location(delete), InterchangeValue::Delete(None), "{delete}");
        }
    }
}
