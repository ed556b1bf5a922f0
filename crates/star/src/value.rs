//! One column's value, for those who show or compare what is stored.

use std::fmt::{self, Display};

use chrono::{DateTime, NaiveDate, NaiveDateTime, SecondsFormat, TimeDelta, Utc};

use crate::id::Id;

/// A point in time as the star schema keeps it: UTC, microseconds.
pub type Instant = DateTime<Utc>;

/// The next instant that the star schema can tell from this one.
pub fn just_after(instant: Instant) -> Instant {
    instant.checked_add_signed(TimeDelta::microseconds(1)).unwrap_or(instant)
}

/// One column's value; it displays as people write it.
#[derive(Debug, Clone, Copy, PartialEq)]
#[expect(missing_docs, reason = "the types say it all")]
pub enum Value<'r> {
    Null,
    Integer(i64),
    Real(f64),
    Truth(bool),
    Text(&'r str),
    Bytes(&'r [u8]),
    Date(NaiveDate),
    Instant(Instant),
    /// A point in time whose column has no zone; UTC.
    Timestamp(NaiveDateTime),
}

impl Display for Value<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Integer(number) => number.fmt(f),
            Self::Real(number) => number.fmt(f),
            Self::Truth(truth) => truth.fmt(f),
            Self::Text(text) => f.write_str(text),
            Self::Bytes(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
            Self::Date(date) => date.fmt(f),
            Self::Instant(at) => f.write_str(&at.to_rfc3339_opts(SecondsFormat::AutoSi, true)),
            Self::Timestamp(at) => at.fmt(f),
        }
    }
}

/// A column that can be looked at.
pub(crate) trait ShownColumn {
    fn value(&self) -> Value<'_>;
}

/// Column types and how they are shown.
macro_rules! shown {
    ($($column:ty: $value:ident => $shown:expr,)*) => {
        $(impl ShownColumn for $column {
            fn value(&self) -> Value<'_> {
                let $value = self;
                $shown
            }
        })*
    };
}

shown! {
    i64: value => Value::Integer(*value),
    f64: value => Value::Real(*value),
    bool: value => Value::Truth(*value),
    String: value => Value::Text(value),
    Vec<u8>: value => Value::Bytes(value),
    NaiveDate: value => Value::Date(*value),
    Instant: value => Value::Instant(*value),
    NaiveDateTime: value => Value::Timestamp(*value),
}

impl<R> ShownColumn for Id<R> {
    fn value(&self) -> Value<'_> {
        Value::Integer(self.number())
    }
}

impl<T: ShownColumn> ShownColumn for Option<T> {
    fn value(&self) -> Value<'_> {
        self.as_ref().map_or(Value::Null, ShownColumn::value)
    }
}

#[cfg(test)]
mod tests {
    use super::{ShownColumn, Value};

    #[test]
    fn values_read_as_people_write_them() {
        let noon: crate::Instant = "2031-03-02T12:00:00Z".parse().unwrap();
        assert_eq!(noon.value().to_string(), "2031-03-02T12:00:00Z");
        assert_eq!(noon.date_naive().value().to_string(), "2031-03-02");
        assert_eq!(vec![0_u8, 0xAB].value().to_string(), "00ab");
        assert_eq!(None::<i64>.value(), Value::Null);
        assert_eq!(Some("W1".to_owned()).value(), Value::Text("W1"));
    }
}
