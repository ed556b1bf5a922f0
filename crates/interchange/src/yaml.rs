//! Messages as YAML: the form of fixtures and of what commands print.

use crate::wire::{Fault, Transcript, YamlWriter};
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
    let mut messages = Vec::new();
    for document in Transcript::documents(text)? {
        let mut reader = document.reader();
        read_document(&mut reader, &mut messages).map_err(|fault| document.locate(fault))?;
    }
    Ok(messages)
}

fn read_document(reader: &mut crate::wire::Reader<'_>, messages: &mut Vec<Message>) -> Result<(), Fault> {
    if reader.at_array()? {
        reader.elements(|reader, index| {
            messages.push(Message::read(reader).map_err(|fault| fault.at_index(index))?);
            Ok(())
        })
    } else {
        messages.push(Message::read(reader)?);
        Ok(())
    }
}
