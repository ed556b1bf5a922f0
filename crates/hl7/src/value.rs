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

    /// The same without the blanks around it, which mean nothing in identifiers, codes, names, units and numbers:
    /// nothing but blanks is absent.
    #[must_use]
    pub fn trimmed(self) -> Self {
        let stripped = match self {
            Self::Absent | Self::Delete => return self,
            Self::Text(Cow::Borrowed(text)) => Cow::Borrowed(strip(text)),
            Self::Text(Cow::Owned(text)) if strip(&text).len() == text.len() => Cow::Owned(text),
            Self::Text(Cow::Owned(text)) => Cow::Owned(strip(&text).to_owned()),
        };
        if stripped == DELETE { Self::Delete } else { Self::from_unescaped(stripped) }
    }

    /// Whether this is exactly the given text.
    pub fn is(&self, text: &str) -> bool {
        self.as_text() == Some(text)
    }
}

/// Takes white space off both ends. Non-breaking spaces stay, the ASCII separators 1C to 1F go.
pub fn strip(text: &str) -> &str {
    // Most values begin and end with a letter or digit.
    let is_visible = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_graphic);
    if is_visible(text.as_bytes().first()) && is_visible(text.as_bytes().last()) {
        return text;
    }
    text.trim_matches(|c: char| match c {
        '\u{85}' | '\u{a0}' | '\u{2007}' | '\u{202f}' => false,
        '\u{1c}'..='\u{1f}' => true,
        _ => c.is_whitespace(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space() {
        assert_eq!(strip("\u{1f}\t DNACPR \u{2003}\r\n"), "DNACPR");
        assert_eq!(strip("\u{a0}x\u{202f}"), "\u{a0}x\u{202f}");
    }

    #[test]
    fn blanks_around_a_value() {
        assert_eq!(Value::text(" 7 ").trimmed(), Value::text("7"));
        assert!(matches!(Value::text(" 7 ").trimmed(), Value::Text(Cow::Borrowed("7"))));
        assert_eq!(Value::Text(Cow::Owned(" a b\t".to_owned())).trimmed(), Value::text("a b"));
        assert_eq!(Value::text(" \t").trimmed(), Value::Absent);
        assert_eq!(Value::text(" \"\"").trimmed(), Value::Delete);
        assert_eq!((Value::Absent.trimmed(), Value::Delete.trimmed()), (Value::Absent, Value::Delete));
    }
}
