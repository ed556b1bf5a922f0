//! A program around its work: settings from `--config`, a tokio runtime, logs, signals, and an exit code.

use std::{fmt::Display, io, path::PathBuf, process::ExitCode};

use emap_queue::Transport;
use tokio_util::sync::CancellationToken;

use crate::{
    cancellation::cancel_on_signals,
    chassis::{Chassis, StartError},
    runtime::Runtime,
    settings::{Group, LogSettings, Settings, SettingsError, broker},
    stop::StopLimit,
    telemetry,
};

/// `--config FILE`, for every command that reads settings.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct ConfigFile {
    /// YAML file with settings; the environment wins over it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl ConfigFile {
    /// Loads the settings that `groups` declare from the file and the environment.
    ///
    /// # Errors
    /// When the file cannot be read or holds an unknown name.
    pub fn load(&self, groups: &[Group]) -> Result<Settings, SettingsError> {
        Settings::load(groups, self.config.as_deref())
    }
}

/// The exit code of a program; what went wrong is printed as one line that begins with the program's name.
pub fn exit_code<E: Display>(program: &str, outcome: Result<ExitCode, E>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("{program}: {}", one_line(&format!("{error:#}")));
        ExitCode::FAILURE
    })
}

/// Messages of servers and of their drivers have several lines.
pub fn one_line(text: &str) -> String {
    let mut lines = text.trim_end().lines();
    let first = lines.next().unwrap_or_default().trim_end().to_owned();
    let others = lines.map(str::trim).filter(|line| !line.is_empty());
    others.fold(first, |text, line| if text.is_empty() { line.to_owned() } else { format!("{text}; {line}") })
}

/// Why a program could not do its work.
#[derive(Debug, thiserror::Error)]
pub enum ProgramError<E> {
    /// It could not start.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The work failed.
    #[error("{0}")]
    Work(E),
}

impl<E> From<SettingsError> for ProgramError<E> {
    fn from(error: SettingsError) -> Self {
        Self::Start(error.into())
    }
}

/// Why a daemon's work ended early.
pub trait EarlyEnd: Display {
    /// It was cancelled, and nothing went wrong.
    fn was_asked_for(&self) -> bool;
}

/// A daemon, until its work is done or a signal stops it: logs, metrics, signals, endpoints and the broker of the
/// settings. `None` when a signal came and the work could not end in order, for example because it was still waiting
/// for a database at its start.
///
/// It ends within a known time after the signal, also while it waits ([`stop`](crate::stop)): end the process with what
/// it gives.
///
/// `read` gives the daemon's own settings; they are read first, so that a wrong one ends the program before anything is
/// opened.
///
/// # Errors
/// Settings are wrong, the port cannot be opened, or the work failed.
pub fn run_daemon<S, T, E: EarlyEnd>(
    settings: &Settings,
    read: impl FnOnce(&Settings) -> Result<S, SettingsError>,
    work: impl AsyncFnOnce(S, Runtime) -> Result<T, E>,
) -> Result<Option<T>, ProgramError<E>> {
    telemetry::init(&LogSettings::from_settings(settings)?);
    let (own, broker) = (read(settings)?, broker::from_settings(settings)?);
    let limit = StopLimit::from_settings(settings)?;
    to_the_end(async {
        let chassis = Chassis::start(settings).await?;
        let cancel = chassis.cancel.clone();
        let runtime =
            Runtime { transport: Transport::Amqp(broker), cancel: chassis.cancel, health: chassis.health };
        match limit.within(&cancel, work(own, runtime)).await {
            None => Ok(None),
            Some(Ok(summary)) => Ok(Some(summary)),
            Some(Err(error)) if cancel.is_cancelled() && error.was_asked_for() => {
                tracing::warn!(%error, "stopped by a signal before the work was done");
                Ok(None)
            }
            Some(Err(error)) => Err(ProgramError::Work(error)),
        }
    })
}

/// A piece of work that ends by itself: as [`run_daemon`] without endpoints, and a signal that stops it early is
/// a failure.
///
/// # Errors
/// Settings are wrong, or the work failed.
pub fn run_once<S, T, E>(
    settings: &Settings,
    read: impl FnOnce(&Settings) -> Result<S, SettingsError>,
    work: impl AsyncFnOnce(S, Runtime) -> Result<T, E>,
) -> Result<T, ProgramError<E>> {
    telemetry::init(&LogSettings::from_settings(settings)?);
    let (own, broker) = (read(settings)?, broker::from_settings(settings)?);
    to_the_end(async {
        let runtime = Runtime::new(Transport::Amqp(broker));
        cancel_on_signals(&runtime.cancel).map_err(StartError::Signals)?;
        work(own, runtime).await.map_err(ProgramError::Work)
    })
}

/// Blocks until the first SIGTERM or SIGINT.
///
/// # Errors
/// When the operating system refuses threads or signal handlers.
pub fn wait_for_signal() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async {
        let cancel = CancellationToken::new();
        cancel_on_signals(&cancel)?;
        cancel.cancelled().await;
        Ok(())
    })
}

/// Runs what the process is for. Threads that still wait for a server then go with the process: the runtime would wait
/// for them, so it is not dropped, and its timers go on for them.
fn to_the_end<T, E: From<StartError>>(work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let runtime = tokio::runtime::Runtime::new().map_err(StartError::Threads)?;
    let ended = runtime.block_on(work);
    std::mem::forget(runtime);
    ended
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn several_lines_become_one_and_one_stays_as_it_is() {
        assert_eq!(
            one_line("connection failed\n\tIs the server running?\n\n"),
            "connection failed; Is the server running?"
        );
        assert_eq!(one_line("\nreason"), "reason");
        assert_eq!(one_line("  A=1   in core"), "  A=1   in core");
    }
}
