//! Segments.

use crate::{
    error::{ParseError, Place},
    separators::Separators,
};

/// One segment of a message.
#[derive(Debug, Clone, Copy)]
pub struct Segment<'a> {
    line: &'a str,
    ordinal: usize,
    separators: Separators,
}

impl<'a> Segment<'a> {
    /// A segment from its line, without leading white space; `None` for lines too short to be one.
    pub(crate) fn of_line(
        line: &'a str,
        separators: Separators,
        ordinal: usize,
        number: usize,
    ) -> Result<Option<Self>, ParseError> {
        let fourth = match line.as_bytes() {
            [a, b, c, fourth, ..] if a.is_ascii() && b.is_ascii() && c.is_ascii() => Some(*fourth),
            [] | [_] | [_, _] => return Ok(None),
            [_, _, _] if line.is_ascii() => None,
            _ => match line.chars().nth(3) {
                Some(fourth) => Some(u8::try_from(fourth).unwrap_or(0)),
                None if line.chars().count() < 3 => return Ok(None),
                None => None,
            },
        };
        match fourth {
            Some(fourth) if fourth != separators.field => Err(ParseError::NotASegment { line: number }),
            _ => Ok(Some(Self { line, ordinal, separators })),
        }
    }

    /// The name, such as `PID`.
    pub fn name(&self) -> &'a str {
        self.line.split(char::from(self.separators.field)).next().unwrap_or_default()
    }

    /// Whether the segment has this name.
    pub fn is(&self, name: &str) -> bool {
        match self.line.as_bytes().strip_prefix(name.as_bytes()) {
            Some(rest) => rest.first().is_none_or(|&next| next == self.separators.field),
            None => false,
        }
    }

    /// Position among all segments of the message, from 1 (`MSH`).
    pub fn ordinal(&self) -> usize {
        self.ordinal
    }

    /// The segment as written in the message.
    pub fn raw(&self) -> &'a str {
        self.line
    }

    /// Separators of the message.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    pub(crate) fn place(&self, field: usize) -> Place {
        Place { segment: self.name().into(), ordinal: self.ordinal, field, repetition: None }
    }

    /// In `MSH` and its like the separator itself is field 1, so all others are one further on.
    pub(crate) fn has_separator_field(&self) -> bool {
        matches!(self.line.as_bytes().get(..3), Some(b"MSH" | b"FHS" | b"BHS"))
    }
}
