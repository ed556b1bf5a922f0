//! A daemon under a supervisor: what ends is started again, and how it ended is on record.

use std::{
    os::unix::process::ExitStatusExt,
    path::{Path, PathBuf},
    process::ExitStatus,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::Context;
use emap_test_support::faults::process::{Builder, Clock, Daemon};

use crate::output::line;

/// What SIGTERM may take, and a little more for a busy machine.
const END_WITHIN: Duration = Duration::from_secs(32);
/// A program that was started so recently may not have its handler of SIGTERM yet; nor may one that does not answer yet,
/// on a busy machine.
const TOO_YOUNG: Duration = Duration::from_secs(2);
/// As a supervisor of services waits before it starts one again.
const RESTART_AFTER: Duration = Duration::from_millis(300);

/// The end of a process.
#[derive(Debug, Clone)]
pub(crate) struct Ended {
    /// Which daemon.
    pub(crate) name: &'static str,
    /// Exit code, or signal.
    pub(crate) how: String,
    /// What is wrong with ending so; none if it is as it should be.
    pub(crate) complaint: Option<String>,
}

/// A daemon that runs, one process after the other.
#[derive(Debug)]
pub(crate) struct Supervised {
    pub(crate) name: &'static str,
    builder: Builder,
    clock: Option<Clock>,
    log: PathBuf,
    running: Mutex<Running>,
    port: AtomicU16,
    id: AtomicU32,
    was_ready: AtomicBool,
    ends: Mutex<Vec<Ended>>,
}

#[derive(Debug)]
struct Running {
    /// None: it ended by itself and is about to be started again, or has ended for good.
    daemon: Option<Daemon>,
    since: Instant,
    for_good: bool,
}

impl Supervised {
    /// Starts it; it writes to a log in the directory. It has a clock of its own if this machine can make one.
    ///
    /// # Errors
    /// There is no such program.
    pub(crate) fn start(name: &'static str, builder: Builder, logs: &Path) -> anyhow::Result<Self> {
        let log = logs.join(format!("{name}.log"));
        let clock = test_clock(&logs.join(format!("{name}.clock")));
        let builder = match &clock {
            Ok(clock) => clock.of(builder),
            Err(error) => {
                line(format_args!("{name} has no test clock: {error}"));
                builder
            }
        };
        let clock = clock.ok();
        let daemon = builder.spawn(&log).with_context(|| format!("{name} (make torture builds it)"))?;
        let (port, id) = (AtomicU16::new(daemon.port()), AtomicU32::new(daemon.id()));
        let running = Running { daemon: Some(daemon), since: Instant::now(), for_good: false };
        Ok(Self {
            name,
            builder,
            clock,
            log,
            running: Mutex::new(running),
            port,
            id,
            was_ready: AtomicBool::new(false),
            ends: Mutex::default(),
        })
    }

    /// Its HTTP port.
    pub(crate) fn port(&self) -> u16 {
        self.port.load(Ordering::Relaxed)
    }

    /// Id of its process.
    pub(crate) fn id(&self) -> u32 {
        self.id.load(Ordering::Relaxed)
    }

    /// Its clock, if it has one of its own.
    pub(crate) fn clock(&self) -> Option<&Clock> {
        self.clock.as_ref()
    }

    /// To be called when it was seen ready.
    pub(crate) fn seen_ready(&self) {
        self.was_ready.store(true, Ordering::Relaxed);
    }

    /// How its processes ended so far.
    pub(crate) fn ends(&self) -> Vec<Ended> {
        lock(&self.ends).clone()
    }

    /// Starts it again if it has ended by itself; what else is done with it now comes first.
    pub(crate) fn look_after(&self) {
        let Ok(mut running) = self.running.try_lock() else { return };
        if running.for_good {
            return;
        }
        let ended = running.daemon.as_mut().and_then(Daemon::exit_status);
        if let Some(status) = ended {
            self.ended_by_itself(status);
            running.daemon = None;
            sleep(RESTART_AFTER);
        }
        if running.daemon.is_none() {
            self.start_again(&mut running);
        }
    }

    /// SIGKILL, and a new process.
    pub(crate) fn kill(&self) {
        let mut running = lock(&self.running);
        if let Some(daemon) = &mut running.daemon {
            daemon.kill();
        }
        self.start_again(&mut running);
    }

    /// SIGTERM, the end, and a new process.
    pub(crate) fn terminate(&self) {
        let mut running = lock(&self.running);
        self.end(&mut running);
        self.start_again(&mut running);
    }

    /// SIGSTOP for so long.
    pub(crate) fn pause(&self, time: Duration) {
        let running = lock(&self.running);
        if let Some(daemon) = &running.daemon {
            daemon.pause();
            sleep(time);
            daemon.resume();
        }
    }

    /// SIGTERM and the end.
    pub(crate) fn stop(&self) {
        let mut running = lock(&self.running);
        running.for_good = true;
        self.end(&mut running);
    }

    fn end(&self, running: &mut Running) {
        let Some(mut daemon) = running.daemon.take() else { return };
        if let Some(status) = daemon.exit_status() {
            self.ended_by_itself(status);
            return;
        }
        let is_young = running.since.elapsed() < TOO_YOUNG || daemon.get("/health/live").is_none();
        daemon.terminate();
        let status = daemon.wait(END_WITHIN);
        let complaint = match status {
            None => Some("did not end within 30 s of SIGTERM".to_owned()),
            Some(status) if status.code() == Some(0) => None,
            Some(status) if status.signal() == Some(15) && is_young => None,
            Some(status) => Some(format!("ended with {} after SIGTERM", how(status))),
        };
        self.record(status.map_or_else(|| "killed".to_owned(), how), complaint);
    }

    /// A daemon that cannot start may give up, with an exit code that says so; nothing else ends it.
    fn ended_by_itself(&self, status: ExitStatus) {
        let complaint = match status.code() {
            Some(1) if !self.was_ready.load(Ordering::Relaxed) => None,
            _ => Some(format!("ended by itself with {}", how(status))),
        };
        self.record(format!("{} by itself", how(status)), complaint);
    }

    fn record(&self, how: String, complaint: Option<String>) {
        lock(&self.ends).push(Ended { name: self.name, how, complaint });
    }

    fn start_again(&self, running: &mut Running) {
        self.was_ready.store(false, Ordering::Relaxed);
        // A program that was there a moment ago is there; otherwise the next look tries again.
        running.daemon = self.builder.spawn(&self.log).ok();
        running.since = Instant::now();
        if let Some(daemon) = &running.daemon {
            self.port.store(daemon.port(), Ordering::Relaxed);
            self.id.store(daemon.id(), Ordering::Relaxed);
        }
    }
}

fn test_clock(directory: &Path) -> std::io::Result<Clock> {
    std::fs::create_dir_all(directory)?;
    Clock::new(directory)
}

fn how(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".to_owned(),
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
