//! All messages and all faults of a YAML text, for reporting every fault at once.

use super::{
    documents::{at_element, each},
    faults::read_sound,
};
use crate::{
    features::Features,
    message::Message,
    wire::{Classed, DecodeError, Fault, Reader, Transcript},
};

/// What a YAML text of messages holds.
#[derive(Debug, Default)]
pub struct Survey {
    /// The messages without a fault.
    pub messages: Vec<Message>,
    /// The faults, in the order of the text: for each message at most one for each property.
    pub faults: Vec<DecodeError>,
}

/// Reads all messages of a YAML text as [`read`](super::read) does, and continues after faults.
pub fn survey(text: &str) -> Survey {
    survey_as(None, text)
}

/// As [`survey`]; with features, as a peer does that has exactly these and refuses everything else.
pub fn survey_as(features: Option<Features>, text: &str) -> Survey {
    let mut survey = Survey::default();
    match Transcript::documents(text) {
        Ok(documents) => {
            for document in &documents {
                survey.document(document, features);
            }
        }
        Err(fault) => survey.faults.push(fault),
    }
    survey
}

impl Survey {
    fn document(&mut self, document: &Transcript, features: Option<Features>) {
        let mut faults = Vec::new();
        let end = each(&mut document.reader().for_peer_with(features), |reader, index| {
            let start = reader.mark();
            match reader.attempt(Message::read)? {
                Ok(message) => self.messages.push(message),
                Err(first) => {
                    let end = reader.mark();
                    reader.rewind(start);
                    let all = faults_of_message(reader);
                    reader.rewind(end);
                    let all = if all.is_empty() { vec![first] } else { all };
                    faults.extend(all.into_iter().map(|fault| at_element(fault, index)));
                }
            }
            Ok(())
        });
        faults.extend(end.err());
        self.faults.extend(faults.into_iter().map(|fault| document.locate(fault)));
    }
}

/// All faults of the properties of the message that comes next; none if its class is unknown to the peers.
fn faults_of_message(reader: &mut Reader<'_>) -> Vec<Fault> {
    let message = reader.peek_class().ok().and_then(|class| Message::for_class(&class));
    let message =
        message.filter(|message| reader.takes(message.class_shape().available) || reader.takes_all());
    message.map_or_else(Vec::new, |mut message| read_sound(reader, &mut message, true))
}
