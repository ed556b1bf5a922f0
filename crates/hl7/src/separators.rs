//! The characters that structure a message.

use crate::error::ParseError;

/// Separators of one message, as its `MSH` names them. All are ASCII.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Separators {
    /// Between fields: MSH-1, mostly `|`.
    pub field: u8,
    /// Between components, mostly `^`.
    pub component: u8,
    /// Between repetitions, mostly `~`.
    pub repetition: u8,
    /// Around escape sequences, mostly `\`.
    pub escape: u8,
    /// Between subcomponents, mostly `&`.
    pub subcomponent: u8,
    /// Marks a truncated value (since HL7 v2.7), mostly `#`.
    pub truncation: Option<u8>,
}

impl Default for Separators {
    fn default() -> Self {
        Self {
            field: b'|',
            component: b'^',
            repetition: b'~',
            escape: b'\\',
            subcomponent: b'&',
            truncation: None,
        }
    }
}

impl Separators {
    /// Reads MSH-1 and MSH-2 from the first line of a message, which starts with `MSH`.
    ///
    /// Separators may coincide (a sender that escapes its own MSH-2 sends `^~\\&`); a value is always split first and
    /// unescaped then, so that does no harm.
    pub(crate) fn of_header(line: &str) -> Result<Self, ParseError> {
        let bytes = line.as_bytes();
        let (&field, rest) =
            bytes.get(3..).and_then(<[u8]>::split_first).ok_or(ParseError::HeaderTruncated)?;
        if rest.is_empty() {
            return Err(ParseError::HeaderTruncated);
        }
        let length = memchr::memchr(field, rest).unwrap_or(rest.len());
        let named = &rest[..length];
        if !field.is_ascii_punctuation() || !named.iter().all(u8::is_ascii_punctuation) {
            return Err(ParseError::BadSeparators);
        }
        match *named {
            [] => Err(ParseError::HeaderTruncated),
            [component, repetition, escape, subcomponent] => {
                Ok(Self { field, component, repetition, escape, subcomponent, truncation: None })
            }
            [component, repetition, escape, subcomponent, truncation] => {
                Ok(Self { field, component, repetition, escape, subcomponent, truncation: Some(truncation) })
            }
            _ => Err(ParseError::BadSeparators),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn four_or_five_characters() {
        assert_eq!(Separators::of_header("MSH|^~\\&|A"), Ok(Separators::default()));
        let five = Separators::of_header("MSH|^~\\&#|A").unwrap();
        assert_eq!(five.truncation, Some(b'#'));
        let unusual = Separators::of_header("MSH$*%!:$A").unwrap();
        assert_eq!((unusual.field, unusual.component, unusual.subcomponent), (b'$', b'*', b':'));
    }

    #[test]
    fn a_doubled_escape_character_is_accepted() {
        let doubled = Separators::of_header(r"MSH|^~\\&|A").unwrap();
        assert_eq!((doubled.escape, doubled.subcomponent), (b'\\', b'\\'));
    }

    #[test]
    fn wrong_ones_are_refused() {
        for line in ["MSH|^~|A", "MSH|^~\\&#!|A", "MSH ^~\\& A", "MSHé^~\\&é", "MSH|abcd|A", "MSH|^~\\é|A"]
        {
            assert_eq!(Separators::of_header(line), Err(ParseError::BadSeparators), "{line}");
        }
        for line in ["MSH", "MSH|", "MSH||A"] {
            assert_eq!(Separators::of_header(line), Err(ParseError::HeaderTruncated), "{line}");
        }
    }
}
