//! The message: who sent it, and one payload of a known class.

use crate::{
    adt::Adt,
    advance_decision::AdvanceDecision,
    condition::Condition,
    consult::{ConsultMetadata, ConsultRequest},
    features::Features,
    flowsheet::{Flowsheet, FlowsheetMetadata},
    form::{Form, FormMetadata, FormQuestionMetadata},
    lab::{LabMetadata, LabOrder},
    location::{DepartmentMetadata, LocationMetadata},
    research_opt_out::ResearchOptOut,
    types::Instant,
    waveform::{Waveform, WaveformHighFreq, WaveformLowFreq},
    wire::{
        Availability, ClassShape, Classed, DecodeError, Fault, JsonWriter, Property, Reader, Target,
        WireWriter, declare::record, write_record,
    },
};

record! {
    /// A report of a source, as readers send it to core.
    // Some peers write the class a second time as `messageType`.
    pub struct Message ignoring ["messageType"] {
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

/// An enum of which each variant holds a class, or a family of classes that have much in common.
macro_rules! payloads {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $( $(#[$doc:meta])* $variant:ident($type:ty) ),* $(,)? }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Debug, PartialEq)]
        pub enum $name {
            $( $(#[$doc])* $variant(Box<$type>), )*
        }

        $(
            impl From<$type> for $name {
                fn from(content: $type) -> Self {
                    Self::$variant(Box::new(content))
                }
            }
        )*

        impl Target for $name {
            fn property(&self, index: usize) -> Option<&'static Property> {
                match self { $( Self::$variant(content) => content.property(index), )* }
            }

            fn read_property(&mut self, index: usize, reader: &mut Reader<'_>) -> Result<(), Fault> {
                match self { $( Self::$variant(content) => Target::read_property(&mut **content, index, reader), )* }
            }

            fn ignored(&self, name: &str) -> Option<Availability> {
                match self { $( Self::$variant(content) => content.ignored(name), )* }
            }
        }

        impl Classed for $name {
            fn class_name(&self) -> &'static str {
                match self { $( Self::$variant(content) => Classed::class_name(&**content), )* }
            }

            fn for_class(class: &str) -> Option<Self> {
                $( if let Some(content) = <$type as Classed>::for_class(class) {
                    return Some(content.into());
                } )*
                None
            }

            fn all_classes() -> Vec<Self> {
                let mut all = Vec::new();
                $( all.extend(<$type as Classed>::all_classes().into_iter().map(Self::from)); )*
                all
            }

            fn write_all<W: WireWriter>(&self, writer: &mut W) {
                match self { $( Self::$variant(content) => content.write_all(writer), )* }
            }

            fn class_shape(&self) -> ClassShape {
                match self { $( Self::$variant(content) => content.class_shape(), )* }
            }

            fn every_instant(&mut self, change: &mut dyn FnMut(&mut Instant)) {
                match self { $( Self::$variant(content) => content.every_instant(change), )* }
            }
        }
    };
}

payloads! {
    /// What a message says.
    pub enum Payload {
        /// Admission, discharge, transfer, patient identity.
        Adt(Adt),
        /// A value on a flowsheet.
        Flowsheet(Flowsheet),
        /// A laboratory or imaging order with its results.
        LabOrder(LabOrder),
        /// A piece of a curve from a bedside device.
        Waveform(Waveform),
        /// A piece of a curve from one channel of a bedside device.
        WaveformHighFreq(WaveformHighFreq),
        /// A single value from a bedside device.
        WaveformLowFreq(WaveformLowFreq),
        /// An allergy, an infection or a problem.
        Condition(Condition),
        /// A request for a consult.
        ConsultRequest(ConsultRequest),
        /// A decision about care in advance.
        AdvanceDecision(AdvanceDecision),
        /// Whether a patient's data may be used for research.
        ResearchOptOut(ResearchOptOut),
        /// A filled-in form.
        Form(Form),
        /// What a kind of form is.
        FormMetadata(FormMetadata),
        /// What a question of forms is.
        FormQuestionMetadata(FormQuestionMetadata),
        /// What a flowsheet row is.
        FlowsheetMetadata(FlowsheetMetadata),
        /// What a laboratory's test or battery is.
        LabMetadata(LabMetadata),
        /// What a type of consult is.
        ConsultMetadata(ConsultMetadata),
        /// What a bed, its room and its department are.
        LocationMetadata(LocationMetadata),
        /// What a department is.
        DepartmentMetadata(DepartmentMetadata),
    }
}

/// Enough for nearly every message without growing; an ADT message is 2 to 3 kB.
const TYPICAL_LENGTH: usize = 3072;

impl Message {
    /// A message without id and source.
    pub fn of(payload: impl Into<Payload>) -> Self {
        payload.into().into()
    }

    /// One message of each of the 38 classes, everything at its default.
    pub fn of_each_class() -> Vec<Self> {
        Self::all_classes()
    }

    /// The full class name, as on the wire and in core's log.
    pub fn class_name(&self) -> &'static str {
        Classed::class_name(self)
    }

    /// Whether two messages have the same content, apart from the ids of their sources.
    pub fn same_content(&self, other: &Self) -> bool {
        self.source_system == other.source_system && self.payload == other.payload
    }

    /// Changes every point in time of the message; for a receiver that keeps fewer digits.
    pub fn each_instant(&mut self, mut change: impl FnMut(&mut Instant)) {
        self.every_instant(&mut change);
    }

    /// The body for the queue, with what every generation of peers has.
    pub fn to_json(&self) -> Vec<u8> {
        self.to_json_for(Features::ALL)
    }

    /// The body for receivers that understand these features: what belongs to another one is left out.
    pub fn to_json_for(&self, features: Features) -> Vec<u8> {
        let mut body = Vec::with_capacity(TYPICAL_LENGTH);
        self.write_json(features, &mut body);
        body
    }

    /// Appends the body for receivers that understand these features.
    pub fn write_json(&self, features: Features, body: &mut Vec<u8>) {
        self.write(&mut JsonWriter::new(body, features));
    }

    /// Reads a body from the queue, of any generation. Its own class name decides what it is, wherever it stands.
    ///
    /// Fails on a missing or unknown class, a property the class does not have, a value that its
    /// property cannot take, and text that is no JSON.
    pub fn from_json(body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_reader(Reader::json(body))
    }

    /// Reads a body as a peer does that has exactly these features, and refuses everything else.
    pub fn from_json_as(features: Features, body: &[u8]) -> Result<Self, DecodeError> {
        Self::from_reader(Reader::json(body).for_peer_with(Some(features)))
    }

    fn from_reader(mut reader: Reader<'_>) -> Result<Self, DecodeError> {
        Self::read(&mut reader).and_then(|message| reader.finish().map(|()| message)).map_err(Fault::in_json)
    }

    pub(crate) fn write<W: WireWriter>(&self, writer: &mut W) {
        write_record(self, writer);
    }

    /// Reads the object the reader stands at.
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let at = reader.offset();
        let class = reader.peek_class()?;
        let mut message = Self::for_class(&class)
            .filter(|message| reader.takes_all() || reader.takes(message.class_shape().available))
            .ok_or_else(|| Fault::unknown_class(&class, at))?;
        reader.record(&class, &mut message)?;
        Ok(message)
    }
}
