//! How one column's value travels into PostgreSQL's binary `COPY` format, and how it serves as a look-up key.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::sql_types::{BigInt, Text, Timestamptz};

use crate::id::Id;

/// Seconds between the Unix epoch and PostgreSQL's own (2000-01-01T00:00:00Z).
const POSTGRES_EPOCH_SECONDS: i64 = 946_684_800;
/// Days from 0001-01-01 to PostgreSQL's epoch, in chrono's count (day 1 = 0001-01-01).
const POSTGRES_EPOCH_DAY: i32 = 730_120;

/// A value that can stand in a row sent by binary `COPY`.
pub(crate) trait CopyColumn {
    /// Appends the field: a big-endian length, then the value; length -1 for null.
    fn copy_to(&self, out: &mut Vec<u8>);
}

fn field<const N: usize>(out: &mut Vec<u8>, bytes: [u8; N]) {
    length(out, N);
    out.extend_from_slice(&bytes);
}

fn length(out: &mut Vec<u8>, bytes: usize) {
    // PostgreSQL refuses fields of 1 GiB and more long before this saturates.
    out.extend_from_slice(&i32::try_from(bytes).unwrap_or(i32::MAX).to_be_bytes());
}

impl CopyColumn for i64 {
    fn copy_to(&self, out: &mut Vec<u8>) {
        field(out, self.to_be_bytes());
    }
}

impl<R> CopyColumn for Id<R> {
    fn copy_to(&self, out: &mut Vec<u8>) {
        self.number().copy_to(out);
    }
}

impl CopyColumn for bool {
    fn copy_to(&self, out: &mut Vec<u8>) {
        field(out, [u8::from(*self)]);
    }
}

impl CopyColumn for f64 {
    fn copy_to(&self, out: &mut Vec<u8>) {
        field(out, self.to_be_bytes());
    }
}

impl CopyColumn for String {
    fn copy_to(&self, out: &mut Vec<u8>) {
        length(out, self.len());
        out.extend_from_slice(self.as_bytes());
    }
}

impl CopyColumn for Vec<u8> {
    fn copy_to(&self, out: &mut Vec<u8>) {
        length(out, self.len());
        out.extend_from_slice(self);
    }
}

impl CopyColumn for NaiveDate {
    fn copy_to(&self, out: &mut Vec<u8>) {
        use chrono::Datelike;
        field(out, (self.num_days_from_ce() - POSTGRES_EPOCH_DAY).to_be_bytes());
    }
}

impl CopyColumn for NaiveDateTime {
    fn copy_to(&self, out: &mut Vec<u8>) {
        self.and_utc().copy_to(out);
    }
}

impl CopyColumn for DateTime<Utc> {
    fn copy_to(&self, out: &mut Vec<u8>) {
        let micros = self.timestamp_micros().saturating_sub(POSTGRES_EPOCH_SECONDS * 1_000_000);
        field(out, micros.to_be_bytes());
    }
}

impl<T: CopyColumn> CopyColumn for Option<T> {
    fn copy_to(&self, out: &mut Vec<u8>) {
        match self {
            Some(value) => value.copy_to(out),
            None => out.extend_from_slice(&(-1_i32).to_be_bytes()),
        }
    }
}

/// Whether two versions of a row have the same value in a column.
///
/// Numbers are compared as PostgreSQL compares them: NaN equals NaN, so that a repeated NaN changes nothing.
pub(crate) trait SameColumn {
    /// The values are the same.
    fn is_same(&self, other: &Self) -> bool;
}

impl SameColumn for f64 {
    #[expect(clippy::float_cmp, reason = "the same value is meant, not one nearby")]
    fn is_same(&self, other: &Self) -> bool {
        self == other || (self.is_nan() && other.is_nan())
    }
}

impl<T: SameColumn> SameColumn for Option<T> {
    fn is_same(&self, other: &Self) -> bool {
        match (self, other) {
            (Some(value), Some(other)) => value.is_same(other),
            (None, None) => true,
            _ => false,
        }
    }
}

impl<R> SameColumn for Id<R> {
    fn is_same(&self, other: &Self) -> bool {
        self == other
    }
}

/// Types whose own comparison is meant.
macro_rules! compared_as_they_are {
    ($($column:ty,)*) => {
        $(impl SameColumn for $column {
            fn is_same(&self, other: &Self) -> bool {
                self == other
            }
        })*
    };
}

compared_as_they_are! {
    i64,
    bool,
    String,
    Vec<u8>,
    NaiveDate,
    NaiveDateTime,
    DateTime<Utc>,
}

/// A column by which rows are looked up.
pub(crate) trait KeyColumn {
    /// The key without its "may be null" part.
    type Key;
    /// Its type in the database.
    type Sql;
    /// The key of this row, or none where the column is null: null finds nothing, as in SQL.
    fn key(&self) -> Option<Self::Key>;
    /// The key as a text, if it is one.
    fn key_text(&self) -> Option<&str> {
        None
    }
}

/// Types of key columns, and how the database calls them.
macro_rules! key_columns {
    ($($key:ty: $sql:ty $(, $text:ident)?;)*) => {
        $(impl KeyColumn for $key {
            type Key = Self;
            type Sql = $sql;
            fn key(&self) -> Option<Self> {
                Some(self.clone())
            }
            $(fn key_text(&self) -> Option<&str> {
                Some(self.$text())
            })?
        })*
    };
}

key_columns! {
    i64: BigInt;
    String: Text, as_str;
    DateTime<Utc>: Timestamptz;
}

impl<R> KeyColumn for Id<R> {
    type Key = Self;
    type Sql = BigInt;
    fn key(&self) -> Option<Self> {
        Some(*self)
    }
}

impl<T: KeyColumn> KeyColumn for Option<T> {
    type Key = T::Key;
    type Sql = T::Sql;
    fn key(&self) -> Option<T::Key> {
        self.as_ref().and_then(KeyColumn::key)
    }
}

/// Text columns are checked before they reach the database, so that one over-long text fails its own message alone.
pub(crate) trait TextColumn {
    /// The text, if the column holds one.
    fn text(&self) -> Option<&str>;
}

impl TextColumn for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl TextColumn for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn bytes(value: &impl CopyColumn) -> Vec<u8> {
        let mut out = Vec::new();
        value.copy_to(&mut out);
        out
    }

    #[test]
    fn postgres_epoch_is_zero() {
        let epoch = Utc.with_ymd_and_hms(2000, 1, 1, 0, 0, 0).unwrap();
        assert_eq!(bytes(&epoch), [0, 0, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0]);
        assert_eq!(bytes(&epoch.date_naive()), [0, 0, 0, 4, 0, 0, 0, 0]);
    }

    #[test]
    fn no_number_is_the_same_as_no_number() {
        assert!(f64::NAN.is_same(&-f64::NAN) && Some(f64::NAN).is_same(&Some(f64::NAN)));
        assert!(!Some(f64::NAN).is_same(&Some(0.0)) && !Some(f64::NAN).is_same(&None));
        assert!(!0.5.is_same(&f64::NAN) && 0.5.is_same(&0.5));
    }

    #[test]
    fn null_has_length_minus_one() {
        assert_eq!(bytes(&None::<String>), [255, 255, 255, 255]);
        assert_eq!(bytes(&Some("é".to_owned())), [0, 0, 0, 2, 0xC3, 0xA9]);
    }
}
