//! True and false.

use super::super::{Fault, Reader, Scalar, Shape, Token, Wire, WireWriter};

impl Scalar for bool {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.truth(*self);
    }

    fn shape() -> Shape {
        Shape::Truth
    }

    /// Also numbers (0 is false), the words in three spellings, and in YAML its old words.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let from_yaml = reader.is_from_yaml();
        let value = match token {
            Token::True | Token::False => {
                reader.literal()?;
                Some(token == Token::True)
            }
            Token::Number => reader.literal()?.parse::<f64>().ok().map(|number| number != 0.0),
            Token::Text => match reader.text()?.trim() {
                "" => return Ok(None),
                "true" | "True" | "TRUE" => Some(true),
                "false" | "False" | "FALSE" => Some(false),
                word if from_yaml => yaml_word(word),
                _ => None,
            },
            other => return Err(Fault::kind("true or false", other, at)),
        };
        value.map(Some).ok_or_else(|| Fault::unfit("true or false", at))
    }
}

fn yaml_word(word: &str) -> Option<bool> {
    match word {
        "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}

/// A flag that is never null: null means false.
impl Wire for bool {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.truth(*self);
    }

    fn shape() -> Shape {
        Shape::Truth
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let value: Option<Self> = Wire::read(reader)?;
        Ok(value.unwrap_or(false))
    }

    fn each_instant(&mut self, _change: &mut dyn FnMut(&mut crate::types::Instant)) {}
}

#[cfg(test)]
mod tests {
    use super::super::super::{Reader, Wire};
    use super::super::read_alone;

    #[test]
    fn words_and_numbers() {
        for (json, value) in [("true", true), ("\"FALSE\"", false), ("0", false), ("7", true), ("0.0", false)]
        {
            assert_eq!(read_alone::<bool>(json), Ok(Some(value)), "{json}");
        }
        assert_eq!(read_alone::<bool>("\"\""), Ok(None));
        for json in ["\"yes\"", "\"tRUE\"", "[]"] {
            assert!(read_alone::<bool>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn yaml_has_more_words() {
        assert_eq!(Wire::read(&mut Reader::from_yaml(b"\"Off\"")).ok(), Some(Some(false)));
        assert_eq!(Wire::read(&mut Reader::from_yaml(b"\"yes\"")).ok(), Some(Some(true)));
    }

    #[test]
    fn a_flag_that_is_null_is_false() {
        assert_eq!(<bool as Wire>::read(&mut Reader::json(b"null")).ok(), Some(false));
        assert_eq!(<bool as Wire>::read(&mut Reader::json(b"\"\"")).ok(), Some(false));
        assert_eq!(<bool as Wire>::read(&mut Reader::json(b"true")).ok(), Some(true));
    }
}
