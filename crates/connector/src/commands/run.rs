//! `connector run`.

use std::process::ExitCode;

use emap_service::program::ConfigFile;

use crate::settings::ConnectorSettings;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Runs the daemon until a signal.
///
/// # Errors
/// When it cannot start.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    crate::run::run(&args.config.load(ConnectorSettings::GROUPS)?)?;
    Ok(ExitCode::SUCCESS)
}
