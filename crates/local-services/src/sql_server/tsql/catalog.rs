//! What is in the database: tables, views and functions, and the types of their columns.

use postgres::Client;
use sqlparser::ast::{Ident, ObjectName, ObjectNamePart};

use super::{
    refused::{Bind, Refused, not_known},
    types::{SqlType, Strength},
};

/// A column of a table.
#[derive(Debug, Clone)]
pub(crate) struct TableColumn {
    /// As it was written.
    pub(crate) name: String,
    /// As PostgreSQL knows it, in quotes.
    pub(crate) stored: String,
    pub(crate) sql_type: SqlType,
    pub(crate) nullable: bool,
    pub(crate) is_identity: bool,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    /// As PostgreSQL knows it, in quotes.
    pub(crate) stored: String,
    pub(crate) columns: Vec<TableColumn>,
}

/// The name of a table, a view or a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) database: Option<String>,
    pub(crate) schema: Option<String>,
    pub(crate) name: String,
}

impl Reference {
    pub(crate) fn of(name: &ObjectName) -> Bind<Self> {
        let parts: Option<Vec<&Ident>> = name.0.iter().map(ObjectNamePart::as_ident).collect();
        let mut parts = parts.unwrap_or_default().into_iter().rev().map(|part| part.value.clone());
        let Some(last) = parts.next() else { return Err(not_known(&format!("the name {name}"))) };
        let (schema, database) = (parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(not_known("names of other servers"));
        }
        Ok(Self { database, schema: schema.filter(|schema| !schema.is_empty()), name: last })
    }

    /// Is kept as long as the connection, or as the batch.
    pub(crate) fn is_temporary(&self) -> bool {
        self.name.starts_with(['#', '@'])
    }

    /// As PostgreSQL knows it, in quotes.
    pub(crate) fn stored(&self) -> Bind<String> {
        let name = self.name.to_lowercase();
        if name.len() > 63 {
            return Err(not_known("names of more than 63 bytes"));
        }
        let schema = if self.is_temporary() { "pg_temp" } else { "dbo" };
        Ok(format!("{schema}.{}", quoted(&name)))
    }

    pub(crate) fn missing(&self) -> Refused {
        let message = if self.name.starts_with('@') {
            return Refused::new(1087, format!("Must declare the table variable \"{}\".", self.name));
        } else {
            format!("Invalid object name '{self}'.")
        };
        Refused::new(208, message)
    }
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for part in [&self.database, &self.schema].into_iter().flatten() {
            write!(f, "{part}.")?;
        }
        f.write_str(&self.name)
    }
}

/// In quotes for PostgreSQL.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A literal of PostgreSQL.
pub(crate) fn literal(text: &str) -> String {
    if text.contains('\\') {
        format!("E'{}'", text.replace('\\', "\\\\").replace('\'', "''"))
    } else {
        format!("'{}'", text.replace('\'', "''"))
    }
}

/// The database of a session.
pub(crate) struct Catalog<'c> {
    pub(crate) client: &'c mut Client,
    pub(crate) database: &'c str,
}

const COLUMNS: &str = "SELECT a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull, a.attidentity <> '', \
    col_description(a.attrelid, a.attnum) FROM pg_catalog.pg_attribute AS a \
    WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum";

impl Catalog<'_> {
    /// `None` if there is none.
    pub(crate) fn table(&mut self, name: &Reference) -> Bind<Option<Table>> {
        let Some(stored) = self.stored(name)? else { return Ok(None) };
        let rows = self.client.query(COLUMNS, &[&stored]).map_err(|error| unreadable(&error))?;
        if rows.is_empty() {
            return Ok(None);
        }
        let columns = rows.iter().map(|row| {
            let column: String = row.get(0);
            let remark: Option<String> = row.get(4);
            let (declared, written) =
                remark.as_deref().and_then(|remark| remark.split_once('|')).unwrap_or_default();
            let sql_type = if declared.is_empty() {
                SqlType::of_column(&row.get::<_, String>(1))?
            } else {
                with_collation(declared)?
            };
            Ok(TableColumn {
                name: if written.is_empty() { column.clone() } else { written.to_owned() },
                stored: quoted(&column),
                sql_type: sql_type.with_strength(Strength::Column),
                nullable: row.get(2),
                is_identity: row.get(3),
            })
        });
        let columns = columns.collect::<Bind<_>>()?;
        Ok(Some(Table { stored, columns }))
    }

    /// Where PostgreSQL has a table of this name; `None` if it cannot exist.
    fn stored(&self, name: &Reference) -> Bind<Option<String>> {
        let here = name.database.as_deref().is_none_or(|given| given.eq_ignore_ascii_case(self.database));
        let schema = name.schema.as_deref().unwrap_or("dbo").to_lowercase();
        match schema.as_str() {
            _ if !here => Err(not_known(&format!("names of other databases: {name}"))),
            "dbo" => name.stored().map(Some),
            "sys" => match name.name.to_lowercase().as_str() {
                table @ ("tables" | "columns" | "objects" | "views" | "schemas") => {
                    Ok(Some(format!("tsql.sys_{table}")))
                }
                _ => Err(not_known(&format!("the catalogue view {name}"))),
            },
            "information_schema" => Err(not_known(&format!("the catalogue view {name}"))),
            _ => Ok(None),
        }
    }

    /// Kind and definition of a view or a function.
    pub(crate) fn module(&mut self, name: &Reference) -> Bind<Option<(String, String)>> {
        if name.schema.as_deref().is_some_and(|schema| !schema.eq_ignore_ascii_case("dbo")) {
            return Ok(None);
        }
        let found = self.client.query_opt(
            "SELECT kind, definition FROM tsql.module WHERE name = $1",
            &[&name.name.to_lowercase()],
        );
        Ok(found.map_err(|error| unreadable(&error))?.map(|row| (row.get(0), row.get(1))))
    }

    /// Runs SQL of PostgreSQL.
    pub(crate) fn run(&mut self, sql: &str) -> Result<(), postgres::Error> {
        self.client.batch_execute(sql)
    }
}

fn unreadable(error: &postgres::Error) -> Refused {
    super::errors::refusal(error)
}

fn with_collation(declared: &str) -> Bind<SqlType> {
    let (declared, collation) = declared.split_once(" COLLATE ").unwrap_or((declared, ""));
    let sql_type = SqlType::parsed(declared)?;
    match sql_type {
        SqlType::Text(mut text) if !collation.is_empty() => {
            text.collation = super::types::Collation::named(collation)?;
            Ok(SqlType::Text(text))
        }
        _ => Ok(sql_type),
    }
}
