//! `connector health`: for health checks of containers.

use std::process::ExitCode;

use emap_service::program::ConfigFile;

use crate::{outside::Client, settings::ConnectorSettings};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Asks the daemon on this machine whether it is ready.
///
/// # Errors
/// When it does not answer.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(ConnectorSettings::GROUPS)?;
    let port = ConnectorSettings::port_only(&settings)?;
    let answer = Client::default().get(&format!("http://127.0.0.1:{port}/health/ready"), &[])?;
    super::line(answer.text.trim())?;
    Ok(if answer.status == 200 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
