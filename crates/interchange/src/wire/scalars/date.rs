//! Calendar dates.

use chrono::{Datelike, NaiveDate, TimeDelta};

use super::super::{Fault, Reader, Scalar, Shape, Token, WireWriter};
use super::iso;

impl Scalar for NaiveDate {
    fn write<W: WireWriter>(&self, writer: &mut W) {
        writer.date(*self);
    }

    fn shape() -> Shape {
        Shape::Date
    }

    /// `[year,month,day]`, ISO text (a time in it is dropped), or days since 1970.
    fn read(reader: &mut Reader<'_>, token: Token) -> Result<Option<Self>, Fault> {
        let at = reader.offset();
        let value = match token {
            Token::Array => match super::integers::<3>(reader)?.as_slice() {
                [] => return Ok(None),
                [year, month, day] => from_parts(*year, *month, *day),
                _ => None,
            },
            Token::Text => match reader.text()?.trim() {
                "" => return Ok(None),
                text => from_text(text),
            },
            Token::Number => reader.literal()?.parse().ok().and_then(from_epoch_day),
            other => return Err(Fault::kind("a date", other, at)),
        };
        let value = value.ok_or_else(|| Fault::unfit("a date", at))?;
        if iso::YEARS.contains(&value.year()) {
            Ok(Some(value))
        } else {
            Err(Fault::unfit("a date that a database can hold", at))
        }
    }
}

fn from_parts(year: i64, month: i64, day: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?)
}

fn from_text(text: &str) -> Option<NaiveDate> {
    let (date, rest) = iso::date(text)?;
    let Some(time) = rest.strip_prefix('T') else { return rest.is_empty().then_some(date) };
    let (_, _, rest) = iso::time(time)?;
    matches!(rest, "" | "Z").then_some(date)
}

fn from_epoch_day(days: i64) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(1970, 1, 1)?.checked_add_signed(TimeDelta::try_days(days)?)
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;

    use super::super::{read_alone, written};

    #[test]
    fn forms_of_a_date() {
        let date = NaiveDate::from_ymd_opt(1958, 11, 30).unwrap();
        assert_eq!(written(&date), "[1958,11,30]");
        for json in
            ["[1958,11,30]", "\"1958-11-30\"", "\" 1958-11-30T10:00:00Z\"", "\"1958-11-30T10:00\"", "-4050"]
        {
            assert_eq!(read_alone::<NaiveDate>(json), Ok(Some(date)), "{json}");
        }
        for json in ["\"\"", "[]", "null"] {
            assert_eq!(read_alone::<NaiveDate>(json), Ok(None), "{json}");
        }
    }

    #[test]
    fn what_is_no_date() {
        let wrong = [
            "[1958,11]",
            "[1958,11,30,1]",
            "[\"1958\",11,30]",
            "\"19581130\"",
            "[1958,2,30]",
            "true",
            "1e99",
            "[1958,-1,1]",
            "\"1958-11-30x\"",
            "{}",
            "[1958,11,30",
        ];
        for json in wrong {
            assert!(read_alone::<NaiveDate>(json).is_err(), "{json}");
        }
    }
}
