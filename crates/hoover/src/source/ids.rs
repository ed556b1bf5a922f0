//! The message store, for form answers. Its calls block, so each query has a thread.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    deserialize::{self, FromSql},
    pg::{Pg, PgRowByRowLoadingMode, PgValue},
    row::{Field as _, NamedRow},
    sql_query, sql_types,
};
use emap_postgres::schema::use_schema;
use emap_service::DatabaseSettings;
use futures::{FutureExt, future::BoxFuture};
use tokio::task::spawn_blocking;

use super::{
    database::{Database, Parameter, Query},
    error::SourceError,
    name::APPLICATION_NAME,
    rows::{RowSender, Rows},
};
use crate::{
    cell::Cell,
    column::{Column, FoundColumn},
};

/// The message store. A connection is opened for each query.
#[derive(Debug, Clone)]
pub struct IdsDatabase {
    settings: DatabaseSettings,
    query_timeout: Duration,
}

impl IdsDatabase {
    /// A database; nothing is opened yet.
    pub fn new(settings: DatabaseSettings, query_timeout: Duration) -> Self {
        Self { settings, query_timeout }
    }

    fn connect(&self) -> Result<PgConnection, SourceError> {
        // libpq's words about a failed login name the role, never the password.
        let refused = |error: diesel::ConnectionError| {
            let text = error.to_string();
            let is_refused = text.contains("authentication failed") || text.contains("no password supplied");
            let make = if is_refused { SourceError::LoginRefused } else { SourceError::Unreachable };
            make(text.lines().next().unwrap_or_default().to_owned())
        };
        let mut connection = self.settings.config().connect().map_err(refused)?;
        let unusable = |error: diesel::result::Error| SourceError::Unreachable(error.to_string());
        use_schema(&mut connection, &self.settings.schema).map_err(unusable)?;
        let limit = self.query_timeout.as_millis();
        let session = format!(
            "SET default_transaction_read_only TO on; SET TIME ZONE 'UTC'; SET statement_timeout TO {limit}; \
             SET application_name TO '{APPLICATION_NAME}'"
        );
        connection.batch_execute(&session).map_err(unusable)?;
        Ok(connection)
    }

    fn stream(&self, query: &Query, sender: &mut RowSender) -> Result<(), SourceError> {
        let mut connection = self.connect()?;
        let failed = |error: diesel::result::Error| failed(&query.file, &error);
        let rows = bound(&query.sql, &query.parameters)
            .load_iter::<NamedCells, PgRowByRowLoadingMode>(&mut connection)
            .map_err(failed)?;
        let mut places: Option<Vec<Option<usize>>> = None;
        for row in rows {
            let NamedCells(cells) = row.map_err(failed)?;
            let places = places.get_or_insert_with(|| places_of(query.columns, &cells));
            let mut cells: Vec<Cell> = cells.into_iter().map(|(_, cell)| cell).collect();
            let mut take = |place: &Option<usize>| {
                let cell = place.and_then(|place| cells.get_mut(place));
                cell.map_or(Cell::Null, |cell| std::mem::replace(cell, Cell::Null))
            };
            if !sender.row_blocking(places.iter().map(&mut take).collect()) {
                return Ok(());
            }
        }
        sender.flush_blocking();
        Ok(())
    }

    /// Names and types, by way of a row that is all null.
    fn found(&self, query: &Query) -> Result<Vec<FoundColumn>, SourceError> {
        let mut connection = self.connect()?;
        let text = query.sql.trim().trim_end_matches(';');
        let around = |what: &str| {
            format!("SELECT {what} AS found FROM (SELECT 1) AS one LEFT JOIN (\n{text}\n) AS q ON false")
        };
        let whole = around("'' ::text");
        bound(&whole, &query.parameters)
            .load::<Found>(&mut connection)
            .map_err(|error| described(&query.file, &error))?;
        let mut found = Vec::new();
        for column in query.columns {
            let one = around(&format!("pg_typeof(q.{})::text", column.name));
            // A column that is not there; whatever else is wrong was found before.
            let Ok(rows) = bound(&one, &query.parameters).load::<Found>(&mut connection) else { continue };
            let sql_type = rows.into_iter().next().map(|row| row.found).unwrap_or_default();
            found.push(FoundColumn { name: column.name.to_owned(), sql_type, nullable: None });
        }
        Ok(found)
    }
}

