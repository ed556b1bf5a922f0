//! `ids-reader run`: the daemon.

use std::process::ExitCode;

use emap_service::program::{ConfigFile, run_daemon};

use crate::{
    ReaderSettings,
    run::{RunProgress, Stopped, run as read_and_publish},
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Reads the message store and publishes until the end of the window (exit code 0) or a signal (exit code 0).
///
/// # Errors
/// A setting is wrong or a database cannot be had at the start.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(ReaderSettings::GROUPS)?;
    let ended = run_daemon(&settings, ReaderSettings::from_settings, async |reader, runtime| {
        read_and_publish(reader, runtime, |_: &RunProgress| {}).await
    })?;
    if let Some(summary) = ended {
        let reason = match summary.stopped {
            Stopped::EndOfWindow => "end of the window",
            Stopped::Drained => "end of the store",
            Stopped::Asked => "asked to stop",
        };
        tracing::info!(reason, last_unid = summary.last_unid, rows = summary.rows, "finished");
    }
    Ok(ExitCode::SUCCESS)
}
