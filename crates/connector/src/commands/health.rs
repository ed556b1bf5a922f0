//! `connector health`: for health checks of containers.

use std::process::ExitCode;

use emap_service::readiness::{self, Args};

use crate::settings::ConnectorSettings;

/// Asks the daemon on this machine whether it is ready.
///
/// # Errors
/// When it does not answer.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let place = |settings: &_| Ok((None, ConnectorSettings::port_only(settings)?));
    Ok(readiness::run_at(args, ConnectorSettings::GROUPS, place)?)
}