impl Database for IdsDatabase {
    fn open(&self, query: Query) -> BoxFuture<'_, Result<Rows, SourceError>> {
        let store = self.clone();
        async move {
            let (mut sender, rows) = Rows::channel();
            spawn_blocking(move || {
                if let Err(error) = store.stream(&query, &mut sender) {
                    sender.fail_blocking(error);
                }
            });
            Ok(rows)
        }
        .boxed()
    }

    fn describe(&self, query: Query) -> BoxFuture<'_, Result<Vec<FoundColumn>, SourceError>> {
        let store = self.clone();
        async move {
            let found = spawn_blocking(move || store.found(&query)).await;
            found.unwrap_or_else(|_| Err(SourceError::Unreachable("the program failed".to_owned())))
        }
        .boxed()
    }
}

fn bound<'q>(
    sql: &str,
    parameters: &[Parameter],
) -> diesel::query_builder::BoxedSqlQuery<'q, Pg, diesel::query_builder::SqlQuery> {
    let mut query = sql_query(sql).into_boxed();
    for parameter in parameters {
        query = match parameter {
            Parameter::DateTime(local) => query.bind::<sql_types::Timestamp, _>(*local),
            Parameter::Instant(instant) => query.bind::<sql_types::Timestamptz, _>(*instant),
            Parameter::Int(number) => query.bind::<sql_types::Integer, _>(*number),
            Parameter::Text(text) => query.bind::<sql_types::Text, _>(*text),
        };
    }
    query
}

fn places_of(columns: &[Column], cells: &[(String, Cell)]) -> Vec<Option<usize>> {
    let place = |column: &Column| cells.iter().position(|(name, _)| name == column.name);
    columns.iter().map(place).collect()
}

/// Messages about rows may quote them.
fn failed(file: &str, error: &diesel::result::Error) -> SourceError {
    use diesel::result::{DatabaseErrorKind as Kind, Error};
    let file = file.to_owned();
    match error {
        Error::DatabaseError(Kind::ClosedConnection | Kind::UnableToSendCommand, _) => {
            SourceError::Lost { file, reason: "closed".to_owned() }
        }
        Error::DatabaseError(kind, _) => {
            SourceError::Refused { file, number: "of PostgreSQL".to_owned(), message: format!("{kind:?}") }
        }
        _ => SourceError::Lost { file, reason: "the answer cannot be read".to_owned() },
    }
}

/// Messages about a query without rows cannot.
fn described(file: &str, error: &diesel::result::Error) -> SourceError {
    match error {
        diesel::result::Error::DatabaseError(_, information) => SourceError::Refused {
            file: file.to_owned(),
            number: "of PostgreSQL".to_owned(),
            message: information.message().to_owned(),
        },
        other => failed(file, other),
    }
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = sql_types::Text)]
    found: String,
}

/// A row as it comes.
struct NamedCells(Vec<(String, Cell)>);

impl QueryableByName<Pg> for NamedCells {
    fn build<'row>(row: &impl NamedRow<'row, Pg>) -> deserialize::Result<Self> {
        let mut cells = Vec::with_capacity(row.field_count());
        for index in 0..row.field_count() {
            let Some(field) = diesel::row::Row::get(row, index) else { continue };
            let name = field.field_name().unwrap_or_default().to_owned();
            let cell = field.value().map_or(Ok(Cell::Null), cell)?;
            cells.push((name, cell));
        }
        Ok(Self(cells))
    }
}

/// A value by the number of its type.
fn cell(value: PgValue<'_>) -> deserialize::Result<Cell> {
    Ok(match value.get_oid().get() {
        16 => Cell::Bit(FromSql::<sql_types::Bool, Pg>::from_sql(value)?),
        20 => Cell::Whole(FromSql::<sql_types::BigInt, Pg>::from_sql(value)?),
        21 => Cell::Whole(<i16 as FromSql<sql_types::SmallInt, Pg>>::from_sql(value)?.into()),
        23 => Cell::Whole(<i32 as FromSql<sql_types::Integer, Pg>>::from_sql(value)?.into()),
        701 => Cell::Float(FromSql::<sql_types::Double, Pg>::from_sql(value)?),
        25 | 1043 => Cell::Text(FromSql::<sql_types::Text, Pg>::from_sql(value)?),
        1082 => Cell::Date(<NaiveDate as FromSql<sql_types::Date, Pg>>::from_sql(value)?),
        1114 => Cell::DateTime(<NaiveDateTime as FromSql<sql_types::Timestamp, Pg>>::from_sql(value)?),
        1184 => Cell::Instant(<DateTime<Utc> as FromSql<sql_types::Timestamptz, Pg>>::from_sql(value)?),
        _ => Cell::Other("another type"),
    })
}
