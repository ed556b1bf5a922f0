//! Access to the fields of a segment.

use std::cell::Cell;

use memchr::memchr;

use crate::{field::Field, segment::Segment, value::Value};

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

    /// What stands in the fields from one on. Blanks, and separators with nothing behind them, make no difference; so
    /// two segments that say the same are equal.
    pub fn content_from(&self, first: usize) -> Vec<Vec<Vec<Value<'a>>>> {
        filled((first..=self.len()).map(|number| {
            let repetitions = self.field(number).repetitions();
            filled(repetitions.map(|repetition| {
                let components = repetition.components().map(|component| component.whole().trimmed());
                without_empty_end(components, Value::is_absent)
            }))
        }))
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

fn filled<T>(parts: impl Iterator<Item = Vec<T>>) -> Vec<Vec<T>> {
    without_empty_end(parts, Vec::is_empty)
}

fn without_empty_end<T>(parts: impl Iterator<Item = T>, is_empty: impl Fn(&T) -> bool) -> Vec<T> {
    let mut parts: Vec<T> = parts.collect();
    let filled = parts.iter().rposition(|part| !is_empty(part)).map_or(0, |last| last + 1);
    parts.truncate(filled);
    parts
}
