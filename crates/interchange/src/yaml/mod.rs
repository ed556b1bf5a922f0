//! Messages as YAML: the form of fixtures and of what commands print.

mod defaults;
mod faults;
mod survey;
mod update;

pub use defaults::Defaults;
pub use survey::{Survey, survey};
pub use update::{Updatable, Update};

use crate::wire::{Fault, Reader, Transcript, YamlWriter};
use crate::{DecodeError, Message};

/// Writes messages as one YAML sequence; no message at all gives `[]`.
pub fn write_sequence<'m>(messages: impl IntoIterator<Item = &'m Message>) -> String {
    let mut writer = YamlWriter::default();
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

/// Calls `visit` with the reader at each message of a document, and its place if they are in a list.
fn each(
    reader: &mut Reader<'_>,
    mut visit: impl FnMut(&mut Reader<'_>, Option<usize>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    if !reader.at_array()? {
        return visit(reader, None);
    }
    reader.elements(|reader, index| visit(reader, Some(index)))
}

fn at_element(fault: Fault, index: Option<usize>) -> Fault {
    match index {
        Some(index) => fault.at_index(index),
        None => fault,
    }
}
