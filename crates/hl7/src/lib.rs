//! HL7 v2 syntax: parsing, three-state values, escapes, timestamps. No hospital rules.
//!
//! A message is cut into segments once; fields, repetitions, components and subcomponents are slices of the
//! same text, found when somebody asks for them. Text is copied only if it holds an escape sequence.
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
mod message;
mod segment;
mod separators;
mod timestamp;
mod value;
mod zone;

pub use encoding::decode;
pub use error::{BadTimestamp, ParseError, Place, TimestampError};
pub use field::{Component, Components, Field, Repetition, Repetitions};
pub use message::Message;
pub use segment::{Fields, Segment};
pub use separators::Separators;
pub use timestamp::{Precision, Timestamp};
pub use value::Value;
pub use zone::HospitalZone;
