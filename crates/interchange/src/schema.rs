//! JSON Schemas of the messages, for other projects that write or check bodies.
//!
//! They follow from the declarations of the types, and describe what we write ourselves. What we accept
//! besides (ISO texts for instants, quoted numbers …) is leniency towards peers, and not guaranteed.

mod document;
mod render;

use self::render::short_name;
use crate::{message::Message, wire::Classed};

/// The short names of all messages, such as `AdmitPatient`, in the order of the families.
pub fn classes() -> Vec<&'static str> {
    Message::of_each_class().iter().map(|message| short_name(message.class_name())).collect()
}

/// The JSON Schema (draft 2020-12) of the message with this name, short or in full; `None` if there is no
/// such message.
///
/// It needs no other document: parts and wrappers are defined inside.
pub fn of(class: &str) -> Option<String> {
    let message = Message::of_each_class()
        .into_iter()
        .find(|message| message.class_name() == class || short_name(message.class_name()) == class)?;
    Some(render::schema(&message.class_shape()))
}
