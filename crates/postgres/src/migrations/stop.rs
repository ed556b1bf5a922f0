//! Ending a migration early.

use std::{
    fmt,
    sync::mpsc::{self, RecvTimeoutError},
    thread,
    time::{Duration, Instant},
};

use diesel::{PgConnection, QueryResult, RunQueryDsl, dsl::sql, sql_types::Integer};

use super::error::MigrationError;
use crate::config::Config;

/// How often the question is asked while a migration waits.
const LOOK: Duration = Duration::from_millis(100);

/// After how long a statement that was not ended by its cancellation is cancelled once more.
const AGAIN: Duration = Duration::from_secs(1);

/// Whether the program is to stop; asked again and again while a migration waits.
#[derive(Clone, Copy)]
pub struct Stop<'s> {
    when: Option<When<'s>>,
}

#[derive(Clone, Copy)]
struct When<'s> {
    is_asked: &'s (dyn Fn() -> bool + Sync),
    server: &'s Config,
}

impl fmt::Debug for Stop<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("is_asked", &self.is_asked()).finish_non_exhaustive()
    }
}

impl<'s> Stop<'s> {
    /// The migration goes on to its end.
    pub const NEVER: Self = Self { when: None };

    /// It ends once `is_asked` gives true. A statement that is running is cancelled over a connection to `server`, as
    /// the same role.
    pub fn when(is_asked: &'s (dyn Fn() -> bool + Sync), server: &'s Config) -> Self {
        Self { when: Some(When { is_asked, server }) }
    }

    fn is_asked(&self) -> bool {
        self.when.is_some_and(|when| (when.is_asked)())
    }

    /// Goes on unless asked to stop.
    pub(super) fn check(&self) -> Result<(), MigrationError> {
        if self.is_asked() { Err(MigrationError::Stopped) } else { Ok(()) }
    }

    /// Waits.
    pub(super) fn pause(&self, time: Duration) -> Result<(), MigrationError> {
        let end = Instant::now() + time;
        loop {
            self.check()?;
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            thread::sleep(left.min(LOOK));
        }
    }

    /// Runs a statement that may take long, and cancels it when asked to stop.
    pub(super) fn run<T>(
        &self,
        connection: &mut PgConnection,
        statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, MigrationError> {
        self.check()?;
        let Some(When { is_asked, server }) = self.when else { return Ok(statement(connection)?) };
        let process = diesel::select(sql::<Integer>("pg_backend_pid()")).get_result::<i32>(connection)?;
        let outcome = thread::scope(|scope| {
            // Dropped when the statement has ended, which the watching thread notices.
            let (_running, ended) = mpsc::channel::<()>();
            scope.spawn(move || cancel_when(is_asked, server, process, &ended));
            statement(connection)
        });
        match outcome {
            Err(_) if is_asked() => Err(MigrationError::Stopped),
            outcome => Ok(outcome?),
        }
    }
}

fn cancel_when(is_asked: &dyn Fn() -> bool, server: &Config, process: i32, ended: &mpsc::Receiver<()>) {
    let mut look = LOOK;
    while ended.recv_timeout(look) == Err(RecvTimeoutError::Timeout) {
        if is_asked() {
            look = AGAIN;
            if let Err(error) = cancel(server, process) {
                tracing::debug!(%error, "a running statement could not be cancelled");
            }
        }
    }
}

fn cancel(server: &Config, process: i32) -> Result<(), Box<dyn std::error::Error>> {
    let mut connection = server.connect()?;
    diesel::sql_query("SELECT pg_cancel_backend($1)").bind::<Integer, _>(process).execute(&mut connection)?;
    Ok(())
}
