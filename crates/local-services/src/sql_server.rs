//! A stand-in for SQL Server: speaks TDS 7.4 on a free port, and runs a part of T-SQL on a private PostgreSQL.
//!
//! **It is not SQL Server.** It is there so that programs can be tried on machines without one. What it takes is an
//! allow-list (see the `tsql` module); everything else is refused with an error that names it. What it covers, and what it
//! does not: `docs/decisions/sql-server-stand-in.md`.

mod answer;
mod encryption;
mod faults;
mod interrupt;
mod request;
mod script;
mod session;
mod shared;
mod transport;
mod tsql;
mod wire;

pub use self::{encryption::Encryption, faults::Fault, script::batches, shared::LOGIN};

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use self::{session::Session, shared::Shared};
use crate::{Error, postgres};

/// A running stand-in. It stops when it is dropped; open connections go on until their clients close them.
#[derive(Debug)]
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts on a free port of the loopback interface, over the PostgreSQL that all tests share; without encryption.
    ///
    /// # Errors
    /// When the port cannot be opened.
    pub fn start() -> Result<Self, Error> {
        Self::start_on(postgres::shared(), Encryption::None)
    }

    /// Starts on a free port of the loopback interface, over a PostgreSQL.
    ///
    /// # Errors
    /// When the port cannot be opened, or no certificate be made.
    pub fn start_on(postgres: &postgres::Server, encryption: Encryption) -> Result<Self, Error> {
        Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), postgres, encryption)
    }

    /// Starts at an address, over a PostgreSQL; port 0 is any free one.
    ///
    /// # Errors
    /// As [`start_on`](Self::start_on).
    pub fn start_at(
        address: SocketAddr,
        postgres: &postgres::Server,
        encryption: Encryption,
    ) -> Result<Self, Error> {
        let tls = encryption.config().map_err(|reason| failure("make a certificate", &reason))?;
        let shared = Arc::new(Shared::new(postgres.database_url(""), tls));
        let failed = |error: std::io::Error| failure("open a port", &error);
        let listener = TcpListener::bind(address).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let sessions = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if sessions.stopped.load(Ordering::Relaxed) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                let shared = Arc::clone(&sessions);
                thread::spawn(move || Session::serve(stream, shared));
            }
        });
        Ok(Self { port, shared })
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The URL of a database as the Java driver takes it; nothing but the login is encrypted.
    pub fn jdbc_url(&self, database: &str) -> String {
        format!("jdbc:sqlserver://127.0.0.1:{};databaseName={database};encrypt=false", self.port)
    }

    /// Creates an empty database with the schema `dbo`. Logins that name no database get the first one.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    pub fn create_database(&self, name: &str) -> Result<Database, Error> {
        let failed = |error: ::postgres::Error| failure("create a database", &reason(&error));
        let name = name.to_lowercase();
        let create = format!("CREATE DATABASE \"{}\"", name.replace('"', "\"\""));
        self.on("postgres", &create).map_err(failed)?;
        self.on(&name, tsql::SCHEMA).map_err(failed)?;
        self.shared.created(&name);
        Ok(Database { name, shared: Arc::clone(&self.shared) })
    }

    /// Creates an empty database in place of one that may be there.
    ///
    /// # Errors
    /// As [`create_database`](Self::create_database).
    pub fn replace_database(&self, name: &str) -> Result<Database, Error> {
        let failed = |error: ::postgres::Error| failure("drop a database", &reason(&error));
        let quoted = name.to_lowercase().replace('"', "\"\"");
        let drop = format!("DROP DATABASE IF EXISTS \"{quoted}\" WITH (FORCE)");
        self.on("postgres", &drop).map_err(failed)?;
        self.create_database(name)
    }

    /// Creates an empty database with a name of its own.
    ///
    /// # Errors
    /// As [`create_database`](Self::create_database).
    pub fn fresh_database(&self, prefix: &str) -> Result<Database, Error> {
        static NEXT: AtomicU16 = AtomicU16::new(0);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        self.create_database(&format!("{prefix}_{}_{number}", std::process::id()))
    }

    fn on(&self, database: &str, sql: &str) -> Result<(), ::postgres::Error> {
        apart(|| self.shared.connect(database).and_then(|mut client| client.batch_execute(sql)))
    }

    /// Lets the next query whose text contains `part` meet a fault.
    pub fn fail_next(&self, part: &str, fault: Fault) {
        self.shared.faults.add(part, fault);
    }

    /// The most queries that ran at the same time.
    pub fn most_running(&self) -> u32 {
        self.shared.most_running.load(Ordering::Relaxed)
    }

    /// Queries that run now.
    pub fn running(&self) -> u32 {
        self.shared.running.load(Ordering::Relaxed)
    }

    /// Attempts to log in, successful or not.
    pub fn logins(&self) -> u32 {
        self.shared.logins.load(Ordering::Relaxed)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.stopped.store(true, Ordering::Relaxed);
    }
}

/// A database of the stand-in.
#[derive(Debug, Clone)]
pub struct Database {
    name: String,
    shared: Arc<Shared>,
}

impl Database {
    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs T-SQL, in batches separated by lines with `GO`.
    ///
    /// # Errors
    /// When a batch is refused; the text says which, and why.
    pub fn run_script(&self, script: &str) -> Result<(), Error> {
        apart(|| {
            let mut client = self
                .shared
                .connect(&self.name)
                .map_err(|error| failure("open the database", &reason(&error)))?;
            for batch in batches(script) {
                script::run(&mut client, &self.name, &batch).map_err(|reason| {
                    let start: String = batch.trim().chars().take(60).collect();
                    failure(&format!("run {start:?}"), &reason)
                })?;
            }
            Ok(())
        })
    }

    /// Runs SQL of PostgreSQL underneath, for what the stand-in does not know.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    pub fn run_on_postgres(&self, sql: &str) -> Result<(), Error> {
        let failed = |error: ::postgres::Error| failure("run SQL of PostgreSQL", &reason(&error));
        apart(|| self.shared.connect(&self.name).and_then(|mut client| client.batch_execute(sql)))
            .map_err(failed)
    }
}

fn failure(what: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::Failed { program: "the SQL Server stand-in", status: what.to_owned(), output: reason.to_string() }
}

/// What PostgreSQL says.
fn reason(error: &::postgres::Error) -> String {
    error.as_db_error().map_or_else(|| error.to_string(), ToString::to_string)
}

/// Runs something that waits for PostgreSQL on a thread of its own: the caller's may belong to a runtime.
fn apart<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(panic) => std::panic::resume_unwind(panic),
    })
}
