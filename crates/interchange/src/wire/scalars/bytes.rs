//! Bytes, such as a report in PDF.

use std::borrow::Cow;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::super::{Fault, Reader, Scalar, Shape, Token, WireWriter};

impl Scalar for Vec<u8> {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.bytes(self);
    }

    fn shape() -> Shape {
        Shape::Bytes
    }

    /// Base64 with padding, which may be wrapped into lines, or a list of numbers of which those below zero stand for
    /// 128 to 255.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        match token {
            Token::Text => {
                let decoded = STANDARD.decode(unwrapped(reader.text()?)).ok();
                decoded.map(Some).ok_or_else(|| Fault::unfit("base64", at))
            }
            Token::Array => from_list(reader).map(Some),
            other => Err(Fault::kind("bytes", other, at)),
        }
    }
}

/// The text without its line ends and blanks.
fn unwrapped(text: &str) -> Cow<'_, [u8]> {
    let bytes = text.as_bytes();
    if bytes.iter().any(u8::is_ascii_whitespace) {
        bytes.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect()
    } else {
        bytes.into()
    }
}

fn from_list(reader: &mut Reader<'_>) -> Result<Vec<u8>, Fault> {
    let mut bytes = Vec::new();
    reader.elements(|reader, index| {
        let at = reader.offset();
        let value = super::integer(reader).map_err(|fault| fault.at_index(index))?;
        let byte = u8::try_from(value).or_else(|_| i8::try_from(value).map(i8::cast_unsigned));
        bytes.push(byte.map_err(|_| Fault::unfit("a byte", at).at_index(index))?);
        Ok(())
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::super::{read_alone, written};

    #[test]
    fn forms_of_bytes() {
        let bytes = vec![37, 80, 196, 255];
        assert_eq!(written(&bytes), "\"JVDE/w==\"");
        for json in ["\"JVDE/w==\"", "[37,80,-60,-1]", "[37,80,196,255]"] {
            assert_eq!(read_alone(json), Ok(Some(bytes.clone())), "{json}");
        }
        assert_eq!(read_alone::<Vec<u8>>("\"\""), Ok(Some(Vec::new())));
        assert_eq!(read_alone::<Vec<u8>>("[]"), Ok(Some(Vec::new())));
    }

    #[test]
    fn base64_may_be_wrapped() {
        let bytes: Vec<u8> = (0..=255).collect();
        let text = written(&bytes);
        let text = text.trim_matches('"');
        for (width, end) in [(76, "\\r\\n"), (64, "\\n"), (1, "\\r"), (5, " "), (4, "\\t")] {
            let lines: Vec<_> =
                text.as_bytes().chunks(width).map(|line| str::from_utf8(line).unwrap()).collect();
            for wrapped in [lines.join(end), format!("{end}{}{end}", lines.join(end))] {
                assert_eq!(read_alone(&format!("\"{wrapped}\"")), Ok(Some(bytes.clone())), "{wrapped}");
            }
        }
        assert_eq!(read_alone::<Vec<u8>>("\" \\r\\n\""), Ok(Some(Vec::new())));
    }

    #[test]
    fn what_is_no_bytes() {
        for json in [
            "\"JVDE/w\"",
            "\"JVDE\\u00a0/w==\"",
            "\"JVDE_w==\"",
            "[256]",
            "[-129]",
            "[1.5]",
            "[\"1\"]",
            "7",
            "{}",
        ] {
            assert!(read_alone::<Vec<u8>>(json).is_err(), "{json}");
        }
    }
}
