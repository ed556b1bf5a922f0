//! Access to the fields of a segment.

use std::cell::Cell;

use memchr::memchr;

use crate::{field::Field, segment::Segment};

impl<'a> Segment<'a> {
    /// One field; to read several, [`Segment::fields`] is faster.
    pub fn field(&self, number: usize) -> Field<'a> {
        self.fields().field(number)
    }

    /// Access to the fields.
    pub fn fields(&self) -> Fields<'a> {
        Fields { segment: Some(*self), reached: Cell::new((0, 0)) }
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
                0 | 1 => return Field::new(segment, number, segment.raw().get(3..4).unwrap_or_default()),
                _ => number - 1,
            }
        } else {
            number
        };
        Field::new(segment, number, self.text_after(segment, wanted).unwrap_or_default())
    }

    /// The segment as it stands in the message; empty if the message does not have it.
    pub fn raw(&self) -> &'a str {
        self.segment.map_or("", |segment| segment.raw())
    }

    /// Number of the last field that the segment has, even an empty one.
    pub fn len(&self) -> usize {
        let Some(segment) = self.segment else { return 0 };
        let separators = memchr::memchr_iter(segment.separators().field, segment.raw().as_bytes()).count();
        separators + usize::from(segment.has_separator_field())
    }

    /// Whether there is no field at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text between the separators `wanted` and `wanted + 1`.
    fn text_after(&self, segment: Segment<'a>, wanted: usize) -> Option<&'a str> {
        let bytes = segment.raw().as_bytes();
        let (mut passed, mut start) = self.reached.get();
        if passed > wanted {
            (passed, start) = (0, 0);
        }
        while passed < wanted {
            start += memchr(segment.separators().field, &bytes[start..])? + 1;
            passed += 1;
        }
        self.reached.set((passed, start));
        let length = memchr(segment.separators().field, &bytes[start..]).unwrap_or(bytes.len() - start);
        Some(&segment.raw()[start..start + length])
    }
}
