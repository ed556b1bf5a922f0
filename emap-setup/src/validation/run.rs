//! The steps of a validation run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use anyhow::Context;
use chrono::{DateTime, Local};

use crate::{
    compose::{self, Compose},
    interrupt::{Ended, Interrupt},
};

/// How long a command may take to end by itself after Ctrl-C.
const AFTER_SIGNAL: Duration = Duration::from_secs(3);

/// How a run ended that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    Interrupted,
}

/// Why a step was not done.
#[derive(Debug)]
enum Stopped {
    Interrupted,
    Failed(anyhow::Error),
}

impl<E: Into<anyhow::Error>> From<E> for Stopped {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

/// The logs of one run, under one stamp.
#[derive(Debug)]
pub(super) struct Logs {
    directory: PathBuf,
    stamp: String,
}

impl Logs {
    pub(super) fn create(directory: &Path, now: DateTime<Local>) -> anyhow::Result<Self> {
        fs::create_dir_all(directory).with_context(|| directory.display().to_string())?;
        Ok(Self { directory: directory.to_owned(), stamp: now.format("%Y-%m-%d_%H-%M-%S").to_string() })
    }

    fn of(&self, service: &str) -> PathBuf {
        self.file(service, "txt")
    }

    /// A file of this run about something.
    pub(super) fn file(&self, subject: &str, kind: &str) -> PathBuf {
        self.directory.join(format!("rebuild_log_{}_{subject}.{kind}", self.stamp))
    }
}

/// How long the run waits for the queues.
#[derive(Debug, Clone, Copy)]
pub(super) struct Waits {
    /// Between two looks.
    poll: Duration,
    /// After they are empty: a queue shows empty while messages are being delivered again.
    settle: Duration,
    /// Longest wait.
    limit: Duration,
}

impl Waits {
    /// # Errors
    /// A variable is no number of seconds.
    pub(super) fn from_environment(limit: Duration) -> anyhow::Result<Self> {
        Ok(Self {
            poll: seconds("EMAP_VALIDATION_POLL_SECONDS", 120.0)?,
            settle: seconds("EMAP_VALIDATION_SETTLE_SECONDS", 600.0)?,
            limit,
        })
    }
}

fn seconds(name: &str, default: f64) -> anyhow::Result<Duration> {
    let given = env::var(name).ok().filter(|text| !text.trim().is_empty());
    let number = given.map_or(Some(default), |text| text.trim().parse().ok());
    let duration = number.and_then(|number| Duration::try_from_secs_f64(number).ok());
    duration.with_context(|| format!("{name}: not a number of seconds"))
}

/// A run that can start.
#[allow(clippy::struct_excessive_bools, reason = "each says whether one step is done")]
#[derive(Debug)]
pub(super) struct Run {
    pub(super) compose: Compose,
    pub(super) logs: Logs,
    pub(super) waits: Waits,
    pub(super) interrupt: Interrupt,
    pub(super) build: bool,
    pub(super) hl7_reader: bool,
    pub(super) hoover: bool,
    pub(super) waveform: bool,
}

impl Run {
    /// Does all steps; after a failure the logs are saved and the containers go down all the same.
    pub(super) fn execute(&self) -> anyhow::Result<Outcome> {
        let done = self.steps();
        match done {
            Ok(()) => self.finish(),
            Err(Stopped::Interrupted) => Ok(Outcome::Interrupted),
            Err(Stopped::Failed(error)) => match self.save_and_stop() {
                Err(Stopped::Interrupted) => Ok(Outcome::Interrupted),
                Err(Stopped::Failed(stopping)) => Err(error.context(format!("also: {stopping:#}"))),
                Ok(()) => Err(error),
            },
        }
    }

    fn finish(&self) -> anyhow::Result<Outcome> {
        match self.save_and_stop() {
            Ok(()) => Ok(Outcome::Done),
            Err(Stopped::Interrupted) => Ok(Outcome::Interrupted),
            Err(Stopped::Failed(error)) => Err(error),
        }
    }

