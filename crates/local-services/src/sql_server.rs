//! A stand-in for SQL Server: speaks TDS 7.4 on a free port, and runs a part of T-SQL on a private PostgreSQL.
//!
//! **It is not SQL Server.** It is there so that programs can be tried on machines without one. What it takes is an
//! allow-list (see the `translate` module); everything else is refused with an error that names it. Known differences:
//! blanks at the end of texts count in comparisons, columns of outer joins are described as their tables declare them,
//! `varchar` is Windows-1252, and there is no TLS, no MARS, no transaction and no cancelling of a running query other
//! than by closing the connection.

mod answer;
mod faults;
mod request;
mod session;
mod shared;
mod translate;
mod wire;

pub use self::{faults::Fault, shared::LOGIN};

use std::{
    net::{Ipv4Addr, TcpListener},
    sync::{
        Arc,
        atomic::{AtomicU16, Ordering},
    },
    thread,
};

use self::{session::Session, shared::Shared};
use crate::{Error, postgres};

/// What a database needs before tables are created: texts that compare without regard to case, and bits that compare
/// with numbers and are written as numbers.
const PREPARE: &str = r"
    CREATE SCHEMA dbo;
    CREATE COLLATION dbo.sql_server (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE FUNCTION dbo.bit_equals(bit_value boolean, number integer) RETURNS boolean IMMUTABLE STRICT LANGUAGE sql
        AS 'SELECT bit_value = (number <> 0)';
    CREATE OPERATOR dbo.= (leftarg = boolean, rightarg = integer, function = dbo.bit_equals);
    UPDATE pg_cast SET castcontext = 'a' WHERE castsource = 'integer'::regtype AND casttarget = 'boolean'::regtype;
";

/// A running stand-in. It stops when it is dropped; open connections go on until their clients close them.
#[derive(Debug)]
pub struct Server {
    port: u16,
    shared: Arc<Shared>,
}

impl Server {
    /// Starts on a free port of the loopback interface, over the PostgreSQL that all tests share.
    ///
    /// # Errors
    /// When PostgreSQL cannot be started or the port not be opened.
    pub fn start() -> Result<Self, Error> {
        let shared = Arc::<Shared>::default();
        let failed = |error: std::io::Error| failure("open a port", &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(failed)?;
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

    /// The URL of a database as the Java driver takes it; nothing is encrypted.
    pub fn jdbc_url(&self, database: &str) -> String {
        format!("jdbc:sqlserver://127.0.0.1:{};databaseName={database};encrypt=false", self.port)
    }

    /// Creates an empty database with the schema `dbo`.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    pub fn create_database(&self, name: &str) -> Result<Database, Error> {
        let server = postgres::shared();
        server.create_database(name)?;
        server.query(name, PREPARE)?;
        Ok(Database { name: name.to_owned() })
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

    /// Lets the next query whose text contains `part` meet a fault.
    pub fn fail_next(&self, part: &str, fault: Fault) {
        self.shared.faults.add(part, fault);
    }

    /// The most queries that ran at the same time.
    pub fn most_running(&self) -> u32 {
        self.shared.most_running.load(Ordering::Relaxed)
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
        for batch in batches(script) {
            let translated = translate::batch(&batch, &[]).map_err(|refused| {
                let start: String = batch.trim().chars().take(60).collect();
                failure(&format!("run {start:?}"), &refused.message)
            })?;
            for statement in translated {
                if let translate::Statement::Run(sql) = statement {
                    self.run_on_postgres(&sql)?;
                }
            }
        }
        Ok(())
    }

    /// Runs SQL of PostgreSQL underneath, for what the stand-in does not know.
    ///
    /// # Errors
    /// When PostgreSQL refuses it.
    pub fn run_on_postgres(&self, sql: &str) -> Result<(), Error> {
        postgres::shared()
            .query(&self.name, &format!("SET search_path TO dbo, pg_catalog; {sql}"))
            .map(|_| ())
    }
}

fn failure(what: &str, reason: &dyn std::fmt::Display) -> Error {
    Error::Failed { program: "the SQL Server stand-in", status: what.to_owned(), output: reason.to_string() }
}

fn batches(script: &str) -> Vec<String> {
    let mut batches = vec![String::new()];
    for line in script.lines() {
        if line.trim().eq_ignore_ascii_case("GO") {
            batches.push(String::new());
        } else if let Some(batch) = batches.last_mut() {
            batch.push_str(line);
            batch.push('\n');
        }
    }
    let has_statement =
        |batch: &String| batch.lines().map(str::trim).any(|line| !line.is_empty() && !line.starts_with("--"));
    batches.retain(has_statement);
    batches
}
