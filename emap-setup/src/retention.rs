//! `emap retention`: removes what is older than it is to be kept, and what is left of persons whose data was removed.

use std::{fmt, process::ExitCode, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use diesel::{
    PgConnection, RunQueryDsl,
    connection::SimpleConnection,
    dsl::sql,
    sql_types::{Bool, Text},
};
use emap_core::{CoreSettings, remove_bodies, settings::retention::Retention};
use emap_service::{
    Backoff, CancellationToken, DatabaseSettings, GaveUp, Retry, Runtime,
    cancellation::cancelled_within,
    health::components,
    program::{ConfigFile, run_once},
};
use emap_star::{OldRows, Rejects, SessionError};
use tokio::runtime::Handle;

use crate::output::line;

/// Longest wait for the database at the start: a wrong address is to be reported, not retried for ever.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Arguments of `emap retention`; everything else comes from the settings of `core run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Removes, in small steps, and prints how much that was.
///
/// # Errors
/// A setting is wrong, the database cannot be used, or it was stopped before the end; what was removed stays so.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(CoreSettings::GROUPS)?;
    let read = |settings: &_| Ok((DatabaseSettings::uds(settings)?, Retention::from_settings(settings)?));
    run_once(&settings, read, async |(database, retention), runtime| {
        let work = move || Removal::start(&database, retention, runtime)?.all();
        tokio::task::spawn_blocking(work).await?
    })?;
    Ok(ExitCode::SUCCESS)
}

/// What is kept for a time, and how an operator calls it.
#[derive(Debug, Clone, Copy)]
struct Kept {
    name: &'static str,
    rows: OldRows,
    /// What those are called that are still to be dealt with; none if there are no such.
    open: Option<&'static str>,
    days: Option<u32>,
}

struct Removal {
    connection: PgConnection,
    rejects: Rejects,
    retention: Retention,
    cancel: CancellationToken,
}

impl Removal {
    fn start(database: &DatabaseSettings, retention: Retention, runtime: Runtime) -> anyhow::Result<Self> {
        let Runtime { cancel, health, .. } = runtime;
        let star = health.component(components::STAR);
        let connect = || {
            let (url, schema) = (database.connection_string(), &database.schema);
            Ok::<_, SessionError>((emap_star::connect(&url, schema)?, Rejects::connect(&url, schema)?))
        };
        let retry = Retry::new(&star, &cancel, Backoff::seconds(1, 5)).at_most(START_LIMIT);
        let connected = retry.run_blocking(connect, |error| matches!(error, SessionError::Connection(_)));
        let (mut connection, rejects) = connected.map_err(|error| match error {
            GaveUp::Cancelled => stopped(),
            GaveUp::Failed(error) => error.into(),
        })?;
        // Rows are reached by their time and by their key, whatever the statistics of a large table say.
        connection.batch_execute("SET enable_seqscan TO off")?;
        anyhow::ensure!(
            is_alone(&mut connection, &database.schema)?,
            "another `emap retention` is at work in schema {:?}",
            database.schema
        );
        Ok(Self { connection, rejects, retention, cancel })
    }

    fn all(mut self) -> anyhow::Result<()> {
        self.bodies()?;
        let Retention { effect_log_days, message_reject_days, ids_reject_days, .. } = self.retention;
        for kept in [
            Kept { name: "effect log", rows: emap_star::OLD_EFFECTS, open: None, days: effect_log_days },
            Kept {
                name: "rejects of core",
                rows: emap_star::OLD_REJECTS,
                open: Some("never sent again"),
                days: message_reject_days,
            },
            Kept {
                name: "rejects of the reader",
                rows: emap_ids::OLD_REJECTS,
                open: Some("never published"),
                days: ids_reject_days,
            },
        ] {
            self.old_rows(kept)?;
        }
        Ok(())
    }

    fn bodies(&mut self) -> anyhow::Result<()> {
        let Self { rejects, retention, cancel, .. } = self;
        let removed = remove_bodies(rejects, || !is_stopped_within(cancel, retention.pause))?;
        line(format_args!(
            "bodies of rejects about removed persons: {} removed, {} numbers looked for",
            removed.bodies, removed.numbers
        ));
        if self.cancel.is_cancelled() { Err(stopped()) } else { Ok(()) }
    }

    fn old_rows(&mut self, kept: Kept) -> anyhow::Result<()> {
        let mut outcome = Outcome { kept, rows: 0, open: 0 };
        let before = kept.days.and_then(|days| begin_of(days, Utc::now()));
        let removed = match before {
            Some(before) if kept.rows.exist(&mut self.connection)? => self.remove(&mut outcome, before),
            _ => Ok(()),
        };
        line(outcome);
        removed
    }

    fn remove(&mut self, outcome: &mut Outcome, before: DateTime<Utc>) -> anyhow::Result<()> {
        let (before, limit) = (before.to_rfc3339(), self.retention.batch_rows);
        let mut latest = None;
        loop {
            let rows = &outcome.kept.rows;
            let removed = rows.remove_some(&mut self.connection, &before, latest.as_deref(), limit)?;
            outcome.rows += removed.rows;
            outcome.open += removed.open;
            if removed.rows < i64::from(limit) {
                return Ok(());
            }
            latest = removed.latest;
            if is_stopped_within(&self.cancel, self.retention.pause) {
                return Err(stopped());
            }
        }
    }
}

/// What was removed from one table, as it is printed.
struct Outcome {
    kept: Kept,
    rows: i64,
    open: i64,
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Kept { name, open, days, .. } = self.kept;
        let Some(days) = days else { return write!(f, "{name}: kept for ever") };
        write!(f, "{name}: {} older than {days} days removed", self.rows)?;
        open.map_or(Ok(()), |open| write!(f, ", {} of them {open}", self.open))
    }
}

/// The time before which nothing is kept; none if that is before all time.
fn begin_of(days: u32, now: DateTime<Utc>) -> Option<DateTime<Utc>> {
    let begin = now.checked_sub_signed(TimeDelta::try_days(days.into())?)?;
    (begin > DateTime::UNIX_EPOCH).then_some(begin)
}

fn stopped() -> anyhow::Error {
    anyhow::anyhow!("stopped before the end; the next run goes on")
}

/// A pause, on a thread that may block; true if the program is to stop.
fn is_stopped_within(cancel: &CancellationToken, pause: Duration) -> bool {
    Handle::current().block_on(cancelled_within(cancel, pause))
}

/// No other process removes rows of this schema as long as the connection lives.
fn is_alone(connection: &mut PgConnection, schema: &str) -> diesel::QueryResult<bool> {
    let lock = sql::<Bool>("pg_try_advisory_lock(hashtextextended('emap retention ' || ")
        .bind::<Text, _>(schema)
        .sql(", 0))");
    diesel::select(lock).get_result(connection)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_before_all_time_keeps_everything() {
        let now = "2031-05-17T10:00:00Z".parse().unwrap();
        assert_eq!(begin_of(16, now).unwrap().to_rfc3339(), "2031-05-01T10:00:00+00:00");
        assert_eq!(begin_of(u32::MAX, now), None);
    }
}
