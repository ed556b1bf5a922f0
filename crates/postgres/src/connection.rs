//! Opening connections, and the limits that each gets: of the network, of the server, and for its answers.

use std::{fmt::Write, time::Duration};

use diesel::{Connection, ConnectionError, ConnectionResult, PgConnection, connection::SimpleConnection};

use crate::{config::Config, socket::Mark, watch::Watcher};

/// Longest wait for the answer to a statement unless the URL sets another (`socketTimeout`): a server that does not
/// answer counts as lost within a minute, also one whose machine still acknowledges what it is sent.
pub const SILENCE: Duration = Duration::from_secs(55);

/// Longest wait of a statement for a lock.
const LONGEST_LOCK_WAIT: Duration = Duration::from_secs(30);

/// For the network below a connection, in the words of libpq; seconds, but for the count. A server that cannot be
/// reached is given up, and a machine that vanished is noticed, within about a minute.
pub(crate) const LIMITS: [(&str, u32); 4] =
    [("connect_timeout", 10), ("keepalives_idle", 30), ("keepalives_interval", 10), ("keepalives_count", 3)];

/// The option that limits how long sent data may be unacknowledged, in milliseconds.
const USER_TIMEOUT: &str = "tcp_user_timeout";

/// Its value is also the mark by which a connection's socket is found: from this one on, in steps that every kernel
/// keeps apart, so many of them.
const USER_TIMEOUTS: (u32, u32, u32) = (50_000, 10, 500);

/// What is set in each session, so that the server releases what a vanished program held.
const SESSION: [(&str, &str); 6] = [
    ("tcp_keepalives_idle", "30"),
    ("tcp_keepalives_interval", "10"),
    ("tcp_keepalives_count", "3"),
    ("tcp_user_timeout", "50s"),
    ("client_connection_check_interval", "10s"),
    ("idle_in_transaction_session_timeout", "60s"),
];

/// How patient a connection is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Patience {
    /// Statements wait so long for their answers, and for locks.
    Limited { silence: Option<Duration>, lock_wait: Duration },
    /// Statements take as long as they take.
    Unlimited,
}

impl Config {
    /// Longest wait for the answer to a statement; none: no limit, as the URL says (`socketTimeout=0`).
    pub fn silence(&self) -> Option<Duration> {
        let seconds = self.option("socketTimeout").and_then(|seconds| seconds.parse().ok());
        seconds.map_or(Some(SILENCE), |seconds| (seconds > 0).then(|| Duration::from_secs(seconds)))
    }

    /// Longest wait of a statement for a lock, whether of a row, a table or an advisory one: half as long as for an
    /// answer, so that a lock is distinguished from silence.
    pub fn lock_wait(&self) -> Duration {
        self.silence().map_or(LONGEST_LOCK_WAIT, |silence| LONGEST_LOCK_WAIT.min(silence / 2))
    }

    /// Opens a connection, within the time limits of this crate unless the URL sets others. A statement without an
    /// answer in time ends the connection, with an error of class [`Lost`](crate::ErrorClass::Lost); one that waits for
    /// a lock too long fails, with an error of class [`Unwilling`](crate::ErrorClass::Unwilling).
    ///
    /// # Errors
    /// When the server cannot be reached, refuses the user or has no room.
    pub fn connect(&self) -> ConnectionResult<PgConnection> {
        self.open(Patience::Limited { silence: self.silence(), lock_wait: self.lock_wait() })
    }

    /// The same for statements that rightly take long, such as the steps of a migration: no limit for answers and locks
    /// but those that the caller sets. [`end_all_connections`](crate::end_all_connections) ends this one too.
    ///
    /// # Errors
    /// As [`connect`](Self::connect).
    pub fn connect_for_long_statements(&self) -> ConnectionResult<PgConnection> {
        self.open(Patience::Unlimited)
    }

    fn open(&self, patience: Patience) -> ConnectionResult<PgConnection> {
        let limit = match patience {
            Patience::Limited { silence, .. } => silence,
            Patience::Unlimited => None,
        };
        let mut user_timeout = 0;
        let mark = |connection: u64| {
            user_timeout = self.user_timeout(connection);
            Mark { user_timeout, may_be_local: self.may_be_local() }
        };
        let watcher =
            Watcher::of(mark, limit).map_err(|error| ConnectionError::BadConnection(error.to_string()))?;
        // libpq's own limit covers most of what follows, for each host; the driver makes a setting or two after it.
        watcher.asked(limit.unwrap_or(SILENCE));
        let limits: Vec<_> = LIMITS.into_iter().chain([(USER_TIMEOUT, user_timeout)]).collect();
        let mut connection = PgConnection::establish(&self.url_with(&limits))?;
        watcher.answered();
        connection.set_instrumentation(watcher);
        let session = session_settings(patience);
        connection.batch_execute(&session).map_err(ConnectionError::CouldntSetupConfiguration)?;
        Ok(connection)
    }

    /// The URL's own limit, or one that no other connection has.
    fn user_timeout(&self, connection: u64) -> u32 {
        let (first, step, count) = USER_TIMEOUTS;
        let place = u32::try_from(connection % u64::from(count)).unwrap_or_default();
        self.option(USER_TIMEOUT).and_then(|given| given.parse().ok()).unwrap_or(first + step * place)
    }
}

/// Makes each setting by itself: those that a server does not have (older ones lack some) are left out.
fn session_settings(patience: Patience) -> String {
    let mut wanted = String::new();
    let lock_timeout = match patience {
        Patience::Limited { lock_wait, .. } => Some(format!("{}ms", lock_wait.as_millis())),
        Patience::Unlimited => None,
    };
    let lock_timeout = lock_timeout.as_deref().map(|value| ("lock_timeout", value));
    for (name, value) in SESSION.into_iter().chain(lock_timeout) {
        let separator = if wanted.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(wanted, "{separator}('{name}', '{value}')");
    }
    format!(
        "DO $$ DECLARE wanted record; BEGIN
           FOR wanted IN VALUES {wanted} LOOP
             BEGIN PERFORM set_config(wanted.column1, wanted.column2, false);
             EXCEPTION WHEN OTHERS THEN NULL; END;
           END LOOP;
         END $$"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(url: &str) -> Config {
        Config::from_url(url).unwrap()
    }

    #[test]
    fn the_url_sets_the_longest_silence() {
        assert_eq!(config("postgresql://h/x").silence(), Some(SILENCE));
        assert_eq!(config("jdbc:postgresql://h/x?socketTimeout=7").silence(), Some(Duration::from_secs(7)));
        assert_eq!(config("jdbc:postgresql://h/x?socketTimeout=0").silence(), None);
        let (short, long) =
            (config("postgresql://h/x?socketTimeout=4"), config("postgresql://h/x?socketTimeout=600"));
        assert_eq!((short.lock_wait(), long.lock_wait()), (Duration::from_secs(2), LONGEST_LOCK_WAIT));
    }

    #[test]
    fn every_connection_has_a_mark_of_its_own_unless_the_url_gives_one() {
        let plain = config("postgresql://h/x");
        assert_ne!(plain.user_timeout(1), plain.user_timeout(2));
        assert!((0..2_000).all(|connection| (50_000..55_000).contains(&plain.user_timeout(connection))));
        assert_eq!(config("postgresql://h/x?tcp_user_timeout=20000").user_timeout(7), 20_000);
    }
}
