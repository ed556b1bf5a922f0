//! HL7 syntax: whatever arrives is read to the last subcomponent.

use emap_hl7::{HospitalZone, Message, decode};

/// Looks at everything there is to see.
pub(crate) fn check(bytes: &[u8]) {
    let text = decode(bytes);
    let Ok(message) = Message::parse(&text) else { return };
    for segment in message.segments() {
        let fields = segment.fields();
        // Backwards, as fields are found anew when an earlier one is asked for.
        for number in (0..=fields.len() + 1).rev() {
            let field = fields.field(number);
            let _ = (field.value(), field.place().to_string());
            if let Ok(Some(timestamp)) = field.timestamp() {
                let _ = timestamp.instant(HospitalZone::default());
            }
            for repetition in field.repetitions() {
                for component in repetition.components() {
                    let _ = (component.whole(), component.subcomponents().count());
                }
            }
        }
    }
}
