//! Exit codes: 1 for a failure, 2 for what was asked wrongly.

use std::process::ExitCode;

use crate::{
    run::RunError,
    settings::{ConfigurationError, HooverSettings},
};

const WRONG_USE: u8 = 2;

/// The exit code of a command; what went wrong is printed as one line.
pub fn exit_code(outcome: anyhow::Result<ExitCode>) -> ExitCode {
    outcome.unwrap_or_else(|error| {
        eprintln!("hoover: {error:#}");
        let is_wrong_use = error.is::<ConfigurationError>()
            || matches!(error.downcast_ref(), Some(RunError::Configuration(_)));
        if is_wrong_use { ExitCode::from(WRONG_USE) } else { ExitCode::FAILURE }
    })
}

/// An error of whoever calls the command.
pub(super) fn wrong_use(reason: impl Into<String>) -> anyhow::Error {
    ConfigurationError::Other(reason.into()).into()
}

/// Settings of a file that cannot be read are wrong use too.
pub(super) fn load(
    config: &emap_service::program::ConfigFile,
) -> Result<emap_service::Settings, ConfigurationError> {
    Ok(config.load(HooverSettings::GROUPS)?)
}
