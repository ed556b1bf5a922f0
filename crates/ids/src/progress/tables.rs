//! Creating the progress tables, or what is missing of them.

use crate::IdsError;
use crate::columns;
use crate::migrations::ensure_schema;
use diesel::connection::SimpleConnection;
use diesel::{Connection, PgConnection};

struct Table {
    name: &'static str,
    comment: &'static str,
    /// Column name, definition in a new table, type when added later to a table that has rows.
    columns: &'static [(&'static str, &'static str, &'static str)],
}

const PROGRESS: Table = Table {
    name: "etl_ids_progress",
    comment: "How far the HL7 reader has got in the message store; a single row.",
    columns: &[
        ("id", "integer primary key", "integer not null default 0 unique"),
        ("last_processed_ids_unid", "integer not null", "integer not null default -1"),
        ("last_processed_message_datetime", "timestamptz", "timestamptz"),
        ("last_processing_datetime", "timestamptz", "timestamptz"),
    ],
};

const REJECT: Table = Table {
    name: "etl_ids_reject",
    comment: "Rows of the message store that could not be converted, with the reason; replayed_at is set when \
              such a row has been published after all.",
    columns: &[
        ("unid", "bigint primary key", "bigint unique"),
        ("message_type", "text", "text"),
        ("trigger_event", "text", "text"),
        ("sender", "text", "text"),
        ("reason", "text not null", "text not null default ''"),
        ("rejected_at", "timestamptz not null", "timestamptz not null default now()"),
        ("replayed_at", "timestamptz", "timestamptz"),
    ],
};

/// Creates the schema, the tables and their columns as far as they are missing.
pub(super) fn ensure(connection: &mut PgConnection, schema: &str) -> Result<(), IdsError> {
    connection.transaction(|connection| {
        // One reader at a time.
        connection.batch_execute("SELECT pg_advisory_xact_lock(hashtext('etl_ids_progress'))")?;
        add_what_is_missing(connection, schema)
    })
}

fn add_what_is_missing(connection: &mut PgConnection, schema: &str) -> Result<(), IdsError> {
    ensure_schema(connection, schema)?;
    for table in [&PROGRESS, &REJECT] {
        let present = columns::of_table(connection, schema, table.name)?;
        if present.is_empty() {
            connection.batch_execute(&table.create())?;
            continue;
        }
        for (column, _, definition) in table.columns {
            if present.iter().all(|one| one.name != *column) {
                let add = format!("ALTER TABLE {} ADD COLUMN {column} {definition}", table.name);
                connection.batch_execute(&add)?;
            }
        }
    }
    Ok(())
}

impl Table {
    fn create(&self) -> String {
        let columns: Vec<String> =
            self.columns.iter().map(|(name, new, _)| format!("{name} {new}")).collect();
        let name = self.name;
        format!("CREATE TABLE {name} ({}); COMMENT ON TABLE {name} IS '{}'", columns.join(", "), self.comment)
    }
}
