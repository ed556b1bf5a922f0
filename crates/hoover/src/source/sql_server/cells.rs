//! Rows of the driver as cells in the order of the contract.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use tiberius::{ColumnData, FromSql, Row};

use crate::{
    cell::Cell,
    column::{Column, FoundColumn},
};

/// Where the columns of the contract are in the result.
#[derive(Debug)]
pub(super) struct Places(Vec<Option<usize>>);

impl Places {
    pub(super) fn new(expected: &[Column], found: &[FoundColumn]) -> Self {
        let place =
            |column: &Column| found.iter().position(|found| found.name.eq_ignore_ascii_case(column.name));
        Self(expected.iter().map(place).collect())
    }

    pub(super) fn cells(&self, row: Row) -> Vec<Cell> {
        let mut values: Vec<Option<ColumnData<'static>>> = row.into_iter().map(Some).collect();
        let mut take = |place: &Option<usize>| {
            let value = place.and_then(|place| values.get_mut(place)).and_then(Option::take);
            value.map_or(Cell::Null, cell)
        };
        self.0.iter().map(&mut take).collect()
    }
}

fn cell(data: ColumnData<'static>) -> Cell {
    let some = match data {
        ColumnData::U8(value) => value.map(|value| Cell::Whole(value.into())),
        ColumnData::I16(value) => value.map(|value| Cell::Whole(value.into())),
        ColumnData::I32(value) => value.map(|value| Cell::Whole(value.into())),
        ColumnData::I64(value) => value.map(Cell::Whole),
        ColumnData::F32(value) => value.map(|value| Cell::Float(value.into())),
        ColumnData::F64(value) => value.map(Cell::Float),
        ColumnData::Bit(value) => value.map(Cell::Bit),
        ColumnData::String(value) => value.map(|value| Cell::Text(value.into_owned())),
        ColumnData::Numeric(value) => value.map(|_| Cell::Other("decimal")),
        ColumnData::Guid(value) => value.map(|_| Cell::Other("uniqueidentifier")),
        ColumnData::Binary(value) => value.map(|_| Cell::Other("binary")),
        ColumnData::Xml(value) => value.map(|_| Cell::Other("xml")),
        ColumnData::Time(value) => value.map(|_| Cell::Other("time")),
        date @ ColumnData::Date(_) => read::<NaiveDate>(&date).map(Cell::Date),
        time @ (ColumnData::DateTime(_) | ColumnData::SmallDateTime(_) | ColumnData::DateTime2(_)) => {
            read::<NaiveDateTime>(&time).map(Cell::DateTime)
        }
        instant @ ColumnData::DateTimeOffset(_) => read::<DateTime<Utc>>(&instant).map(Cell::Instant),
    };
    some.unwrap_or(Cell::Null)
}

/// A time beyond the calendar cannot be read; where one is needed, its absence is an error of the row.
fn read<'d, T: FromSql<'d>>(data: &'d ColumnData<'static>) -> Option<T> {
    T::from_sql(data).ok().flatten()
}
