//! A private PostgreSQL server.
//!
//! ```no_run
//! use emap_local_services::postgres::{Options, Server};
//!
//! let server = Server::start(Options::default())?;
//! server.create_database("star")?;
//! assert_eq!(server.query("star", "SELECT 6 * 7")?, "42");
//! println!("{}", server.psql_command("star"));
//! # Ok::<(), emap_local_services::Error>(())
//! ```

mod cluster;
mod durability;
mod options;
mod programs;
mod protection;
mod running;

pub use self::{
    durability::Durability,
    options::{Options, Tls, USER},
};

use std::{
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use self::{
    programs::Programs,
    running::{Running, SERVER},
};
use crate::{Error, ports, process::run};

/// If set, [`shared`] uses the private server that another process has started on this port.
pub const SHARED_PORT_VARIABLE: &str = "EMAP_TEST_POSTGRES_PORT";

/// A private PostgreSQL server; stopped when dropped.
#[derive(Debug)]
pub struct Server {
    port: u16,
    /// `None`: it belongs to another process.
    running: Option<Running>,
}

impl Server {
    /// Creates a cluster if there is none, starts the server and waits until it accepts connections.
    ///
    /// # Errors
    /// The programs are missing or of the wrong version, the data directory is in use or cannot be reached by
    /// the server's account, or the server does not come up.
    pub fn start(options: Options) -> Result<Self, Error> {
        let (running, port) = Running::start(options)?;
        Ok(Self { port, running: Some(running) })
    }

    /// The TCP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// libpq URL of the database `postgres`.
    pub fn url(&self) -> String {
        self.database_url("postgres")
    }

    /// libpq URL of a database.
    pub fn database_url(&self, database: &str) -> String {
        format!("postgresql://{USER}@127.0.0.1:{}/{database}", self.port)
    }

    /// JDBC URL of a database; the user name, [`USER`], goes separately.
    pub fn jdbc_url(&self, database: &str) -> String {
        format!("jdbc:postgresql://127.0.0.1:{}/{database}", self.port)
    }

    /// The shell command that opens `psql` on a database.
    pub fn psql_command(&self, database: &str) -> String {
        format!("psql {}", self.database_url(database))
    }

    /// Creates an empty database.
    ///
    /// # Errors
    /// The server's answer, for example that the database exists.
    pub fn create_database(&self, name: &str) -> Result<(), Error> {
        self.query("postgres", &format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""))).map(drop)
    }

    /// Runs SQL through `psql`: rows in lines, columns separated by `|`, without the last line end.
    ///
    /// # Errors
    /// `psql` is missing, or the server's answer.
    pub fn query(&self, database: &str, sql: &str) -> Result<String, Error> {
        self.psql(database, sql, "-At")
    }

    /// As [`Self::query`], as the table that `psql` shows to people.
    ///
    /// # Errors
    /// As [`Self::query`].
    pub fn table(&self, database: &str, sql: &str) -> Result<String, Error> {
        self.psql(database, sql, "-Pfooter=off")
    }

    fn psql(&self, database: &str, sql: &str, form: &str) -> Result<String, Error> {
        let mut command = Command::new(psql_program());
        cluster::without_pg_variables(&mut command);
        command
            .args(["-Xq", form, "-v", "ON_ERROR_STOP=1", "-c", sql, "-d"])
            .arg(self.database_url(database));
        run("psql", &mut command).map(|answer| answer.trim_end_matches('\n').to_owned())
    }

    /// Stops the server in an orderly way, ending all connections; the data stays. Stopping twice is no
    /// error.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a server that another process has started.
    pub fn stop(&self) -> Result<(), Error> {
        self.ours()?.stop()
    }

    /// Starts the server again on the same port, after [`Self::stop`] or [`Self::crash`].
    ///
    /// # Errors
    /// As [`Self::start`]; [`Error::NotOurs`] for a server that another process has started.
    pub fn start_again(&self) -> Result<(), Error> {
        self.ours()?.start_again(self.port)
    }

    /// Stops and starts the server.
    ///
    /// # Errors
    /// As [`Self::stop`] and [`Self::start_again`].
    pub fn restart(&self) -> Result<(), Error> {
        self.stop()?;
        self.start_again()
    }

    /// Kills the server with all its processes, as a crash would; for tests.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a server that another process has started.
    pub fn crash(&self) -> Result<(), Error> {
        self.ours()?.crash()
    }

    /// Process id of the server, if it is ours and running.
    pub fn process_id(&self) -> Option<u32> {
        self.running.as_ref()?.process_id()
    }

    /// The private directory (data in `data/`, log in `postgres.log`), if the server is ours.
    pub fn dir(&self) -> Option<&Path> {
        self.running.as_ref().map(Running::dir)
    }

    fn ours(&self) -> Result<&Running, Error> {
        self.running.as_ref().ok_or(Error::NotOurs { server: SERVER })
    }
}

/// `psql` as installed with the server, looked for once.
fn psql_program() -> &'static Path {
    static PROGRAM: OnceLock<PathBuf> = OnceLock::new();
    PROGRAM.get_or_init(|| {
        Programs::find(Path::new("")).map_or_else(|_| "psql".into(), |programs| programs.path("psql"))
    })
}

/// The server that all tests of this process share: started at first use, stopped when the process ends.
///
/// If [`SHARED_PORT_VARIABLE`] is set, it is the private server of another process (`emap services --
/// COMMAND` sets it), which spares each test program a start of its own.
///
/// # Panics
/// If the server cannot be started.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| match ports::from_environment(SHARED_PORT_VARIABLE) {
        Some(port) => Server { port, running: None },
        None => match Server::start(Options::default()) {
            Ok(server) => server,
            Err(error) => panic!("no private {SERVER}: {error}"),
        },
    })
}
