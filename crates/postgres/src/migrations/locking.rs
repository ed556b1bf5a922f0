//! Statements that need strong locks, on tables that are in use.

use std::time::Duration;

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{BigInt, Nullable, Text},
};

use super::{error::MigrationError, stop::Stop};

/// Longest time that a transaction waits for locks, all of them together. Other uses of a table that it has locked, or
/// waits for, wait behind it. Shorter than PostgreSQL's `deadlock_timeout` (1 s by default), so that in a deadlock it
/// is this transaction that gives way.
const LONGEST_WAIT: Duration = Duration::from_millis(800);

/// Pauses between attempts, in which others get on with their work.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(10);

/// Attempts after which it is logged that locks are waited for, and then each time as many later.
const ATTEMPTS_PER_LINE: u32 = 10;

/// What became of an attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Attempt {
    /// The statements were run.
    Done,
    /// A lock was not free in time; nothing was done. Says where.
    Busy(String),
    /// The tables are not such that it could be done; nothing was.
    Impossible(String),
}

#[derive(QueryableByName)]
struct Tried {
    #[diesel(sql_type = Text)]
    outcome: String,
    #[diesel(sql_type = Nullable<Text>)]
    detail: Option<String>,
}

/// Runs statements if the locks that they need can be had within a short time.
pub(super) fn attempt(connection: &mut PgConnection, statements: &str) -> QueryResult<Attempt> {
    let longest = i64::try_from(LONGEST_WAIT.as_millis()).unwrap_or(i64::MAX);
    let tried: Tried = sql_query("SELECT outcome, detail FROM pg_temp.try_locking($1, $2 * interval '1 ms')")
        .bind::<Text, _>(statements)
        .bind::<BigInt, _>(longest)
        .get_result(connection)?;
    let detail = tried.detail.unwrap_or_default();
    Ok(match tried.outcome.as_str() {
        "done" => Attempt::Done,
        "busy" => Attempt::Busy(detail),
        _ => Attempt::Impossible(detail),
    })
}

/// Attempts again, with growing pauses, as long as locks are not free. `what` is named in the log.
pub(super) fn until_free(
    what: &str,
    stop: &Stop<'_>,
    mut attempt: impl FnMut() -> Result<Attempt, MigrationError>,
) -> Result<Attempt, MigrationError> {
    let mut pause = FIRST_PAUSE;
    for number in 0_u32.. {
        stop.check()?;
        let place = match attempt()? {
            Attempt::Busy(place) => place,
            settled => return Ok(settled),
        };
        if number.is_multiple_of(ATTEMPTS_PER_LINE) {
            tracing::info!(place, "{what}: others hold locks that it needs, trying again");
        }
        stop.pause(pause)?;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
    Err(MigrationError::Stopped)
}
