//! A PostgreSQL server that is up and does not do what it is asked.
//!
//! Every fault is undone when the value that stands for it is dropped. Faults that are settings of a database or a role
//! hold for new sessions only; [`Database::end_sessions`] makes clients begin new ones.

use std::{fmt, time::Duration};

use diesel::{Connection, ConnectionResult, PgConnection, connection::SimpleConnection};

use crate::faults::postgres::SqlState;

/// Times that all places of a server are taken.
const TAKE_ROUNDS: usize = 3;
const UNDO_ATTEMPTS: usize = 20;
/// Of our own connections. A program that holds a lock for longer is stuck, and others that wait for it would be too.
const OWN_SETTINGS: [(&str, &str); 3] =
    [("default_transaction_read_only", "off"), ("statement_timeout", "0"), ("lock_timeout", "10s")];
const UNDO_PAUSE: Duration = Duration::from_millis(200);

/// What came of a statement.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tried {
    Done,
    Refused,
    ServerIsGone,
}

/// A database that faults are done to, over connections of a superuser that do not go through any proxy.
#[derive(Debug, Clone)]
pub struct Database {
    url: String,
    name: String,
}

/// A fault that lasts until this is dropped.
#[must_use = "the fault ends when this is dropped"]
pub struct Lasting {
    /// For connections that hold something; they are closed first.
    connections: Vec<PgConnection>,
    undo: Option<(Database, String)>,
}

impl fmt::Debug for Lasting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let undo = self.undo.as_ref().map(|(_, statement)| statement);
        f.debug_struct("Lasting").field("connections", &self.connections.len()).field("undo", &undo).finish()
    }
}

impl Lasting {
    /// As dropping does, and says so in the caller's code.
    pub fn end(self) {}
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.connections.clear();
        let Some((database, statement)) = self.undo.take() else { return };
        // The server may have been stopped meanwhile; a database of a test goes with it. What it objects to, such as a
        // deadlock with those who wait for the table, may pass.
        for _ in 0..UNDO_ATTEMPTS {
            if database.try_run(&statement) != Tried::Refused {
                return;
            }
            std::thread::sleep(UNDO_PAUSE);
        }
    }
}

impl Database {
    /// The database of that name; the URL is a superuser's and leads to it.
    pub fn new(url: &str, name: &str) -> Self {
        Self { url: url.to_owned(), name: name.to_owned() }
    }

    /// New transactions are read-only (`25006`), as on a server that was demoted.
    pub fn read_only(&self) -> Lasting {
        let name = quoted(&self.name);
        self.lasting(
            &format!("ALTER DATABASE {name} SET default_transaction_read_only = on"),
            format!("ALTER DATABASE {name} RESET default_transaction_read_only"),
        )
    }

    /// Every statement that takes longer fails (`57014`).
    ///
    /// `milliseconds`: at least 1.
    pub fn statement_timeout(&self, milliseconds: u32) -> Lasting {
        let name = quoted(&self.name);
        self.lasting(
            &format!("ALTER DATABASE {name} SET statement_timeout = {milliseconds}"),
            format!("ALTER DATABASE {name} RESET statement_timeout"),
        )
    }

    /// A role loses rights on a table (`42501`). `table` with its schema; `rights`: `INSERT`, `UPDATE` … or `ALL`. A
    /// superuser or the owner would keep theirs: programs must run under another role.
    pub fn revoked(&self, rights: &str, table: &str, role: &str) -> Lasting {
        let role = quoted(role);
        self.lasting(
            &format!("REVOKE {rights} ON {table} FROM {role}"),
            format!("GRANT {rights} ON {table} TO {role}"),
        )
    }

    /// The table has another name for the time being (`42P01`). `schema` and `table` are single names.
    pub fn table_gone(&self, schema: &str, table: &str) -> Lasting {
        let (schema, table, gone) = (quoted(schema), quoted(table), quoted(&format!("{table}__gone")));
        self.lasting(
            &format!("ALTER TABLE {schema}.{table} RENAME TO {gone}"),
            format!("ALTER TABLE {schema}.{gone} RENAME TO {table}"),
        )
    }

