//! `connector migrate`.

use std::process::ExitCode;

use emap_service::program::ConfigFile;

use crate::{settings::ConnectorSettings, store};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Brings the database up to date.
///
/// # Errors
/// When it cannot be reached, or a step fails.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(ConnectorSettings::GROUPS)?;
    let taken = store::migrate(&ConnectorSettings::database_only(&settings)?)?;
    for step in &taken {
        super::line(step)?;
    }
    if taken.is_empty() {
        super::line("up to date")?;
    }
    Ok(ExitCode::SUCCESS)
}
