//! HL7 v2 syntax: parsing, three-state values, escapes, timestamps. No hospital rules.
//!
//! A message is cut into segments once; fields, repetitions, components and subcomponents are slices of the
//! same text, found when they are read. Text is copied only if it holds an escape sequence.
//!
//! Two views: [`Message`] for rules that interpret (three-state values, refuses what is no HL7), [`Positional`] for a
//! receiver that answers everything. Besides: [`mllp`] framing, acknowledgements, escapes of a writer.
//!
//! ```
//! use emap_hl7::{Message, Value};
//!
//! let text = "MSH|^~\\&|EPIC|HOSP|||20240105||ADT^A01|1|P|2.4\rPID|||77^^^MRN~\"\"||Pike\\T\\Roe^Ann";
//! let message = Message::parse(text)?;
//! let pid = message.segment("PID").unwrap().fields();
//! assert_eq!(pid.field(3).value(), Value::text("77"));
//! assert_eq!(pid.field(3).repetition(2).value(), Value::Delete);
//! assert_eq!(pid.field(5).value(), Value::text("Pike&Roe"));
//! assert_eq!(pid.field(5).component(3).value(), Value::Absent);
//! # Ok::<(), emap_hl7::ParseError>(())
//! ```

mod ack;
mod encoding;
mod envelope;
mod error;
mod escape;
mod field;
mod fields;
mod loose_time;
mod message;
pub mod mllp;
mod positional;
mod segment;
mod separators;
mod timestamp;
mod value;
mod writer;
mod zone;

pub use self::{
    ack::{AckCode, AckError, AckLevel, acknowledgement, control_id},
    encoding::decode,
    error::{BadTimestamp, ParseError, Place, TimestampError},
    field::{Component, Components, Field, Repetition, Repetitions},
    fields::Fields,
    loose_time::{LooseTime, NoTime, iso_milliseconds},
    message::Message,
    positional::{NoSuchField, NotHl7, Positional},
    segment::Segment,
    separators::Separators,
    timestamp::{Precision, Timestamp},
    value::{Value, strip},
    writer::escaped,
    zone::HospitalZone,
};
