//! Typed rows: a struct whose fields are the columns of a query, declared once.

use crate::{cell::Cell, column::Column};

/// A row of the result of a query.
pub trait Row: Sized + Send + 'static {
    /// The columns, in the order of the cells.
    const COLUMNS: &'static [Column];

    /// Makes a row of the cells of [`COLUMNS`](Self::COLUMNS).
    ///
    /// # Errors
    /// When a cell does not fit its column.
    fn from_cells(cells: Vec<Cell>) -> Result<Self, RowError>;
}

/// A row that cannot be read: the first cell, usually the key, and the column at fault.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("row {row}: column {column}: expected {expected}, found {found}")]
pub struct RowError {
    /// The row's number, the value of its first column.
    pub row: String,
    /// The column.
    pub column: &'static str,
    /// The type that it should have.
    pub expected: String,
    /// What it has.
    pub found: &'static str,
}

/// A text for the key of a row, for logs.
pub(crate) fn key_text(cell: Option<&Cell>) -> String {
    match cell {
        Some(Cell::Whole(number)) => number.to_string(),
        Some(Cell::Text(text)) => text.clone(),
        _ => "unknown".to_owned(),
    }
}

/// Declares the row of a query: each field with its type, the SQL type of its column and what it means.
macro_rules! row {
    (
        $(#[$meta:meta])*
        pub struct $name:ident { $( $field:ident: $type:ty = $sql_type:expr, $meaning:literal; )+ }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $name { $( #[doc = $meaning] pub $field: $type, )+ }

        impl $crate::row::Row for $name {
            const COLUMNS: &'static [$crate::column::Column] = &[
                $( $crate::column::Column {
                    name: stringify!($field),
                    sql_type: $sql_type,
                    nullable: <$type as $crate::cell::Field>::NULLABLE,
                    meaning: $meaning,
                }, )+
            ];

            fn from_cells(cells: Vec<$crate::cell::Cell>) -> Result<Self, $crate::row::RowError> {
                // Needed for errors only, but the cells are gone by then; most keys are numbers.
                let key = cells.first().cloned();
                let mut columns = Self::COLUMNS.iter();
                let mut cells = cells.into_iter();
                Ok(Self { $( $field: {
                    let cell = cells.next().unwrap_or($crate::cell::Cell::Null);
                    let column = columns.next();
                    $crate::cell::Field::from_cell(cell).map_err(|unfit| $crate::row::RowError {
                        row: $crate::row::key_text(key.as_ref()),
                        column: stringify!($field),
                        expected: column.map(ToString::to_string).unwrap_or_default(),
                        found: unfit.0,
                    })?
                }, )+ })
            }
        }
    };
}
pub(crate) use row;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::column::SqlType;

    row! {
        /// A row for the tests.
        #[allow(unreachable_pub, reason = "the macro is for rows that are public")]
        pub struct Example {
            unit_no: i64 = SqlType::BigInt, "number";
            name: Option<String> = SqlType::Varchar(20), "name";
            is_ready: bool = SqlType::Bit, "state";
        }
    }

    #[test]
    fn cells_become_fields_and_what_does_not_fit_is_named_by_row_and_column() {
        let cells = |name, ready| vec![Cell::Whole(7), name, ready];
        let read = Example::from_cells(cells(Cell::Null, Cell::Bit(true)));
        assert_eq!(read, Ok(Example { unit_no: 7, name: None, is_ready: true }));
        let error = |name, ready| Example::from_cells(cells(name, ready)).unwrap_err().to_string();
        assert_eq!(
            error(Cell::Null, Cell::Null),
            "row 7: column is_ready: expected bit not null, found null"
        );
        let wrong = error(Cell::Whole(1), Cell::Bit(true));
        assert_eq!(wrong, "row 7: column name: expected varchar(20), found a whole number");
    }
}
