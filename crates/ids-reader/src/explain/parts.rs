//! The parts of an HL7 message: every component that holds something.

use std::collections::HashMap;

use emap_hl7::{Field, Message, Segment};

/// A component and where it stands in the text.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Part {
    /// Such as `PID-3.1`, or `OBX(2)-5[3].1` where a segment or field is repeated.
    pub(super) name: String,
    pub(super) start: usize,
    pub(super) length: usize,
}

/// All parts, in the order of the text. The separators themselves are none.
pub(super) fn parts(message: &Message) -> Vec<Part> {
    let mut occurrences = HashMap::<&str, usize>::new();
    let mut parts = Vec::new();
    for segment in message.segments() {
        let occurrence = occurrences.entry(segment.name()).or_default();
        *occurrence += 1;
        let repeated = message.segments_named(segment.name()).nth(1).is_some();
        let name =
            if repeated { format!("{}({occurrence})", segment.name()) } else { segment.name().to_owned() };
        let first = if segment.is("MSH") { 3 } else { 1 };
        for number in first..=segment.fields().len() {
            add_field(&mut parts, message.raw(), &name, segment, number);
        }
    }
    parts
}

fn add_field(parts: &mut Vec<Part>, text: &str, segment_name: &str, segment: &Segment, number: usize) {
    let field: Field = segment.field(number);
    let repetitions = field.repetitions().count();
    for (repetition_number, content) in (1..).zip(field.repetitions()) {
        let components = content.components().count();
        for (component_number, component) in (1..).zip(content.components()) {
            if component.raw().is_empty() {
                continue;
            }
            let repetition = if repetitions > 1 { format!("[{repetition_number}]") } else { String::new() };
            let component_part = if components > 1 { format!(".{component_number}") } else { String::new() };
            let name = format!("{segment_name}-{number}{repetition}{component_part}");
            // A component is a piece of the text it was cut from.
            let start = component.raw().as_ptr().addr() - text.as_ptr().addr();
            parts.push(Part { name, start, length: component.raw().len() });
        }
    }
}

#[cfg(test)]
mod tests {
    use emap_hl7::Message;

    use super::parts;

    #[test]
    fn every_component_with_content_has_a_name_and_its_place() {
        let text = "MSH|^~\\&|LAB\rPID|1||77^^X~88\rOBX|1\rOBX||a";
        let message = Message::parse(text).unwrap();
        let named: Vec<_> = parts(&message)
            .into_iter()
            .map(|part| (part.name, &text[part.start..part.start + part.length]))
            .collect();
        let expected = [
            ("MSH-3", "LAB"),
            ("PID-1", "1"),
            ("PID-3[1].1", "77"),
            ("PID-3[1].3", "X"),
            ("PID-3[2]", "88"),
            ("OBX(1)-1", "1"),
            ("OBX(2)-2", "a"),
        ];
        assert_eq!(named, expected.map(|(name, text)| (name.to_owned(), text)));
    }
}
