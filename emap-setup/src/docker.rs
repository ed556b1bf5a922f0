//! `emap docker ARGS…`: compose for this instance.

use std::{process::ExitCode, time::Duration};

use crate::{
    compose::{self, Compose, Overlays},
    instance::Instance,
    interrupt::{Ended, Interrupt},
    log,
};

/// Arguments of `emap docker`.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
pub struct Args {
    /// Passed to docker compose.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true, value_name = "ARGS")]
    arguments: Vec<String>,
}

/// Runs compose once; the exit code is its exit code.
///
/// # Errors
/// Compose files or `config/` are missing, or compose cannot be started.
pub fn execute(args: &Args, instance: &Instance) -> anyhow::Result<ExitCode> {
    let compose = Compose::new(instance, Overlays::of(&instance.configuration)?)?;
    let interrupt = Interrupt::watch();
    match compose.run(&compose::split(&args.arguments), None, &interrupt, Duration::MAX)? {
        Ended::With(status) if status.success() => Ok(ExitCode::SUCCESS),
        Ended::With(status) => {
            log::warn("docker", format_args!("docker ended with {}", compose::named(status)));
            Ok(status
                .code()
                .and_then(|code| u8::try_from(code).ok())
                .map_or(ExitCode::FAILURE, ExitCode::from))
        }
        Ended::Interrupted => Ok(ExitCode::from(130)),
    }
}