    fn steps(&self) -> Result<(), Stopped> {
        self.step(&["down"])?;
        if self.build {
            self.step(&["build"])?;
        }
        // Compose waits for the broker's health before it starts core.
        self.step(&["up", "-d", "rabbitmq"])?;
        self.step(&["up", "-d", "core"])?;
        if self.hl7_reader {
            self.source("hl7-reader")?;
        }
        if self.hoover {
            self.source("hoover")?;
        }
        if self.waveform {
            // Patients have to be where they are before what is measured on them arrives.
            self.wait_for_queues()?;
            self.source("waveform-reader")?;
        }
        self.step(&["ps"])?;
        self.wait_for_queues()
    }

    /// Runs a source until it ends by itself, and keeps what it prints.
    fn source(&self, service: &str) -> Result<(), Stopped> {
        self.run(&["up", "--exit-code-from", service, service], Some(&self.logs.of(service)))
    }

    fn save_and_stop(&self) -> Result<(), Stopped> {
        let logs =
            ["core", "rabbitmq"].map(|service| self.run(&["logs", service], Some(&self.logs.of(service))));
        self.step(&["down"])?;
        logs.into_iter().collect()
    }

    fn step(&self, arguments: &[&str]) -> Result<(), Stopped> {
        self.run(arguments, None)
    }

    fn run(&self, arguments: &[&str], output: Option<&Path>) -> Result<(), Stopped> {
        if self.interrupt.came() {
            return Err(Stopped::Interrupted);
        }
        let arguments: Vec<String> = arguments.iter().map(|&argument| argument.to_owned()).collect();
        match self.compose.run(&arguments, output, &self.interrupt, AFTER_SIGNAL)? {
            _ if self.interrupt.came() => Err(Stopped::Interrupted),
            Ended::Interrupted => Err(Stopped::Interrupted),
            Ended::With(status) if status.success() => Ok(()),
            Ended::With(status) => Err(anyhow::anyhow!(
                "docker compose {} ended with {}",
                arguments.join(" "),
                compose::named(status)
            )
            .into()),
        }
    }

    /// Waits until no queue has a message, and then a while longer.
    fn wait_for_queues(&self) -> Result<(), Stopped> {
        let begin = Instant::now();
        while self.is_queued()? {
            self.sleep(self.waits.poll)?;
            let (waited, limit) = (begin.elapsed(), self.waits.limit);
            if waited > limit {
                let (waited, limit) = (waited.as_secs_f64(), limit.as_secs_f64());
                return Err(
                    anyhow::anyhow!("Waiting for queue timed out: {waited:.0} s of {limit:.0} s").into()
                );
            }
        }
        self.sleep(self.waits.settle)
    }

    fn sleep(&self, time: Duration) -> Result<(), Stopped> {
        if self.interrupt.sleep(time) { Ok(()) } else { Err(Stopped::Interrupted) }
    }

    fn is_queued(&self) -> Result<bool, Stopped> {
        if self.interrupt.came() {
            return Err(Stopped::Interrupted);
        }
        let list = ["exec", "rabbitmq", "rabbitmqctl", "-q", "list_queues"].map(str::to_owned);
        match self.compose.read(&list) {
            _ if self.interrupt.came() => Err(Stopped::Interrupted),
            Ok(printed) => Ok(any_populated(&printed)),
            Err(error) => Err(error.into()),
        }
    }
}

/// A line that ends in a number above zero is a queue with messages; headings and others do not count.
fn any_populated(list: &str) -> bool {
    list.lines()
        .filter_map(|line| line.split_whitespace().next_back())
        .any(|last| last.bytes().all(|byte| byte.is_ascii_digit()) && last.bytes().any(|byte| byte != b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn queues_are_populated_if_one_has_messages() {
        let list = |number: u64| format!("\nname\tmessages\nhl7Queue\t{number}\ndatabaseExtracts\t0\n\n");
        assert!(!any_populated(&list(0)));
        assert!(any_populated(&list(7)));
        assert!(!any_populated(""));
        assert!(!any_populated("Timeout: 60.0 seconds ..."));
    }
}
