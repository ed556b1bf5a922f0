//! Fields, repetitions, components and subcomponents: slices of the message, split when they are needed.

use memchr::{memchr, memchr3};

use crate::{
    error::{BadTimestamp, Place},
    escape,
    segment::Segment,
    separators::Separators,
    timestamp::Timestamp,
    value::{DELETE, Value, strip},
};

/// A field with all its repetitions.
#[derive(Debug, Clone, Copy)]
pub struct Field<'a> {
    segment: Option<Segment<'a>>,
    number: usize,
    text: &'a str,
}

impl<'a> Field<'a> {
    pub(crate) fn new(segment: Segment<'a>, number: usize, text: &'a str) -> Self {
        Self { segment: Some(segment), number, text }
    }

    pub(crate) fn absent(number: usize) -> Self {
        Self { segment: None, number, text: "" }
    }

    /// The field as written in the message.
    pub fn raw(&self) -> &'a str {
        self.text
    }

    /// Whether it is missing or has no character.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// First subcomponent of the first component of the first repetition.
    pub fn value(&self) -> Value<'a> {
        let separators = self.separators();
        value_of(self.first_text(separators), separators)
    }

    /// A component of the first repetition, from 1.
    pub fn component(&self, number: usize) -> Component<'a> {
        self.repetition(1).component(number)
    }

    /// The repetition with a number, from 1.
    pub fn repetition(&self, number: usize) -> Repetition<'a> {
        let separators = self.separators();
        Repetition { text: part(self.text, separators.repetition, number), separators }
    }

    /// All repetitions, empty ones too; none if the field is empty.
    pub fn repetitions(&self) -> Repetitions<'a> {
        let rest = Some(self.text).filter(|text| !text.is_empty());
        Repetitions { rest, separators: self.separators() }
    }

    /// The first value as a timestamp, blanks around it or not. `None` for an absent value and for `""`: ask
    /// [`Field::value`] which it is where that matters.
    pub fn timestamp(&self) -> Result<Option<Timestamp>, BadTimestamp> {
        let value = self.value().trimmed();
        let timestamp = value.as_text().map(Timestamp::parse).transpose();
        timestamp.map_err(|problem| BadTimestamp { place: self.place(), problem })
    }

    /// Where the field stands, for error texts.
    pub fn place(&self) -> Place {
        match self.segment {
            Some(segment) => segment.place(self.number),
            None => Place { segment: "?".into(), ordinal: 0, field: self.number, repetition: None },
        }
    }

    fn separators(&self) -> Separators {
        self.segment.map_or_else(Separators::default, |segment| segment.separators())
    }

    fn first_text(&self, separators: Separators) -> &'a str {
        let Separators { component, repetition, subcomponent, .. } = separators;
        let end = memchr3(component, repetition, subcomponent, self.text.as_bytes());
        &self.text[..end.unwrap_or(self.text.len())]
    }
}

/// Iterator over the repetitions of a field.
#[derive(Debug, Clone)]
pub struct Repetitions<'a> {
    rest: Option<&'a str>,
    separators: Separators,
}

impl<'a> Iterator for Repetitions<'a> {
    type Item = Repetition<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = next_part(&mut self.rest, self.separators.repetition)?;
        Some(Repetition { text, separators: self.separators })
    }
}

/// One repetition of a field.
#[derive(Debug, Clone, Copy)]
pub struct Repetition<'a> {
    text: &'a str,
    separators: Separators,
}

impl<'a> Repetition<'a> {
    /// The repetition as written in the message.
    pub fn raw(&self) -> &'a str {
        self.text
    }

    /// First subcomponent of the first component.
    pub fn value(&self) -> Value<'a> {
        self.component(1).value()
    }

    /// The component with a number, from 1.
    pub fn component(&self, number: usize) -> Component<'a> {
        let text = part(self.text, self.separators.component, number);
        Component { text, separators: self.separators }
    }

    /// Whether it has no content: at most separators.
    pub fn is_empty(&self) -> bool {
        self.components().all(|component| component.whole().is_absent())
    }

    /// Whether it has no content but blanks.
    pub fn is_blank(&self) -> bool {
        self.components().all(|component| component.whole().trimmed().is_absent())
    }

    /// All components, empty ones too; none if the repetition is empty.
    pub fn components(&self) -> Components<'a> {
        let rest = Some(self.text).filter(|text| !text.is_empty());
        Components { rest, separators: self.separators }
    }
}

/// Iterator over the components of a repetition.
#[derive(Debug, Clone)]
pub struct Components<'a> {
    rest: Option<&'a str>,
    separators: Separators,
}

impl<'a> Iterator for Components<'a> {
    type Item = Component<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        let text = next_part(&mut self.rest, self.separators.component)?;
        Some(Component { text, separators: self.separators })
    }
}

/// One component with all its subcomponents.
#[derive(Debug, Clone, Copy)]
pub struct Component<'a> {
    text: &'a str,
    separators: Separators,
}

impl<'a> Component<'a> {
    /// The component as written in the message.
    pub fn raw(&self) -> &'a str {
        self.text
    }

    /// The first subcomponent.
    pub fn value(&self) -> Value<'a> {
        self.subcomponent(1)
    }

    /// The subcomponent with a number, from 1.
    pub fn subcomponent(&self, number: usize) -> Value<'a> {
        value_of(part(self.text, self.separators.subcomponent, number), self.separators)
    }

    /// All subcomponents, empty ones too; none if the component is empty.
    pub fn subcomponents(&self) -> impl Iterator<Item = Value<'a>> + use<'a> {
        let separators = self.separators;
        let mut rest = Some(self.text).filter(|text| !text.is_empty());
        std::iter::from_fn(move || Some(value_of(next_part(&mut rest, separators.subcomponent)?, separators)))
    }

    /// The whole component as one text: a subcomponent separator in it is part of the text, as it is in the
    /// primitive data types. Separators with nothing but blanks behind them are not.
    pub fn whole(&self) -> Value<'a> {
        let mut text = self.text;
        while let Some((before, last)) = text.rsplit_once(char::from(self.separators.subcomponent))
            && strip(last).is_empty()
        {
            text = before;
        }
        value_of(text, self.separators)
    }
}

fn value_of(text: &str, separators: Separators) -> Value<'_> {
    match text {
        "" => Value::Absent,
        DELETE => Value::Delete,
        _ => Value::from_unescaped(escape::unescape(text, separators)),
    }
}

/// The part with a number, from 1; empty if there are fewer.
fn part(text: &str, separator: u8, number: usize) -> &str {
    let mut rest = Some(text);
    for _ in 1..number {
        if next_part(&mut rest, separator).is_none() {
            return "";
        }
    }
    next_part(&mut rest, separator).unwrap_or_default()
}

fn next_part<'a>(rest: &mut Option<&'a str>, separator: u8) -> Option<&'a str> {
    let text = rest.take()?;
    match memchr(separator, text.as_bytes()) {
        Some(end) => {
            *rest = Some(&text[end + 1..]);
            Some(&text[..end])
        }
        None => Some(text),
    }
}
