//! Times of day without a zone.

use chrono::NaiveTime;

use super::super::{Fault, Reader, Scalar, Shape, Token, WireWriter};
use super::iso;

impl Scalar for NaiveTime {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.time(*self);
    }

    fn shape() -> Shape {
        Shape::Time
    }

    /// `[hour,minute]`, with second and nanosecond after them if need be, or ISO text.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let value = match token {
            Token::Array => match super::integers::<4>(reader)?.as_slice() {
                [hour, minute] => from_parts([*hour, *minute, 0, 0]),
                [hour, minute, second] => from_parts([*hour, *minute, *second, 0]),
                [hour, minute, second, nano] => from_parts([*hour, *minute, *second, *nano]),
                _ => None,
            },
            Token::Text => match reader.text()? {
                "" => return Ok(None),
                text => iso::time(text).filter(|(_, _, rest)| rest.is_empty()).map(|(time, _, _)| time),
            },
            other => return Err(Fault::kind("a time of day", other, at)),
        };
        value.map(Some).ok_or_else(|| Fault::unfit("a time of day", at))
    }
}

fn from_parts(parts: [i64; 4]) -> Option<NaiveTime> {
    let [hour, minute, second, nano] = parts.map(|part| u32::try_from(part).unwrap_or(u32::MAX));
    // More than a second's worth would be a leap second to the calendar, but is no time here.
    (nano < 1_000_000_000).then(|| NaiveTime::from_hms_nano_opt(hour, minute, second, nano)).flatten()
}

#[cfg(test)]
mod tests {
    use chrono::NaiveTime;

    use super::super::{read_alone, written};

    #[test]
    fn forms_of_a_time() {
        let cases = [
            ("09:05:00", "[9,5]"),
            ("09:05:07", "[9,5,7]"),
            ("09:05:07.008", "[9,5,7,8000000]"),
            ("09:05:00.5", "[9,5,0,500000000]"),
        ];
        for (iso, json) in cases {
            let time: NaiveTime = iso.parse().unwrap();
            assert_eq!(written(&time), json);
            assert_eq!(read_alone(json), Ok(Some(time)), "{json}");
            assert_eq!(read_alone(&format!("\"{iso}\"")), Ok(Some(time)), "{iso}");
        }
        assert_eq!(read_alone::<NaiveTime>("\"\""), Ok(None));
    }

    #[test]
    fn what_is_no_time() {
        for json in
            ["9", "[9]", "[]", "[24,0]", "[9,5,7,1000000000]", "\"9:05\"", "\"09:05:07Z\"", "[9,5,7,8,9]"]
        {
            assert!(read_alone::<NaiveTime>(json).is_err(), "{json}");
        }
    }
}
