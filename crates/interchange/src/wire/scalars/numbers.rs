//! Whole numbers and floating point numbers.

use super::super::{Fault, Reader, Scalar, Shape, Token, Wire, WireWriter};

impl Scalar for i64 {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.whole(*self);
    }

    fn shape() -> Shape {
        Shape::Whole(Self::MIN, Self::MAX)
    }

    /// Also a quoted whole number; a fraction of a bare number is cut off.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let value = match token {
            Token::Number => truncated(reader.literal()?),
            Token::Text => match reader.text()?.trim() {
                "" => return Ok(None),
                text => text.parse().ok(),
            },
            other => return Err(Fault::kind("a whole number", other, at)),
        };
        value.map(Some).ok_or_else(|| Fault::unfit("a whole number of 64 bits", at))
    }
}

/// The value of a JSON number without its fraction, if it has a place in 64 bits.
fn truncated(number: &str) -> Option<i64> {
    if let Ok(whole) = number.parse() {
        return Some(whole);
    }
    if !number.contains(['.', 'e', 'E']) {
        return None;
    }
    let value = number.parse::<f64>().ok()?.trunc();
    // Two to the 63rd itself is too large; below it every float fits.
    #[allow(clippy::cast_possible_truncation)]
    (-9.223_372_036_854_776e18..9.223_372_036_854_776e18).contains(&value).then_some(value as i64)
}

/// A number that is always there: null counts as 0.
impl Wire for i32 {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.whole(i64::from(*self));
    }

    fn shape() -> Shape {
        Shape::Whole(Self::MIN.into(), Self::MAX.into())
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, Fault> {
        let at = reader.offset();
        let value: Option<i64> = Wire::read(reader)?;
        Self::try_from(value.unwrap_or_default()).map_err(|_| Fault::unfit("a whole number of 32 bits", at))
    }

    fn each_instant(&mut self, _change: &mut dyn FnMut(&mut crate::types::Instant)) {}
}

impl Scalar for f64 {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.number(*self);
    }

    fn shape() -> Shape {
        Shape::Number
    }

    /// Also a quoted number and the words for what is no finite number. Too large becomes infinite.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let value = match token {
            Token::Number => reader.literal()?.parse().ok(),
            Token::Text => match reader.text()?.trim() {
                "" => return Ok(None),
                text => quoted(text),
            },
            other => return Err(Fault::kind("a number", other, at)),
        };
        value.map(Some).ok_or_else(|| Fault::unfit("a number", at))
    }
}

fn quoted(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ if text.bytes().all(|byte| b"+-.0123456789eE".contains(&byte)) => text.parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{read_alone, written};

    #[test]
    fn whole_numbers() {
        for (json, value) in [("12", 12), ("\" 7 \"", 7), ("12.7", 12), ("-12.7", -12), ("1e3", 1000)] {
            assert_eq!(read_alone::<i64>(json), Ok(Some(value)), "{json}");
        }
        assert_eq!(read_alone::<i64>("\"\""), Ok(None));
        assert_eq!(read_alone::<i64>(&i64::MIN.to_string()), Ok(Some(i64::MIN)));
        for json in ["9223372036854775808", "1e19", "\"1.5\"", "\"x\"", "true", "[1]"] {
            assert!(read_alone::<i64>(json).is_err(), "{json}");
        }
    }

    #[test]
    fn floating_point_numbers() {
        for (json, value) in
            [("35", 35.0), ("\"2.5\"", 2.5), ("1e400", f64::INFINITY), ("\"-Infinity\"", f64::NEG_INFINITY)]
        {
            assert_eq!(read_alone::<f64>(json), Ok(Some(value)), "{json}");
        }
        assert!(read_alone::<f64>("\"NaN\"").unwrap().unwrap().is_nan());
        assert_eq!(read_alone::<f64>("\"\""), Ok(None));
        for json in ["true", "\"inf\"", "\"0x1F\"", "NaN", "[]"] {
            assert!(read_alone::<f64>(json).is_err(), "{json}");
        }
        assert_eq!(written(&f64::NEG_INFINITY), "\"-Infinity\"");
        assert_eq!(written(&90.0_f64), "90.0");
    }
}
