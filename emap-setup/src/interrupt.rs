//! Ctrl-C and SIGTERM, noticed while a command runs or a wait lasts.

use std::{
    io,
    process::{Child, ExitStatus},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use emap_service::program::wait_for_signal;

/// How often a wait looks for a signal.
const LOOK: Duration = Duration::from_millis(50);

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The command ran to its end.
    With(ExitStatus),
    /// The operator interrupted; the command may still run.
    Interrupted,
}

/// Whether the operator has interrupted.
#[derive(Debug, Clone)]
pub struct Interrupt {
    came: Arc<AtomicBool>,
}

impl Interrupt {
    /// From now on, signals do not end the process but are noted here.
    pub fn watch() -> Self {
        let came = Arc::new(AtomicBool::new(false));
        let noted = Arc::clone(&came);
        thread::spawn(move || {
            if wait_for_signal().is_ok() {
                noted.store(true, Ordering::Relaxed);
            }
        });
        Self { came }
    }

    /// A signal came.
    pub fn came(&self) -> bool {
        self.came.load(Ordering::Relaxed)
    }

    /// Waits; false if a signal ended the wait.
    pub fn sleep(&self, time: Duration) -> bool {
        let begin = Instant::now();
        while !self.came() {
            let left = time.saturating_sub(begin.elapsed());
            if left.is_zero() {
                return true;
            }
            thread::sleep(LOOK.min(left));
        }
        false
    }

    /// Waits for a command. After a signal, which a terminal sends to both of us, it may take `patience` to end by
    /// itself; it is not killed.
    pub(crate) fn wait_for(&self, child: &mut Child, patience: Duration) -> io::Result<Ended> {
        let mut signalled: Option<Instant> = None;
        loop {
            match (child.try_wait()?, self.came()) {
                (Some(status), _) => return Ok(Ended::With(status)),
                (None, true) if signalled.get_or_insert_with(Instant::now).elapsed() >= patience => {
                    return Ok(Ended::Interrupted);
                }
                (None, _) => thread::sleep(LOOK),
            }
        }
    }
}
