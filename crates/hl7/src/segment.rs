//! Segments and their fields.

use std::cell::Cell;

use memchr::memchr;

use crate::{Field, ParseError, Place, Separators};

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

    /// The segment as it stands in the message.
    pub fn raw(&self) -> &'a str {
        self.line
    }

    /// Separators of the message.
    pub fn separators(&self) -> Separators {
        self.separators
    }

    /// One field; to read several, [`Segment::fields`] is faster.
    pub fn field(&self, number: usize) -> Field<'a> {
        self.fields().field(number)
    }

    /// Access to the fields.
    pub fn fields(&self) -> Fields<'a> {
        Fields { segment: Some(*self), reached: Cell::new((0, 0)) }
    }

    pub(crate) fn place(&self, field: usize) -> Place {
        Place { segment: self.name().into(), ordinal: self.ordinal, field }
    }

    /// In `MSH` and its like the separator itself is field 1, so all others are one further on.
    fn has_separator_field(&self) -> bool {
        matches!(self.line.as_bytes().get(..3), Some(b"MSH" | b"FHS" | b"BHS"))
    }
}

/// Fields of a segment. Reading them in ascending order is one pass over the segment.
#[derive(Debug, Clone)]
pub struct Fields<'a> {
    segment: Option<Segment<'a>>,
    /// How many separators were passed, and where the text after the last of them starts.
    reached: Cell<(usize, usize)>,
}

impl<'a> Fields<'a> {
    /// Fields of a segment that the message does not have: all are absent.
    pub fn missing() -> Self {
        Self { segment: None, reached: Cell::new((0, 0)) }
    }

    /// Whether the message has the segment.
    pub fn is_present(&self) -> bool {
        self.segment.is_some()
    }

    /// The field with a number as in the HL7 tables, from 1. Absent if the segment ends before it.
    pub fn field(&self, number: usize) -> Field<'a> {
        let Some(segment) = self.segment else { return Field::absent(number) };
        let wanted = if segment.has_separator_field() {
            match number {
                0 | 1 => return Field::new(segment, number, segment.line.get(3..4).unwrap_or_default()),
                _ => number - 1,
            }
        } else {
            number
        };
        Field::new(segment, number, self.text_after(segment, wanted).unwrap_or_default())
    }

    /// Number of the last field that the segment has, even an empty one.
    pub fn len(&self) -> usize {
        let Some(segment) = self.segment else { return 0 };
        let separators = memchr::memchr_iter(segment.separators.field, segment.line.as_bytes()).count();
        separators + usize::from(segment.has_separator_field())
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text between the separators `wanted` and `wanted + 1`.
    fn text_after(&self, segment: Segment<'a>, wanted: usize) -> Option<&'a str> {
        let bytes = segment.line.as_bytes();
        let (mut passed, mut start) = self.reached.get();
        if passed > wanted {
            (passed, start) = (0, 0);
        }
        while passed < wanted {
            start += memchr(segment.separators.field, &bytes[start..])? + 1;
            passed += 1;
        }
        self.reached.set((passed, start));
        let length = memchr(segment.separators.field, &bytes[start..]).unwrap_or(bytes.len() - start);
        Some(&segment.line[start..start + length])
    }
}
