//! What the star database has recorded: progress of the sources, messages and errors, rejects.

use chrono::{DateTime, NaiveDateTime, Utc};
use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{BigInt, Integer, Nullable, Text, Timestamp, Timestamptz},
};
use emap_postgres::schema::{has_table, use_schema};
use emap_service::program::one_line;
use serde::Serialize;

use super::{daemon::Daemon, ways::Ways};
use crate::output::{instant, maybe_instant};

/// The last minutes of the effect log that are counted.
const MINUTES: i32 = 5;

/// Longest wait for one answer: a look must not burden the database.
const STATEMENT_TIMEOUT: &str = "10s";

/// Everything that is read there.
#[derive(Debug, Default, Serialize)]
pub(super) struct Records {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) reader: Option<Reader>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) hoover: Vec<HooverProgress>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) effects: Option<Effects>,
    /// Of the last 24 hours, the most frequent first.
    pub(super) rejects: Vec<Reject>,
}

/// How far the reader of the message store is.
#[derive(Debug, Serialize)]
pub(super) struct Reader {
    /// Number of the last row such that it and all before it were published.
    pub(super) last_unid: i32,
    /// Time of that message.
    #[serde(serialize_with = "maybe_instant")]
    pub(super) message_at: Option<DateTime<Utc>>,
    /// When this was saved.
    #[serde(serialize_with = "maybe_instant")]
    pub(super) saved_at: Option<DateTime<Utc>>,
    /// How far behind the store, if the reader says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) rows_behind: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seconds_behind: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gaps_open: Option<f64>,
}

/// How far a data type of the reporting databases is.
#[derive(Debug, Serialize)]
pub(super) struct HooverProgress {
    pub(super) data_type: String,
    #[serde(serialize_with = "instant")]
    pub(super) until: DateTime<Utc>,
    #[serde(serialize_with = "instant")]
    pub(super) saved_at: DateTime<Utc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) seconds_behind: Option<f64>,
}

/// What core did lately.
#[derive(Debug, Serialize)]
pub(super) struct Effects {
    /// The time that was counted.
    pub(super) minutes: i32,
    pub(super) messages_per_minute: f64,
    pub(super) errors_per_minute: f64,
    /// When the last one was done.
    #[serde(serialize_with = "maybe_instant")]
    pub(super) last_at: Option<DateTime<Utc>>,
}

/// Messages that were rejected for one reason.
#[derive(Debug, Serialize, QueryableByName)]
pub(super) struct Reject {
    /// `core` or `hl7-reader`.
    #[diesel(sql_type = Text)]
    pub(super) by: String,
    #[diesel(sql_type = Text)]
    pub(super) reason: String,
    #[diesel(sql_type = BigInt)]
    pub(super) messages: i64,
    #[diesel(sql_type = Timestamptz)]
    #[serde(serialize_with = "instant")]
    pub(super) last_at: DateTime<Utc>,
}

/// Asks the database.
pub(super) fn look(ways: &Ways, daemons: &[Daemon], at: DateTime<Utc>, notes: &mut Vec<String>) -> Records {
    let mut records = Records::default();
    let Some(database) = &ways.star else { return records };
    let connected =
        database.config().connect().map_err(|error| error.to_string()).and_then(|mut connection| {
            prepare(&mut connection, &database.schema).map_err(|error| error.to_string())?;
            Ok(connection)
        });
    let mut connection = match connected {
        Ok(connection) => connection,
        Err(error) => {
            notes.push(format!("star database {}: {}", database.config(), one_line(&error)));
            return records;
        }
    };
    let figure = |name: &str, daemon: &str| {
        daemons.iter().find(|seen| seen.name == daemon).and_then(|seen| seen.figures.value(name))
    };
    let mut take = |what: &str, taken: QueryResult<()>| {
        if let Err(error) = taken {
            notes.push(format!("{what}: {}", one_line(&error.to_string())));
        }
    };
    take(
        "progress of hl7-reader",
        reader(&mut connection).map(|found| {
            records.reader = found.map(|found| Reader {
                rows_behind: figure("emap_reader_rows_behind", "hl7-reader"),
                seconds_behind: figure("emap_reader_seconds_behind", "hl7-reader"),
                gaps_open: figure("emap_reader_gaps_open", "hl7-reader"),
                ..found
            });
        }),
    );
    take(
        "progress of hoover",
        data_types(&mut connection).map(|found| {
            let hoover = daemons.iter().find(|daemon| daemon.name == "hoover");
            let lag = |data_type: &str| {
                let mut lags = hoover?.figures.all("emap_hoover_lag_seconds");
                lags.find(|(labels, _)| labels.get("data_type").is_some_and(|name| name == data_type))
                    .map(|(_, lag)| lag)
            };
            records.hoover = found
                .into_iter()
                .map(|found| HooverProgress { seconds_behind: lag(&found.data_type), ..found })
                .collect();
        }),
    );
    take("effect log", effects(&mut connection, at).map(|found| records.effects = found));
    take("rejects", rejects(&mut connection).map(|found| records.rejects = found));
    records
}

