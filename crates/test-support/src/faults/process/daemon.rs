//! One daemon.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, OpenOptions},
    io,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process};

use super::{
    http::{Answer, free_port, get},
    metrics::Metrics,
    usage::Usage,
};

const POLL: Duration = Duration::from_millis(20);
const UNTIL_STOPPED: Duration = Duration::from_secs(10);

/// How a daemon is started; it can be started several times, each time on a port of its own.
#[derive(Debug, Clone)]
pub struct Builder {
    program: PathBuf,
    arguments: Vec<OsString>,
    environment: Vec<(OsString, OsString)>,
}

impl Builder {
    /// With one more argument.
    #[must_use]
    pub fn argument(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().to_owned());
        self
    }

    /// With one more variable of the environment; of equal names the last counts.
    #[must_use]
    pub fn environment(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().to_owned(), value.as_ref().to_owned()));
        self
    }

    /// Starts the daemon with nothing in its environment but what was given, PATH, and `SERVER_PORT`; what it writes is
    /// appended to the log file.
    ///
    /// # Errors
    /// There is no such program, or the log cannot be written.
    pub fn spawn(&self, log: impl AsRef<Path>) -> io::Result<Daemon> {
        let log = log.as_ref().to_owned();
        let output = OpenOptions::new().create(true).append(true).open(&log)?;
        let errors = output.try_clone()?;
        let port = free_port();
        let mut command = Command::new(&self.program);
        command
            .env_clear()
            .env("SERVER_PORT", port.to_string())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.args(&self.arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        command.stdin(Stdio::null()).stdout(output).stderr(errors);
        Ok(Daemon { child: command.spawn()?, port, log })
    }
}

/// A running daemon; killed when dropped.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    port: u16,
    log: PathBuf,
}

impl Daemon {
    /// A daemon that is this program.
    pub fn build(program: impl AsRef<Path>) -> Builder {
        Builder { program: program.as_ref().to_owned(), arguments: Vec::new(), environment: Vec::new() }
    }

    /// Process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Its HTTP port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// File with what it wrote.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Gets a path from its HTTP port.
    pub fn get(&self, path: &str) -> Option<Answer> {
        get(self.port, path)
    }

    /// Its readiness with what each component says; none if it does not answer.
    pub fn health(&self) -> Option<Answer> {
        self.get("/health/ready")
    }

    /// Whether it says that it is ready.
    pub fn is_ready(&self) -> bool {
        self.health().is_some_and(|answer| answer.status == 200)
    }

    /// Its metrics; none if it does not answer.
    pub fn metrics(&self) -> Option<Metrics> {
        self.get("/metrics").filter(|answer| answer.status == 200).map(|answer| Metrics::read(&answer.body))
    }

    /// Memory, descriptors and threads; none if it has ended.
    pub fn usage(&self) -> Option<Usage> {
        Usage::of(self.id())
    }

    /// Waits until it is ready; false if it ends first or is not ready in time.
    pub fn wait_until_ready(&mut self, at_most: Duration) -> bool {
        self.wait_for_readiness(true, at_most)
    }

    /// Waits until it is not ready, which includes having ended; false if it still is after that time.
    pub fn wait_until_not_ready(&mut self, at_most: Duration) -> bool {
        self.wait_for_readiness(false, at_most)
    }

    fn wait_for_readiness(&mut self, wanted: bool, at_most: Duration) -> bool {
        let begin = Instant::now();
        loop {
            let is_ready = self.is_ready();
            if is_ready == wanted {
                return true;
            }
            if begin.elapsed() > at_most || (wanted && self.exit_status().is_some()) {
                return false;
            }
            sleep(POLL);
        }
    }

    /// SIGTERM.
    pub fn terminate(&self) {
        self.signal(Signal::TERM);
    }

    /// SIGKILL, and waits for the end.
    pub fn kill(&mut self) {
        // If it has ended already, that is as good.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGKILL at a random instant within that time.
    pub fn kill_within(&mut self, at_most: Duration, random: &mut fastrand::Rng) {
        sleep(at_most.mul_f64(random.f64()));
        self.kill();
    }

    /// SIGSTOP: the process does nothing more, its connections stay open. Returns when it has stopped: on a busy machine
    /// that takes a moment.
    pub fn pause(&self) {
        self.signal(Signal::STOP);
        let begin = Instant::now();
        while !is_stopped(self.id()) && begin.elapsed() < UNTIL_STOPPED {
            sleep(POLL);
        }
    }

    /// SIGCONT.
    pub fn resume(&self) {
        self.signal(Signal::CONT);
    }

    /// How it ended; none while it runs.
    pub fn exit_status(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Waits for its end; none if it still runs after that time.
    pub fn wait(&mut self, at_most: Duration) -> Option<ExitStatus> {
        let begin = Instant::now();
        while begin.elapsed() < at_most {
            if let Some(status) = self.exit_status() {
                return Some(status);
            }
            sleep(POLL);
        }
        self.exit_status()
    }

    fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.id()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // The only error possible here is that it has ended.
            let _ = kill_process(pid, signal);
        }
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Whether every thread of the process is stopped, or it has ended.
fn is_stopped(pid: u32) -> bool {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return true };
    threads.flatten().all(|thread| {
        let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
        status.lines().any(|line| {
            line.strip_prefix("State:").is_some_and(|state| state.trim_start().starts_with(['T', 'Z', 'X']))
        })
    })
}
