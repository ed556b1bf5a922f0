//! Messages as YAML: the form of fixtures and of what commands print.

mod defaults;
mod documents;
mod faults;
mod survey;
mod update;

pub use self::{
    defaults::Defaults,
    survey::{Survey, survey, survey_as},
    update::{Updatable, Update},
};

use self::documents::{at_element, each};
use crate::{
    features::Features,
    message::Message,
    wire::{DecodeError, Transcript, YamlWriter},
};

/// Writes messages as one YAML sequence, with what every generation of peers has; no message at all gives `[]`.
pub fn write_sequence<'m>(messages: impl IntoIterator<Item = &'m Message>) -> String {
    write_sequence_for(Features::ALL, messages)
}

/// As [`write_sequence`], for receivers that understand these features.
pub fn write_sequence_for<'m>(features: Features, messages: impl IntoIterator<Item = &'m Message>) -> String {
    let mut writer = YamlWriter::new(features);
    for message in messages {
        message.write(&mut writer);
    }
    writer.finish()
}

/// Reads the messages of a YAML text: each document is one message or a sequence of messages.
///
/// A fault is reported with its line.
pub fn read(text: &str) -> Result<Vec<Message>, DecodeError> {
    read_each(text)?.into_iter().collect()
}

/// As [`read`], but a message at fault does not keep the others from being read: each has its own result.
///
/// # Errors
/// When the text is no YAML at all.
pub fn read_each(text: &str) -> Result<Vec<Result<Message, DecodeError>>, DecodeError> {
    let mut messages = Vec::new();
    for document in Transcript::documents(text)? {
        each(&mut document.reader(), |reader, index| {
            let message = reader.attempt(Message::read)?;
            messages.push(message.map_err(|fault| document.locate(at_element(fault, index))));
            Ok(())
        })
        .map_err(|fault| document.locate(fault))?;
    }
    Ok(messages)
}