fn prepare(connection: &mut PgConnection, schema: &str) -> QueryResult<()> {
    use_schema(connection, schema)?;
    connection.batch_execute(&format!(
        "SET default_transaction_read_only TO on; SET statement_timeout TO '{STATEMENT_TIMEOUT}'"
    ))
}

#[derive(QueryableByName)]
struct Progress {
    #[diesel(sql_type = Integer)]
    last_unid: i32,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    message_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    saved_at: Option<DateTime<Utc>>,
}

fn reader(connection: &mut PgConnection) -> QueryResult<Option<Reader>> {
    if !has_table(connection, "etl_ids_progress")? {
        return Ok(None);
    }
    let found: Vec<Progress> = sql_query(
        "SELECT last_processed_ids_unid AS last_unid, last_processed_message_datetime AS message_at,
                last_processing_datetime AS saved_at FROM etl_ids_progress WHERE id = 0",
    )
    .load(connection)?;
    Ok(found.into_iter().next().map(|Progress { last_unid, message_at, saved_at }| Reader {
        last_unid,
        message_at,
        saved_at,
        rows_behind: None,
        seconds_behind: None,
        gaps_open: None,
    }))
}

#[derive(QueryableByName)]
struct FoundProgress {
    #[diesel(sql_type = Text)]
    data_type: String,
    #[diesel(sql_type = Timestamptz)]
    until: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    saved_at: DateTime<Utc>,
}

/// Of the parts of a data type the one that is furthest behind counts.
fn data_types(connection: &mut PgConnection) -> QueryResult<Vec<HooverProgress>> {
    if !has_table(connection, "etl_hoover_progress")? {
        return Ok(Vec::new());
    }
    let found: Vec<FoundProgress> = sql_query(
        "SELECT data_type, min(last_processed_datetime) AS until, max(last_processing_datetime) AS saved_at
         FROM etl_hoover_progress GROUP BY data_type ORDER BY until, data_type",
    )
    .load(connection)?;
    let data_type = |FoundProgress { data_type, until, saved_at }| HooverProgress {
        data_type,
        until,
        saved_at,
        seconds_behind: None,
    };
    Ok(found.into_iter().map(data_type).collect())
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    messages: i64,
    #[diesel(sql_type = BigInt)]
    errors: i64,
    #[diesel(sql_type = Nullable<Timestamp>)]
    last_at: Option<NaiveDateTime>,
}

#[expect(clippy::cast_precision_loss, reason = "messages of some minutes")]
fn effects(connection: &mut PgConnection, at: DateTime<Utc>) -> QueryResult<Option<Effects>> {
    if !has_table(connection, "etl_per_message_logging")? {
        return Ok(None);
    }
    let since = at.naive_utc() - chrono::Duration::minutes(MINUTES.into());
    let counted: Counted = sql_query(
        "SELECT count(*) AS messages, count(*) FILTER (WHERE error) AS errors,
                (SELECT max(processing_end_time) FROM etl_per_message_logging) AS last_at
         FROM etl_per_message_logging WHERE processing_end_time > $1",
    )
    .bind::<Timestamp, _>(since)
    .get_result(connection)?;
    let per_minute = |count: i64| count as f64 / f64::from(MINUTES);
    Ok(Some(Effects {
        minutes: MINUTES,
        messages_per_minute: per_minute(counted.messages),
        errors_per_minute: per_minute(counted.errors),
        last_at: counted.last_at.map(|at| at.and_utc()),
    }))
}

fn rejects(connection: &mut PgConnection) -> QueryResult<Vec<Reject>> {
    let mut all: Vec<Reject> = Vec::new();
    for (by, table) in [("core", "etl_message_reject"), ("hl7-reader", "etl_ids_reject")] {
        if !has_table(connection, table)? {
            continue;
        }
        let found: Vec<Reject> = sql_query(format!(
            "SELECT '{by}' AS by, left(reason, 200) AS reason, count(*) AS messages, max(rejected_at) AS last_at
             FROM {table} WHERE rejected_at > now() - interval '24 hours' GROUP BY 2 ORDER BY 3 DESC, 2 LIMIT 10"
        ))
        .load(connection)?;
        all.extend(found);
    }
    all.sort_by_key(|reject| std::cmp::Reverse(reject.messages));
    Ok(all)
}
