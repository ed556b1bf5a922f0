//! Starting, signalling and awaiting server processes.

use std::{
    fs::{self, File, OpenOptions},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use crate::{Error, error::IoContext};

const POLL: Duration = Duration::from_millis(10);
const LOG_TAIL_LINES: usize = 12;

/// A server process of ours, leader of its own process group (so that Ctrl-C in a terminal does not reach
/// it).
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts the command with its output appended to the log file.
    pub(crate) fn spawn(command: &mut Command, log: &Path) -> Result<Self, Error> {
        let output = open_log(log)?;
        let errors = output.try_clone().doing("write", log)?;
        command.process_group(0).stdin(Stdio::null()).stdout(output).stderr(errors);
        let program = PathBuf::from(command.get_program());
        Ok(Self { child: command.spawn().doing("start", &program)? })
    }

    /// Process id, as the kernel counts them.
    pub(crate) fn id(&self) -> i32 {
        i32::try_from(self.child.id()).unwrap_or(i32::MAX)
    }

    /// The exit status, if the process has ended.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.child.try_wait().ok().flatten()
    }

    /// Sends a signal to the process alone.
    pub(crate) fn signal(&self, signal: Signal) {
        signal_process(self.id(), signal);
    }

    /// Sends a signal to the process and everything in its group.
    pub(crate) fn signal_group(&self, signal: Signal) {
        if let Some(pid) = Pid::from_raw(self.id()) {
            // The only error possible here is that the group has ended.
            let _ = kill_process_group(pid, signal);
        }
    }

    /// Waits for the end of the process; false if it has not ended in time.
    pub(crate) fn wait(&mut self, at_most: Duration) -> bool {
        wait_until(at_most, || self.ended().is_some())
    }
}

/// Sends a signal to a process by id; one that has ended is no error.
pub(crate) fn signal_process(pid: i32, signal: Signal) {
    if let Some(pid) = Pid::from_raw(pid) {
        let _ = kill_process(pid, signal);
    }
}

/// Ids of the direct children of a process.
pub(crate) fn children(pid: i32) -> Vec<i32> {
    let Ok(processes) = fs::read_dir("/proc") else { return Vec::new() };
    let ids = processes.flatten().filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    ids.filter(|id| parent(*id) == Some(pid)).collect()
}

fn parent(pid: i32) -> Option<i32> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // `pid (name) state parent …`, where the name may hold blanks and parentheses.
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// True while a process with this id exists and has not merely left its exit status behind.
pub(crate) fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(')').is_some_and(|(_, rest)| !rest.trim_start().starts_with(['Z', 'X']))
}

/// Repeats the check until it succeeds; false if it did not in time.
pub(crate) fn wait_until(at_most: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let begin = Instant::now();
    while !condition() {
        if begin.elapsed() > at_most {
            return false;
        }
        std::thread::sleep(POLL);
    }
    true
}

/// Runs a command to its end and returns its standard output, or an error with the end of what it wrote.
pub(crate) fn run(program: &'static str, command: &mut Command) -> Result<String, Error> {
    run_with_input(program, command, Stdio::null())
}

/// The same for a command that reads its standard input.
pub(crate) fn run_with_input(
    program: &'static str,
    command: &mut Command,
    input: impl Into<Stdio>,
) -> Result<String, Error> {
    let path = PathBuf::from(command.get_program());
    let output = command.stdin(input).output().doing("start", &path)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let all = [output.stdout, output.stderr].concat();
    let output_tail = tail(&String::from_utf8_lossy(&all));
    Err(Error::Failed { program, status: output.status.to_string(), output: output_tail })
}

/// The last lines of a log file.
pub(crate) fn log_tail(log: &Path) -> String {
    tail(&String::from_utf8_lossy(&fs::read(log).unwrap_or_default()))
}

fn tail(text: &str) -> String {
    let lines: Vec<_> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(LOG_TAIL_LINES)..].join("\n")
}

fn open_log(log: &Path) -> Result<File, Error> {
    OpenOptions::new().create(true).append(true).open(log).doing("write", log)
}
