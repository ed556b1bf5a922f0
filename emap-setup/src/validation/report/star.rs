//! What a run left in the star database.

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamp, Timestamptz},
};
use emap_postgres::{
    quote_identifier,
    schema::{has_table, use_schema},
};
use emap_service::program::one_line;
use serde::Serialize;

use crate::check::{self, Finding, Questions};

/// Longest time for one question. Of a table whose rows cannot be counted in this time, the planner's number is given.
const STATEMENT_TIMEOUT: &str = "300s";

/// Answers; what could not be asked is empty.
#[derive(Debug, Default, Serialize)]
pub(super) struct InStar {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) postgresql: Option<String>,
    /// By type, the slowest on average first.
    pub(super) messages: Vec<TypeFigures>,
    /// Messages that core could not process, by type and reason.
    pub(super) errors: Vec<Errors>,
    /// Rows of the message store that the HL7 reader could not convert, by reason.
    pub(super) reader_rejects: Vec<ReaderRejects>,
    pub(super) rows: Vec<TableSize>,
    pub(super) rules: Vec<Finding>,
}

/// Messages of one type.
#[derive(Debug, Serialize, QueryableByName)]
pub(super) struct TypeFigures {
    #[diesel(sql_type = Text)]
    pub(super) message_type: String,
    #[diesel(sql_type = BigInt)]
    pub(super) messages: i64,
    #[diesel(sql_type = BigInt)]
    pub(super) errors: i64,
    #[diesel(sql_type = Nullable<Double>)]
    pub(super) mean_milliseconds: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub(super) longest_milliseconds: Option<f64>,
    #[diesel(sql_type = Nullable<Double>)]
    pub(super) total_seconds: Option<f64>,
}

/// Messages of one type that were rejected for one reason.
#[derive(Debug, Serialize, QueryableByName)]
pub(super) struct Errors {
    #[diesel(sql_type = Text)]
    pub(super) message_type: String,
    #[diesel(sql_type = Text)]
    pub(super) reason: String,
    #[diesel(sql_type = BigInt)]
    pub(super) messages: i64,
}

/// Rows of the message store that were rejected for one reason.
#[derive(Debug, Serialize, QueryableByName)]
pub(super) struct ReaderRejects {
    #[diesel(sql_type = Text)]
    pub(super) reason: String,
    /// Only items of the messages were left out.
    #[diesel(sql_type = Bool)]
    pub(super) partial: bool,
    #[diesel(sql_type = BigInt)]
    pub(super) messages: i64,
}

/// Rows of a table.
#[derive(Debug, Serialize, QueryableByName)]
pub(super) struct TableSize {
    #[diesel(sql_type = Text)]
    pub(super) table: String,
    #[diesel(sql_type = BigInt)]
    pub(super) rows: i64,
    /// Not counted, but as the planner has it.
    #[diesel(sql_type = Bool)]
    pub(super) is_estimate: bool,
}

#[derive(QueryableByName)]
struct Version {
    #[diesel(sql_type = Text)]
    version: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    rows: i64,
}

/// Asks everything; what cannot be answered is a problem, and the rest is asked all the same.
pub(super) fn ask(
    connection: &mut PgConnection,
    schema: &str,
    begin: DateTime<Utc>,
    problems: &mut Vec<String>,
) -> InStar {
    let mut found = InStar::default();
    let mut note = |what: &str, asked: anyhow::Result<()>| {
        if let Err(error) = asked {
            problems.push(format!("{what}: {}", one_line(&format!("{error:#}"))));
        }
    };
    note(
        "the star database",
        prepare(connection, schema).map(|version| found.postgresql = Some(version)).map_err(Into::into),
    );
    note("messages", messages(connection, begin).map(|all| found.messages = all).map_err(Into::into));
    note("errors", errors(connection, begin).map(|all| found.errors = all).map_err(Into::into));
    note(
        "rejects of the reader",
        reader_rejects(connection, begin).map(|all| found.reader_rejects = all).map_err(Into::into),
    );
    note("rows", rows(connection, schema).map(|all| found.rows = all).map_err(Into::into));
    note("rules", check::findings(connection, schema, &Questions::default()).map(|all| found.rules = all));
    found
}

fn prepare(connection: &mut PgConnection, schema: &str) -> QueryResult<String> {
    use_schema(connection, schema)?;
    connection.batch_execute(&format!(
        "SET default_transaction_read_only TO on; SET statement_timeout TO '{STATEMENT_TIMEOUT}'; SET timezone TO 'UTC'"
    ))?;
    Ok(sql_query("SELECT current_setting('server_version') AS version")
        .get_result::<Version>(connection)?
        .version)
}

fn messages(connection: &mut PgConnection, begin: DateTime<Utc>) -> QueryResult<Vec<TypeFigures>> {
    sql_query(
        "SELECT coalesce(regexp_replace(message_type, '.*\\.', ''), 'unreadable') AS message_type, count(*) AS messages,
                count(*) FILTER (WHERE error) AS errors,
                (avg(process_message_duration) / 1e6)::double precision AS mean_milliseconds,
                (max(process_message_duration) / 1e6)::double precision AS longest_milliseconds,
                (sum(process_message_duration) / 1e9)::double precision AS total_seconds
         FROM etl_per_message_logging WHERE processing_end_time >= $1
         GROUP BY 1 ORDER BY mean_milliseconds DESC NULLS LAST, message_type",
    )
    .bind::<Timestamp, _>(begin.naive_utc())
    .load(connection)
}

fn errors(connection: &mut PgConnection, begin: DateTime<Utc>) -> QueryResult<Vec<Errors>> {
    sql_query(
        "SELECT coalesce(regexp_replace(message_type, '.*\\.', ''), 'unreadable') AS message_type,
                left(reason, 300) AS reason, count(*) AS messages
         FROM etl_message_reject WHERE rejected_at >= $1 GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2 LIMIT 100",
    )
    .bind::<Timestamptz, _>(begin)
    .load(connection)
}

fn reader_rejects(connection: &mut PgConnection, begin: DateTime<Utc>) -> QueryResult<Vec<ReaderRejects>> {
    // A run of hoover alone leaves no table of the reader.
    if !has_table(connection, "etl_ids_reject")? {
        return Ok(Vec::new());
    }
    sql_query(
        "SELECT left(reason, 300) AS reason, partial, count(*) AS messages
         FROM etl_ids_reject WHERE rejected_at >= $1 GROUP BY 1, 2 ORDER BY 3 DESC, 1 LIMIT 100",
    )
    .bind::<Timestamptz, _>(begin)
    .load(connection)
}

/// Of the tables that have any.
fn rows(connection: &mut PgConnection, schema: &str) -> QueryResult<Vec<TableSize>> {
    let tables: Vec<TableSize> = sql_query(
        "SELECT c.relname::text AS table, greatest(c.reltuples, 0)::bigint AS rows, true AS is_estimate
         FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT c.relispartition AND c.relname NOT LIKE '\\_\\_%' ORDER BY 1",
    )
    .load(connection)?;
    let count = |mut table: TableSize| {
        let query = format!(
            "SELECT count(*) AS rows FROM {}.{}",
            quote_identifier(schema),
            quote_identifier(&table.table)
        );
        if let Ok(Count { rows }) = sql_query(query).get_result(connection) {
            (table.rows, table.is_estimate) = (rows, false);
        }
        table
    };
    Ok(tables.into_iter().map(count).filter(|table| table.rows > 0).collect())
}
