//! `core migrate`.

use std::process::ExitCode;

use emap_service::{migration::migrate_star, program::ConfigFile};
use emap_star::migrations;

use crate::settings::CoreSettings;

/// Arguments of `core migrate`; everything else comes from the settings of `core run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    migrate_star(&args.config.load(CoreSettings::GROUPS)?, migrations::migrate_until)?;
    Ok(ExitCode::SUCCESS)
}
