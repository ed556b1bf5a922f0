//! A value and its three states.

use std::borrow::Cow;

/// The value that HL7 writes to delete what the receiver has: two double quotes.
pub(crate) const DELETE: &str = "\"\"";

/// What a field, component or subcomponent says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    /// Nothing: the segment, field or component is missing or empty.
    Absent,
    /// The explicit `""`: the receiver is to delete what it has.
    Delete,
    /// A text, unescaped, never empty.
    Text(Cow<'a, str>),
}

impl<'a> Value<'a> {
    /// A borrowed text; the empty one is absent.
    pub fn text(text: &'a str) -> Self {
        Self::from_unescaped(Cow::Borrowed(text))
    }

    pub(crate) fn from_unescaped(text: Cow<'a, str>) -> Self {
        if text.is_empty() { Self::Absent } else { Self::Text(text) }
    }

    /// Whether nothing is said.
    pub fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }

    /// The text, if there is one; neither for an absent value nor for a delete.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Delete => None,
        }
    }

    /// What stands in the message: a text, or `""` literally for a delete.
    pub fn literal(self) -> Option<Cow<'a, str>> {
        match self {
            Self::Absent => None,
            Self::Delete => Some(Cow::Borrowed(DELETE)),
            Self::Text(text) => Some(text),
        }
    }

    /// Whether this is exactly the given text.
    pub fn is(&self, text: &str) -> bool {
        self.as_text() == Some(text)
    }
}
