//! HL7 v2 syntax: parsing, three-state values, escapes, timestamps. No hospital rules.
//!
//! A message is cut into segments once; fields, repetitions, components and subcomponents are slices of the
//! same text, found when they are read. Text is copied only if it holds an escape sequence.
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

mod encoding;
mod envelope;
mod error;
mod escape;
mod field;
mod fields;
mod message;
mod segment;
mod separators;
mod timestamp;
mod value;
mod zone;

pub use self::{
    encoding::decode,
    error::{BadTimestamp, ParseError, Place, TimestampError},
    field::{Component, Components, Field, Repetition, Repetitions},
    fields::Fields,
    message::Message,
    segment::Segment,
    separators::Separators,
    timestamp::{Precision, Timestamp},
    value::{Value, strip},
    zone::HospitalZone,
};
