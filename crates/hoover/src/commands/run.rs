//! `hoover run`: the daemon.

use std::process::ExitCode;

use emap_service::program::{ConfigFile, run_daemon};

use super::exit::load;
use crate::{
    bars,
    progress::EtlHooverProgress,
    run::{Finished, run as read_and_publish},
    settings::{RunSettings, SourceSettings},
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Data types to run; wins over HOOVER_DATA_TYPES.
    #[arg(long, value_name = "NAME,…", value_delimiter = ',')]
    only: Vec<String>,
}

/// Reads the sources and publishes until the end of the window (exit code 0) or a signal (exit code 0). Exit code 1 when a
/// data type failed too often before the end of the window.
///
/// # Errors
/// A setting is wrong.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = load(&args.config)?;
    let own = RunSettings::from_settings(&settings, &args.only)?;
    let sources = SourceSettings::from_settings(&settings, &own.data_types)?;
    bars::show();
    let ended = run_daemon(
        &settings,
        |_| Ok(()),
        async |(), runtime| {
            read_and_publish(sources, own, runtime, |progress: &EtlHooverProgress| {
                let EtlHooverProgress { data_type, sub_id, last_processed_datetime: until, .. } = progress;
                tracing::debug!(data_type, sub_id, %until, "progress");
            })
            .await
        },
    )?;
    let Some(Finished { failed, is_complete, is_saved }) = ended else { return Ok(ExitCode::SUCCESS) };
    for (data_type, error) in &failed {
        eprintln!("hoover: {data_type}: {error}");
    }
    tracing::info!(complete = is_complete, saved = is_saved, "finished");
    Ok(if failed.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
