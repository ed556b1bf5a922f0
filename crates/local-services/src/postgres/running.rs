//! A server of ours with its process: start, stop, crash.

use std::{
    path::Path,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rustix::process::Signal;

use super::{cluster::Cluster, options::Options, protection};
use crate::{
    Error,
    guard::Guard,
    ports,
    process::{Process, children, is_running, log_tail, signal_process, wait_until},
};

/// What errors call it.
pub(super) const SERVER: &str = "PostgreSQL server";
const START_TIMEOUT: Duration = Duration::from_secs(60);
const STOP_TIMEOUT: Duration = Duration::from_secs(30);
const PORT_ATTEMPTS: usize = 5;

/// A server of ours. Fields are dropped in this order: the directory before the guard that would delete it.
#[derive(Debug)]
pub(super) struct Running {
    cluster: Cluster,
    options: Options,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    process: Option<Process>,
    guard: Guard,
}

impl Running {
    /// Starts on a free port; another one is tried if another process takes it first.
    pub(super) fn start(mut options: Options) -> Result<(Self, u16), Error> {
        let cluster = Cluster::open(options.data_dir.as_deref())?;
        let protection = protection::settings(&cluster, &options)?;
        options.settings.splice(0..0, protection);
        // `QUIT` and `INT` are PostgreSQL's immediate and fast shutdown.
        let signal = if cluster.dir().to_delete().is_some() { "QUIT" } else { "INT" };
        let guard = Guard::start(signal, cluster.dir().to_delete())?;
        let running = Self { cluster, options, state: Mutex::new(State { process: None, guard }) };
        for _ in 1..PORT_ATTEMPTS {
            let port = ports::free()?;
            match running.start_again(port) {
                Err(Error::Failed { .. }) if ports::is_taken(port) => {}
                result => return result.map(|()| (running, port)),
            }
        }
        let port = ports::free()?;
        running.start_again(port).map(|()| (running, port))
    }

    /// Starts on the given port, unless it runs.
    pub(super) fn start_again(&self, port: u16) -> Result<(), Error> {
        let mut state = self.state();
        if state.process.as_mut().is_some_and(|process| process.ended().is_none()) {
            return Ok(());
        }
        self.cluster.forget_dead_server();
        let mut command = self.cluster.server_command(port, self.options.durability, &self.options.settings);
        let mut process = Process::spawn(&mut command, &self.cluster.log())?;
        state.guard.watch(&[process.id()])?;
        self.wait_until_ready(&mut process)?;
        state.process = Some(process);
        Ok(())
    }

    fn wait_until_ready(&self, process: &mut Process) -> Result<(), Error> {
        let log = self.cluster.log();
        let mut ended = None;
        let ready = wait_until(START_TIMEOUT, || {
            ended = process.ended();
            ended.is_some() || self.cluster.is_ready(process.id())
        });
        if let Some(status) = ended {
            let output = log_tail(&log);
            return Err(Error::Failed { program: "postgres", status: status.to_string(), output });
        }
        if !ready {
            stop_process(process, Signal::QUIT);
            return Err(Error::NotReady { server: SERVER, waited: START_TIMEOUT, log });
        }
        Ok(())
    }

    /// Stops in an orderly way.
    pub(super) fn stop(&self) -> Result<(), Error> {
        self.stop_by(Signal::INT)
    }

    fn stop_by(&self, signal: Signal) -> Result<(), Error> {
        let mut state = self.state();
        if let Some(mut process) = state.process.take() {
            stop_process(&mut process, signal);
        }
        state.guard.watch(&[])
    }

    /// Kills the server and its children, and waits until none is left: the next start would otherwise find
    /// their shared memory in use.
    pub(super) fn crash(&self) -> Result<(), Error> {
        let mut state = self.state();
        if let Some(mut process) = state.process.take() {
            let children = children(process.id());
            process.signal(Signal::KILL);
            for child in &children {
                signal_process(*child, Signal::KILL);
            }
            process.wait(STOP_TIMEOUT);
            wait_until(STOP_TIMEOUT, || !children.iter().any(|child| is_running(*child)));
        }
        state.guard.watch(&[])
    }

    /// Process id, if running.
    pub(super) fn process_id(&self) -> Option<u32> {
        self.state().process.as_ref().and_then(|process| process.id().try_into().ok())
    }

    /// The private directory.
    pub(super) fn dir(&self) -> &Path {
        self.cluster.dir().path()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // What is deleted anyway need not be written out.
        let signal = if self.cluster.dir().to_delete().is_some() { Signal::QUIT } else { Signal::INT };
        if let Err(error) = self.stop_by(signal) {
            tracing::warn!(%error, "the private PostgreSQL server was not stopped in an orderly way");
        }
    }
}

fn stop_process(process: &mut Process, signal: Signal) {
    process.signal(signal);
    if !process.wait(STOP_TIMEOUT) {
        process.signal(Signal::KILL);
        process.wait(STOP_TIMEOUT);
    }
}
