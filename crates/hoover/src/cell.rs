//! Values of columns, and how a typed field is made of one.

use chrono::{DateTime, NaiveDate, NaiveDateTime, SubsecRound, Utc};
use emap_interchange::Instant;

/// A value of a column, as the driver gives it.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// `bit`, `boolean`
    Bit(bool),
    /// Whole numbers of any size.
    Whole(i64),
    /// `float`, `real`
    Float(f64),
    /// Texts of any kind.
    Text(String),
    /// `date`
    Date(NaiveDate),
    /// `datetime2`: a time without zone.
    DateTime(NaiveDateTime),
    /// A time with zone.
    Instant(DateTime<Utc>),
    /// A type that no query needs.
    Other(&'static str),
}

impl Cell {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bit(_) => "bit",
            Self::Whole(_) => "a whole number",
            Self::Float(_) => "float",
            Self::Text(_) => "text",
            Self::Date(_) => "date",
            Self::DateTime(_) => "datetime2",
            Self::Instant(_) => "datetimeoffset",
            Self::Other(name) => name,
        }
    }
}

/// A field that cannot be made of a cell: what was found instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unfit(pub &'static str);

/// A type of the fields of a row.
pub trait Field: Sized {
    /// Whether null is a value of it.
    const NULLABLE: bool = false;

    /// Makes it of a cell.
    ///
    /// # Errors
    /// When the cell holds another type, or null where none may be.
    fn from_cell(cell: Cell) -> Result<Self, Unfit>;
}

impl<T: Field> Field for Option<T> {
    const NULLABLE: bool = true;

    fn from_cell(cell: Cell) -> Result<Self, Unfit> {
        match cell {
            Cell::Null => Ok(None),
            cell => T::from_cell(cell).map(Some),
        }
    }
}

macro_rules! fields {
    ($($type:ty: $pattern:pat => $value:expr;)*) => {
        $(
            impl Field for $type {
                fn from_cell(cell: Cell) -> Result<Self, Unfit> {
                    match cell {
                        $pattern => Ok($value),
                        other => Err(Unfit(other.kind())),
                    }
                }
            }
        )*
    };
}

fields! {
    i64: Cell::Whole(number) => number;
    bool: Cell::Bit(flag) => flag;
    f64: Cell::Float(number) => number;
    String: Cell::Text(text) => text;
    NaiveDate: Cell::Date(date) => date;
    Local: Cell::DateTime(local) => Local(local);
}

impl Field for i32 {
    fn from_cell(cell: Cell) -> Result<Self, Unfit> {
        match cell {
            Cell::Whole(number) => Self::try_from(number).map_err(|_| Unfit("a number beyond int")),
            other => Err(Unfit(other.kind())),
        }
    }
}

/// A time of the hospital's clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Local(pub NaiveDateTime);

/// A time in UTC. Stored times have microseconds; finer digits would make a row newer than its own progress.
impl Field for Instant {
    fn from_cell(cell: Cell) -> Result<Self, Unfit> {
        match cell {
            Cell::DateTime(utc) => Ok(utc.and_utc().trunc_subsecs(6)),
            Cell::Instant(instant) => Ok(instant.trunc_subsecs(6)),
            other => Err(Unfit(other.kind())),
        }
    }
}
