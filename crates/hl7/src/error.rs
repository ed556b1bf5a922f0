//! What can be wrong with a message, said without quoting it: messages hold patient data, errors are logged.

use std::fmt;

use thiserror::Error;

/// Why a text is not an HL7 v2 message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ParseError {
    /// Nothing but white space or framing.
    #[error("the text is empty")]
    Empty,
    /// The first segment is not `MSH`.
    #[error("the text does not start with an MSH segment")]
    NoHeader,
    /// The text ends before MSH-2 does.
    #[error("segment 1 (MSH) ends before field 2")]
    HeaderTruncated,
    /// MSH-1 is no printable ASCII punctuation, or MSH-2 is not four or five such characters.
    #[error("segment 1 (MSH): fields 1 and 2 do not name the separators")]
    BadSeparators,
    /// A line that does not begin a segment: mostly a stray line break inside a free-text field.
    #[error("line {line} is no segment: its fourth character is not the field separator")]
    NotASegment {
        /// Line of the text after framing and batch headers, from 1.
        line: usize,
    },
    /// A second `MSH`. Reading only the first message would lose the others without a trace.
    #[error("line {line} starts a second message")]
    SecondMessage {
        /// Line of the text after framing and batch headers, from 1.
        line: usize,
    },
}

/// A field of a message: segment name, place of the segment in the message, field number, and repetition if one is
/// meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// Segment name, such as `PID`.
    pub segment: Box<str>,
    /// Position of the segment among all segments of its message, from 1 (`MSH`).
    pub ordinal: usize,
    /// Field number as in the HL7 tables, from 1.
    pub field: usize,
    /// Which repetition of the field, from 1; `None`: the field as a whole.
    pub repetition: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.segment, self.field)?;
        if let Some(repetition) = self.repetition {
            write!(f, "[{repetition}]")?;
        }
        write!(f, " (segment {})", self.ordinal)
    }
}

/// Why a text is no HL7 timestamp.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TimestampError {
    /// Not between 4 and 24 characters.
    #[error("a timestamp has 4 to 24 characters")]
    Length,
    /// Not of the form `YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]`.
    #[error("not of the form YYYY[MM[DD[HH[MM[SS[.SSSS]]]]]][+/-ZZZZ]")]
    Form,
    /// A month or day that the calendar does not have.
    #[error("no such date")]
    Date,
    /// An hour, minute or second that the clock does not have.
    #[error("no such time of day")]
    Time,
    /// An offset from UTC of 24 hours or more, or with more than 59 minutes.
    #[error("no such offset from UTC")]
    Offset,
}

/// A timestamp field that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{place}: {problem}")]
pub struct BadTimestamp {
    /// Where it stands.
    pub place: Place,
    /// What is wrong with it.
    pub problem: TimestampError,
}
