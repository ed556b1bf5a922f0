//! Pieces of the set-wise writing that do not depend on a table's type.

use std::iter;

use crate::{
    column::{KeyColumn, TextColumn},
    error::SessionError,
    row::Row,
};

/// Start of every binary `COPY` stream: signature, flags, length of the header extension.
const COPY_HEADER: [u8; 19] = *b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0";
/// End of every binary `COPY` stream.
const COPY_TRAILER: [u8; 2] = (-1_i16).to_be_bytes();

/// The rows as one binary `COPY` stream.
pub(crate) fn copy_stream<R: Row>(rows: &[&R], buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.extend_from_slice(&COPY_HEADER);
    for row in rows {
        row.copy_to(buffer);
    }
    buffer.extend_from_slice(&COPY_TRAILER);
}

/// Every row of a binary `COPY` stream begins with the number of its columns.
pub(crate) fn begin_row(out: &mut Vec<u8>, columns: usize) {
    out.extend_from_slice(&i16::try_from(columns).unwrap_or(i16::MAX).to_be_bytes());
}

/// `UPDATE` of many rows by primary key, where the stored version still is the one that was read; every column comes as
/// an array, the key first, then the columns, then the former values of those that distinguish versions.
pub(crate) fn update_statement(table: &str, key: &str, columns: &[&str], versions: &[&str]) -> String {
    let columns: Vec<&str> = columns.iter().map(|column| in_sql(column)).collect();
    let assignments: Vec<String> = columns.iter().map(|column| format!("{column} = new.{column}")).collect();
    let given = columns.iter().map(|&column| column.to_owned()).chain(former(versions));
    format!(
        "UPDATE {table} AS old SET {} FROM {} WHERE old.{key} = new.{key}{}",
        assignments.join(", "),
        arrays(key, given),
        still(versions),
    )
}

/// `DELETE` of many rows by primary key, where the stored version still is the one that was read.
pub(crate) fn delete_statement(table: &str, key: &str, versions: &[&str]) -> String {
    let given = arrays(key, former(versions));
    format!("DELETE FROM {table} AS old USING {given} WHERE old.{key} = new.{key}{}", still(versions))
}

/// The parameters as the rows of a table `new`.
fn arrays(key: &str, columns: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = iter::once(key.to_owned()).chain(columns).collect();
    let arrays: Vec<String> = (1..=names.len()).map(|place| format!("${place}")).collect();
    format!("unnest({}) AS new({})", arrays.join(", "), names.join(", "))
}

fn former(versions: &[&str]) -> impl Iterator<Item = String> {
    versions.iter().map(|column| format!("former_{}", in_sql(column)))
}

fn still(versions: &[&str]) -> String {
    let columns = versions.iter().map(|column| in_sql(column));
    let conditions =
        columns.map(|column| format!(" AND old.{column} IS NOT DISTINCT FROM new.former_{column}"));
    conditions.collect::<Vec<_>>().concat()
}

/// A Rust identifier as the column's name: `r#type` is the column `type`.
pub(crate) const fn in_sql(identifier: &str) -> &str {
    match identifier.as_bytes() {
        [b'r', b'#', ..] => identifier.split_at(2).1,
        _ => identifier,
    }
}

/// Refuses a text that its column cannot hold. `limit` counts characters, as PostgreSQL does.
pub(crate) fn check_text(
    table: &'static str,
    column: &'static str,
    value: &impl TextColumn,
    limit: Option<usize>,
) -> Result<(), SessionError> {
    let Some(text) = value.text() else { return Ok(()) };
    if let Some(limit) = limit
        && text.len() > limit
        && text.chars().count() > limit
    {
        return Err(SessionError::TextTooLong {
            table,
            column: in_sql(column),
            length: text.chars().count(),
            limit,
        });
    }
    check_nul(table, column, text)
}

/// Refuses a key that its column cannot hold, so that nothing is stored under it.
pub(crate) fn check_key(
    table: &'static str,
    column: &'static str,
    key: &impl KeyColumn,
) -> Result<(), SessionError> {
    key.key_text().map_or(Ok(()), |text| check_nul(table, column, text))
}

fn check_nul(table: &'static str, column: &'static str, text: &str) -> Result<(), SessionError> {
    if is_storable(text) { Ok(()) } else { Err(SessionError::NulCharacter { table, column: in_sql(column) }) }
}

/// PostgreSQL takes the text in a row, in a query or as the name of a lock.
pub(crate) fn is_storable(text: &str) -> bool {
    !text.as_bytes().contains(&0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn update_names_every_column_once() {
        assert_eq!(
            update_statement("bed", "bed_id", &["r#type", "room_id"], &["r#type"]),
            "UPDATE bed AS old SET type = new.type, room_id = new.room_id \
             FROM unnest($1, $2, $3, $4) AS new(bed_id, type, room_id, former_type) \
             WHERE old.bed_id = new.bed_id AND old.type IS NOT DISTINCT FROM new.former_type"
        );
        assert_eq!(
            delete_statement("bed", "bed_id", &[]),
            "DELETE FROM bed AS old USING unnest($1) AS new(bed_id) WHERE old.bed_id = new.bed_id"
        );
    }

    #[test]
    fn limits_count_characters_not_bytes() {
        assert!(check_text("t", "c", &"é".repeat(255), Some(255)).is_ok());
        let error = check_text("t", "c", &"é".repeat(256), Some(255)).unwrap_err();
        assert_eq!(error.to_string(), "text of 256 characters is too long for t.c (at most 255)");
        assert!(check_text("t", "c", &Some("a\0b".to_owned()), None).is_err());
    }
}
