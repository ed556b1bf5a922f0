//! Whether a table is a message store: which columns it must have.

use diesel::{PgConnection, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};

use crate::error::IdsError;
use Kind::{Number, Text as Words, Time};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Number,
    Text,
    Time,
}

const COLUMNS: [(&str, Kind); 19] = [
    ("unid", Number),
    ("patientname", Words),
    ("patientmiddlename", Words),
    ("patientsurname", Words),
    ("dateofbirth", Time),
    ("nhsnumber", Words),
    ("hospitalnumber", Words),
    ("patientclass", Words),
    ("patientlocation", Words),
    ("admissiondate", Time),
    ("dischargedate", Time),
    ("messagetype", Words),
    ("senderapplication", Words),
    ("messageidentifier", Words),
    ("messageformat", Words),
    ("messageversion", Words),
    ("messagedatetime", Time),
    ("hl7message", Words),
    ("persistdatetime", Time),
];

impl Kind {
    fn takes(self, sql_type: &str) -> bool {
        match self {
            Number => matches!(sql_type, "int2" | "int4" | "int8"),
            Words => matches!(sql_type, "varchar" | "text" | "bpchar"),
            Time => matches!(sql_type, "timestamp" | "timestamptz" | "date"),
        }
    }

    fn in_words(self) -> &'static str {
        match self {
            Number => "an integer",
            Words => "a text",
            Time => "a timestamp",
        }
    }
}

/// A column as the catalogue knows it.
#[derive(QueryableByName)]
pub(crate) struct Column {
    #[diesel(sql_type = Text)]
    pub(crate) name: String,
    #[diesel(sql_type = Text)]
    pub(crate) sql_type: String,
}

/// The columns of a table or view in a schema; empty when there is none.
pub(crate) fn of_table(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
) -> Result<Vec<Column>, diesel::result::Error> {
    sql_query(
        "SELECT a.attname::text AS name, t.typname::text AS sql_type
           FROM pg_catalog.pg_attribute a
           JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
           JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
           JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
          WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
            AND a.attnum > 0 AND NOT a.attisdropped",
    )
    .bind::<Text, _>(schema)
    .bind::<Text, _>(table)
    .load(connection)
}

/// Checks that the message table has all its columns with suitable types.
pub(crate) fn validate(connection: &mut PgConnection, schema: &str) -> Result<(), IdsError> {
    let found = of_table(connection, schema, "tbl_ids_master")?;
    if found.is_empty() {
        return Err(IdsError::NoTable { schema: schema.to_owned() });
    }
    let problems: Vec<String> = COLUMNS.iter().filter_map(|wanted| problem(*wanted, &found)).collect();
    if problems.is_empty() {
        return Ok(());
    }
    Err(IdsError::UnsuitableTable { schema: schema.to_owned(), problems: problems.join(", ") })
}

fn problem((name, kind): (&str, Kind), found: &[Column]) -> Option<String> {
    match found.iter().find(|column| column.name == name) {
        None => Some(format!("column {name} is missing")),
        Some(column) if !kind.takes(&column.sql_type) => {
            Some(format!("column {name} must be {} (it is {})", kind.in_words(), column.sql_type))
        }
        Some(_) => None,
    }
}