    /// Every statement that adds or changes rows of the table fails with this state, raised by a trigger: what a full
    /// disk (`53100`) or a broken one (`58030`) looks like, without filling one. COPY counts as adding.
    pub fn refusing(&self, table: &str, state: SqlState) -> Lasting {
        let code = state.code();
        let function = format!("{table}__refuses");
        let trigger = "emap_injected_refusal";
        self.lasting(
            &format!(
                "CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql AS $refuse$ BEGIN \
                   RAISE EXCEPTION 'refused by the fault injector' USING ERRCODE = '{code}'; END $refuse$; \
                 CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE OR DELETE ON {table} \
                   FOR EACH STATEMENT EXECUTE FUNCTION {function}()"
            ),
            format!("DROP FUNCTION {function}() CASCADE"),
        )
    }

    /// No other session reads or writes the table: waits end with the lock or with `lock_timeout` (`55P03`).
    pub fn locked(&self, table: &str) -> Lasting {
        let mut connection = self.connect();
        let lock = format!("BEGIN; LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE");
        connection.batch_execute(&lock).unwrap_or_else(|error| panic!("{lock}: {error}"));
        Lasting { connections: vec![connection], undo: None }
    }

    /// The advisory lock is taken, as by another reader or core.
    pub fn advisory_lock(&self, key: i64) -> Lasting {
        let mut connection = self.connect();
        let lock = format!("SELECT pg_advisory_lock({key})");
        connection.batch_execute(&lock).unwrap_or_else(|error| panic!("{lock}: {error}"));
        Lasting { connections: vec![connection], undo: None }
    }

    /// The database accepts no more connections (`53300`) but those of superusers, who are exempt from its limit:
    /// programs must run under another role.
    pub fn no_more_connections(&self) -> Lasting {
        let name = quoted(&self.name);
        self.lasting(
            &format!("ALTER DATABASE {name} CONNECTION LIMIT 0"),
            format!("ALTER DATABASE {name} CONNECTION LIMIT -1"),
        )
    }

    /// All places of the server (`max_connections`, those reserved for superusers included) are taken by idle
    /// connections: `53300` for everybody. Returns how many were opened; use it on a server of your own with a small
    /// `max_connections`.
    pub fn all_connections_taken(&self) -> (Lasting, usize) {
        let mut connections = Vec::new();
        self.take_places(&mut connections);
        let count = connections.len();
        (Lasting { connections, undo: None }, count)
    }

    /// The same, and the sessions of that role have ended, so that it has to ask for places.
    pub fn all_connections_taken_from(&self, role: &str) -> Lasting {
        let mut connections = vec![self.connect()];
        let end = format!("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '{role}'");
        // Who was quick took a place that was just left.
        for _ in 0..TAKE_ROUNDS {
            connections[0].batch_execute(&end).unwrap_or_else(|error| panic!("{end}: {error}"));
            self.take_places(&mut connections);
        }
        Lasting { connections, undo: None }
    }

    fn take_places(&self, connections: &mut Vec<PgConnection>) {
        while let Ok(connection) = PgConnection::establish(&self.url) {
            connections.push(connection);
        }
    }

    /// Ends every other session in this database (`57P01`).
    pub fn end_sessions(&self) {
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
    }

    fn lasting(&self, statement: &str, undo: String) -> Lasting {
        self.run(statement);
        Lasting { connections: Vec::new(), undo: Some((self.clone(), undo)) }
    }

    /// # Panics
    /// The statement fails.
    pub(super) fn run(&self, statement: &str) {
        let result = self.connect().batch_execute(statement);
        result.unwrap_or_else(|error| panic!("{statement}: {error}"));
    }

    /// As [`Self::run`]; an error, or a server that is gone, is no matter.
    pub(super) fn try_run(&self, statement: &str) -> Tried {
        let Ok(mut connection) = self.try_connect() else { return Tried::ServerIsGone };
        connection.batch_execute(statement).map_or(Tried::Refused, |()| Tried::Done)
    }

    fn connect(&self) -> PgConnection {
        self.try_connect().unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Our own statements do not fall under the faults.
    fn try_connect(&self) -> ConnectionResult<PgConnection> {
        connect_with(&self.url, &OWN_SETTINGS)
    }
}

/// Connects to a URL without parameters, with these settings from the start: they win over those of database and role,
/// and no statement that a fault could refuse has to make them.
///
/// # Errors
/// The server's answer.
pub fn connect_with(url: &str, settings: &[(&str, &str)]) -> ConnectionResult<PgConnection> {
    let options: Vec<String> =
        settings.iter().map(|(name, value)| format!("-c%20{name}%3D{value}")).collect();
    PgConnection::establish(&format!("{url}?options={}", options.join("%20")))
}

fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
