//! Text. Numbers, true and false are taken by their source text.

use super::super::{Fault, Reader, Scalar, Shape, Token, WireWriter};

impl Scalar for String {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.text(self);
    }

    fn shape() -> Shape {
        Shape::Text
    }

    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        match token {
            Token::Text => reader.text().map(|text| Some(text.to_owned())),
            Token::Number | Token::True | Token::False => reader.literal().map(|text| Some(text.to_owned())),
            other => Err(Fault::kind("a text", other, reader.offset())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_alone, written};

    #[test]
    fn reads_other_scalars_by_their_source_text() {
        for (json, text) in [("\"x\"", "x"), ("1.50", "1.50"), ("true", "true"), ("\"\"", ""), ("-0", "-0")] {
            assert_eq!(read_alone::<String>(json), Ok(Some(text.to_owned())), "{json}");
        }
        assert_eq!(read_alone::<String>("null"), Ok(None));
        for json in ["[]", "{}", "\"open", "\"\u{1}\""] {
            assert!(read_alone::<String>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn escapes_only_what_json_demands() {
        let text = "Zoë said \"no\\yes\"\n\u{1B}\u{7F}/😀".to_owned();
        assert_eq!(written(&text), "\"Zoë said \\\"no\\\\yes\\\"\\n\\u001B\u{7F}/😀\"");
        assert_eq!(read_alone::<String>(&written(&text)), Ok(Some(text)));
    }
}
