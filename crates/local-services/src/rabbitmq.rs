//! A private RabbitMQ server.
//!
//! ```no_run
//! use emap_local_services::rabbitmq::{Options, Server};
//!
//! let server = Server::start(Options::default())?;
//! println!("{}", server.url("/"));
//! server.crash()?; // kill -9
//! server.start_again()?; // on the same port, with what it had stored
//! # Ok::<(), emap_local_services::Error>(())
//! ```

mod node;
mod options;
mod programs;
mod running;

pub use self::options::Options;

use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicU32, Ordering},
    },
};

use self::{
    node::Node,
    running::{Running, SERVER},
};
use crate::Error;

/// User name; a private server has only this one, and it can log in from this machine only.
pub const USER: &str = "guest";
/// Its password.
pub const PASSWORD: &str = "guest";
/// If set, [`shared`] uses the private server that another process has started in this directory.
pub const SHARED_DIR_VARIABLE: &str = "EMAP_TEST_RABBITMQ_DIR";
const HOST: &str = "127.0.0.1";

/// A private RabbitMQ server; stopped when dropped.
#[derive(Debug)]
pub struct Server {
    inner: Inner,
}

#[derive(Debug)]
enum Inner {
    Ours(Box<Running>),
    /// It belongs to another process.
    Attached(Node),
}

impl Server {
    /// Starts the server and waits until it serves AMQP; takes three to six seconds.
    ///
    /// # Errors
    /// The programs are missing, the data directory is in use, or the server does not come up.
    #[allow(clippy::needless_pass_by_value, reason = "as PostgreSQL takes its own")]
    pub fn start(options: Options) -> Result<Self, Error> {
        Ok(Self { inner: Inner::Ours(Box::new(Running::start(&options)?)) })
    }

    /// The server that another process has started in the directory.
    ///
    /// # Errors
    /// No server has been started there.
    pub fn attach(dir: &Path) -> Result<Self, Error> {
        Ok(Self { inner: Inner::Attached(Node::attach(dir)?) })
    }

    /// Host name or address.
    pub fn host(&self) -> &'static str {
        HOST
    }

    /// AMQP port.
    pub fn port(&self) -> u16 {
        self.node().ports.amqp
    }

    /// AMQP URL of a virtual host (`/` is the one that every server has).
    pub fn url(&self, virtual_host: &str) -> String {
        let virtual_host = virtual_host.replace('/', "%2f");
        format!("amqp://{USER}:{PASSWORD}@{HOST}:{}/{virtual_host}", self.port())
    }

    /// Adds an empty virtual host and returns its name: queues with fixed names for one test alone.
    ///
    /// # Errors
    /// The server does not run.
    pub fn fresh_virtual_host(&self) -> Result<String, Error> {
        static COUNT: AtomicU32 = AtomicU32::new(1);
        let name = format!("test-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        self.node().add_virtual_host(&name)?;
        Ok(name)
    }

    /// Runs `rabbitmqctl` with these arguments and returns what it prints; takes one to two seconds.
    ///
    /// # Errors
    /// The server does not run, or what `rabbitmqctl` objects to.
    pub fn control(&self, arguments: &[&str]) -> Result<String, Error> {
        self.node().control(arguments)
    }

    /// Evaluates Erlang expressions (separated by commas, ended by a full stop) in the server, and returns what the last
    /// one gives, in Erlang's notation. Takes milliseconds where Erlang's `erl_call` is installed.
    ///
    /// # Errors
    /// The server does not run, or what Erlang objects to.
    pub fn evaluate(&self, expressions: &str) -> Result<String, Error> {
        self.node().evaluate(expressions)
    }

    /// Stops the server in an orderly way; durable queues and persistent messages stay. Stopping twice is no
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
        self.ours()?.start_again()
    }

    /// Kills the server, as a crash would; for tests.
    ///
    /// # Errors
    /// [`Error::NotOurs`] for a server that another process has started.
    pub fn crash(&self) -> Result<(), Error> {
        self.ours()?.crash()
    }

    /// The private directory (logs in `server.log` and `log/`), if the server is ours.
    pub fn dir(&self) -> Option<&Path> {
        match &self.inner {
            Inner::Ours(running) => Some(running.dir()),
            Inner::Attached(_) => None,
        }
    }

    fn node(&self) -> &Node {
        match &self.inner {
            Inner::Ours(running) => &running.node,
            Inner::Attached(node) => node,
        }
    }

    fn ours(&self) -> Result<&Running, Error> {
        match &self.inner {
            Inner::Ours(running) => Ok(running),
            Inner::Attached(_) => Err(Error::NotOurs { server: SERVER }),
        }
    }
}

/// The server that all tests of this process share: started at first use, stopped when the process ends.
///
/// If [`SHARED_DIR_VARIABLE`] is set, it is the private server of another process (`emap services -- COMMAND`
/// sets it), which spares each test program a start of its own.
///
/// # Panics
/// If the server cannot be started.
pub fn shared() -> &'static Server {
    static SHARED: OnceLock<Server> = OnceLock::new();
    SHARED.get_or_init(|| {
        let started = match std::env::var_os(SHARED_DIR_VARIABLE) {
            Some(dir) => Server::attach(Path::new(&dir)),
            None => Server::start(Options::default()),
        };
        started.unwrap_or_else(|error| panic!("no private {SERVER}: {error}"))
    })
}
