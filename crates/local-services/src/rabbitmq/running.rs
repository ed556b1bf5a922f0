//! A broker of ours with its processes: start, stop, crash.

use std::{
    io::{Read, Write},
    net::{Ipv4Addr, TcpStream},
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::Signal;

use super::{
    node::{Node, Ports},
    options::Options,
};
use crate::{
    Error,
    guard::Guard,
    private_dir::PrivateDir,
    process::{Process, children, is_running, log_tail, wait_until},
};

/// What errors call it.
pub(super) const SERVER: &str = "RabbitMQ server";
const START_TIMEOUT: Duration = Duration::from_secs(120);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const EPMD_TIMEOUT: Duration = Duration::from_secs(10);
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
const ATTEMPTS: usize = 5;
const AMQP_0_9_1: &[u8; 8] = b"AMQP\0\0\x09\x01";
/// First byte of the broker's answer: a method frame, `connection.start`.
const METHOD_FRAME: u8 = 1;

/// A broker of ours. Fields are dropped in this order: the directory before the guard that would delete it.
#[derive(Debug)]
pub(super) struct Running {
    dir: PrivateDir,
    /// The node.
    pub(super) node: Node,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    broker: Option<Process>,
    epmd: Process,
    guard: Guard,
}

impl Running {
    /// Starts on free ports; others are tried if another process takes one first.
    pub(super) fn start(options: &Options) -> Result<Self, Error> {
        let mut result = Self::start_once(options);
        for _ in 1..ATTEMPTS {
            match result {
                Err((Error::Failed { .. }, Some(ports))) if ports.any_taken() => {
                    result = Self::start_once(options);
                }
                _ => break,
            }
        }
        result.map_err(|(error, _)| error)
    }

    fn start_once(options: &Options) -> Result<Self, (Error, Option<Ports>)> {
        let dir =
            PrivateDir::open(options.data_dir.as_deref(), "emap-rabbitmq-", None).map_err(|e| (e, None))?;
        let ports = Ports::free().map_err(|error| (error, None))?;
        let running = Self::with_port_mapper(dir, ports, options).map_err(|error| (error, Some(ports)))?;
        running.start_again().map_err(|error| (error, Some(ports)))?;
        Ok(running)
    }

    fn with_port_mapper(dir: PrivateDir, ports: Ports, options: &Options) -> Result<Self, Error> {
        if let Some(pid) = Node::occupant(dir.path()) {
            return Err(Error::DataDirInUse { dir: dir.path().to_owned(), pid });
        }
        let node = Node::prepare(dir.path(), ports, options)?;
        let signal = if dir.to_delete().is_some() { "KILL" } else { "TERM" };
        let mut guard = Guard::start(signal, dir.to_delete())?;
        let mut epmd = Process::spawn(&mut node.epmd_command(), &node.epmd_log())?;
        guard.watch(&[epmd.id()])?;
        wait_until(EPMD_TIMEOUT, || epmd.ended().is_some() || connect(ports.epmd).is_some());
        if let Some(status) = epmd.ended() {
            let output = log_tail(&node.epmd_log());
            return Err(Error::Failed { program: "epmd", status: status.to_string(), output });
        }
        Ok(Self { dir, node, state: Mutex::new(State { broker: None, epmd, guard }) })
    }

    /// Starts the broker, unless it runs.
    pub(super) fn start_again(&self) -> Result<(), Error> {
        let mut state = self.state();
        if state.broker.as_mut().is_some_and(|broker| broker.ended().is_none()) {
            return Ok(());
        }
        let mut broker = Process::spawn(&mut self.node.server_command(), &self.node.log())?;
        let watched = [-broker.id(), state.epmd.id()];
        state.guard.watch(&watched)?;
        self.wait_until_ready(&mut broker)?;
        state.broker = Some(broker);
        Ok(())
    }

    fn wait_until_ready(&self, broker: &mut Process) -> Result<(), Error> {
        let mut ended = None;
        let ready = wait_until(START_TIMEOUT, || {
            ended = broker.ended();
            ended.is_some() || speaks_amqp(self.node.ports.amqp)
        });
        let log = self.node.log();
        if let Some(status) = ended {
            let output = log_tail(&log);
            return Err(Error::Failed { program: "rabbitmq-server", status: status.to_string(), output });
        }
        if !ready {
            kill(broker);
            return Err(Error::NotReady { server: SERVER, waited: START_TIMEOUT, log });
        }
        Ok(())
    }

    /// Stops the broker in an orderly way; the port mapper stays.
    pub(super) fn stop(&self) -> Result<(), Error> {
        self.end(|broker| {
            // The script passes it on to Erlang and waits.
            broker.signal(Signal::TERM);
            if !broker.wait(STOP_TIMEOUT) {
                kill(broker);
            }
        })
    }

    /// Kills the broker at once.
    pub(super) fn crash(&self) -> Result<(), Error> {
        self.end(kill)
    }

    fn end(&self, how: impl FnOnce(&mut Process)) -> Result<(), Error> {
        let mut state = self.state();
        if let Some(mut broker) = state.broker.take() {
            how(&mut broker);
        }
        let epmd = state.epmd.id();
        state.guard.watch(&[epmd])
    }

    /// The private directory.
    pub(super) fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What is deleted anyway need not be written out.
        let result = if self.dir.to_delete().is_some() { self.crash() } else { self.stop() };
        if let Err(error) = result {
            tracing::warn!(%error, "the private RabbitMQ server was not stopped in an orderly way");
        }
        kill(&mut self.state().epmd);
    }
}

/// Kills a process group and waits until the script and the Erlang machine it has started are gone.
fn kill(process: &mut Process) {
    let children = children(process.id());
    process.signal_group(Signal::KILL);
    process.wait(STOP_TIMEOUT);
    wait_until(STOP_TIMEOUT, || !children.iter().any(|child| is_running(*child)));
}

/// The port opens a little before the broker serves; its first frame shows that it does.
fn speaks_amqp(port: u16) -> bool {
    let answer = || -> Option<u8> {
        let mut stream = connect(port)?;
        stream.set_read_timeout(Some(ANSWER_TIMEOUT)).ok()?;
        stream.write_all(AMQP_0_9_1).ok()?;
        let mut first = [0];
        stream.read_exact(&mut first).ok()?;
        Some(first[0])
    };
    answer() == Some(METHOD_FRAME)
}

fn connect(port: u16) -> Option<TcpStream> {
    TcpStream::connect((Ipv4Addr::LOCALHOST, port)).ok()
}
