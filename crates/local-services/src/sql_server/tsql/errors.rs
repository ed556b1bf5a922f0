//! Errors of PostgreSQL with the numbers and the words that SQL Server has for them.

use postgres::error::SqlState;

use super::refused::{NOT_KNOWN, Refused};

pub(crate) fn refusal(error: &postgres::Error) -> Refused {
    let Some(reason) = error.as_db_error() else {
        return Refused::new(NOT_KNOWN, format!("PostgreSQL under the stand-in: {error}"));
    };
    let message = reason.message();
    let quoted = message.split('"').nth(1).unwrap_or_default();
    let state = reason.code();
    if state.code() == "TSQL0" {
        let number = reason.detail().and_then(|number| number.parse().ok()).unwrap_or(NOT_KNOWN);
        return Refused::new(number, message);
    }
    let is = |known: &SqlState| state == known;
    match () {
        () if is(&SqlState::DIVISION_BY_ZERO) => Refused::new(8134, "Divide by zero error encountered."),
        () if is(&SqlState::NUMERIC_VALUE_OUT_OF_RANGE) => {
            let kind = if message.starts_with("bigint") {
                "bigint"
            } else if message.starts_with("integer") {
                "int"
            } else if message.starts_with("value") {
                "float"
            } else {
                "numeric"
            };
            Refused::new(
                8115,
                format!("Arithmetic overflow error converting expression to data type {kind}."),
            )
        }
        () if is(&SqlState::UNIQUE_VIOLATION) => {
            let constraint = reason.constraint().unwrap_or_default();
            let table = reason.table().unwrap_or_default();
            if let Some(index) = constraint.strip_prefix("ix:") {
                Refused::new(
                    2601,
                    format!(
                        "Cannot insert duplicate key row in object 'dbo.{table}' with unique index '{index}'."
                    ),
                )
            } else {
                Refused::new(
                    2627,
                    format!(
                        "Violation of PRIMARY KEY constraint '{constraint}'. Cannot insert duplicate key in object 'dbo.{table}'."
                    ),
                )
            }
        }
        () if is(&SqlState::NOT_NULL_VIOLATION) => Refused::new(
            515,
            format!(
                "Cannot insert the value NULL into column '{}', table 'dbo.{}'; column does not allow nulls. INSERT fails.",
                reason.column().unwrap_or(quoted),
                reason.table().unwrap_or_default()
            ),
        ),
        () if is(&SqlState::STRING_DATA_RIGHT_TRUNCATION) => {
            Refused::new(2628, "String or binary data would be truncated.")
        }
        () if is(&SqlState::CARDINALITY_VIOLATION) => Refused::new(
            512,
            "Subquery returned more than 1 value. This is not permitted when the subquery follows =, !=, <, <= , >, >= or when the subquery is used as an expression.",
        ),
        () if is(&SqlState::UNDEFINED_TABLE) => Refused::new(208, format!("Invalid object name '{quoted}'.")),
        () if is(&SqlState::QUERY_CANCELED) => Refused::cancelled(),
        () if is(&SqlState::INVALID_ROW_COUNT_IN_LIMIT_CLAUSE) => Refused::new(
            1060,
            "The number of rows provided for a TOP or FETCH clauses row count parameter must be an integer.",
        ),
        () if is(&SqlState::INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE) => {
            Refused::new(10742, "The offset specified in a OFFSET clause may not be negative.")
        }
        () if is(&SqlState::T_R_DEADLOCK_DETECTED) => Refused::new(
            1205,
            "Transaction was deadlocked on lock resources with another process and has been chosen as the deadlock victim. Rerun the transaction.",
        ),
        () => Refused::new(NOT_KNOWN, format!("PostgreSQL under the stand-in refuses: {message}")),
    }
}
