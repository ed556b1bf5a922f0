//! The message: who sent it, and one payload of a known class.

use crate::Adt;
use crate::wire::{DecodeError, Fault, JsonWriter, Properties, Reader, Target, WireWriter, record};

record! {
    /// Something a source said, as readers tell it to core.
    #[derive(Clone, Debug, PartialEq)]
    pub struct Message {
        /// Identifier that makes sense to the source; core's log key. The HL7 reader gives the row
        /// number of the message store, padded to ten digits. Several messages may share one.
        source_message_id = "sourceMessageId": Option<String>,
        /// Where the data came from: the sending application, or the name of an extract.
        source_system = "sourceSystem": Option<String>,
    } with {
        /// What was said.
        pub payload: Payload,
    }
}

/// What a message says: one variant per family.
#[derive(Clone, Debug, PartialEq)]
pub enum Payload {
    /// Admission, discharge, transfer, patient identity.
    Adt(Box<Adt>),
}

/// Enough for nearly every message without growing; an ADT message is 2 to 3 kB.
const TYPICAL_LENGTH: usize = 3072;

impl Message {
    /// The full class name, as on the wire and in core's log.
    pub fn class_name(&self) -> &'static str {
        self.payload.class_name()
    }

    /// Whether two messages say the same, whatever ids their sources gave them.
    pub fn same_content(&self, other: &Self) -> bool {
        self.source_system == other.source_system && self.payload == other.payload
    }

    /// The body for the queue.
    pub fn to_json(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(TYPICAL_LENGTH);
        self.write_json(&mut body);
        body
    }

    /// Appends the body for the queue.
    pub fn write_json(&self, body: &mut Vec<u8>) {
        self.write(&mut JsonWriter::new(body));
    }

    /// Reads a body from the queue. Its own class name decides what it is, wherever it stands.
    ///
    /// Fails on a missing or unknown class, a property the class does not have, a value that its
    /// property cannot take, and text that is no JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::json(body);
        Self::read(&mut reader).and_then(|message| reader.finish().map(|()| message)).map_err(Fault::in_json)
    }

    pub(crate) fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.begin_record(self.class_name());
        self.write_properties(writer);
        self.payload.write_all(writer);
        writer.end_record();
    }

    /// Reads the object the reader stands at.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let at = reader.offset();
        let class = reader.peek_class()?;
        let payload = Payload::for_class(&class).ok_or_else(|| Fault::unknown_class(&class, at))?;
        let mut message = Self { source_message_id: None, source_system: None, payload };
        reader.record(&class, &mut Whole(&mut message))?;
        Ok(message)
    }
}

impl Payload {
    fn class_name(&self) -> &'static str {
        match self {
            Self::Adt(adt) => adt.event.class_name(),
        }
    }

    fn for_class(class: &str) -> Option<Self> {
        Adt::for_class(class).map(|adt| Self::Adt(Box::new(adt)))
    }

    fn property_name(&self, index: usize) -> Option<&'static str> {
        match self {
            Self::Adt(adt) => adt.property_name(index),
        }
    }

    fn read_any(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault> {
        match self {
            Self::Adt(adt) => adt.read_any(index, reader),
        }
    }

    fn write_all<W: WireWriter>(&self, writer: &mut W) {
        match self {
            Self::Adt(adt) => adt.write_all(writer),
        }
    }
}

/// A message as the wire sees it: base, family and own properties in one row.
struct Whole<'m>(&'m mut Message);

impl Target for Whole<'_> {
    fn property_name(&self, index: usize) -> Option<&'static str> {
        let base = self.0.properties();
        match index.checked_sub(base.len()) {
            None => Some(base[index].name()),
            Some(rest) => self.0.payload.property_name(rest),
        }
    }

    fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault> {
        match index.checked_sub(self.0.properties().len()) {
            None => self.0.read_property(index, reader),
            Some(rest) => self.0.payload.read_any(rest, reader),
        }
    }

    fn ignores(&self, name: &str) -> bool {
        // Some peers write the class a second time under this name.
        name == "messageType"
    }
}
