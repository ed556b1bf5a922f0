//! `ids-reader migrate`: creates the reader's own tables in the star schema, or brings them up to date.

use std::process::ExitCode;

use emap_service::{migration::migrate_star, program::ConfigFile};

use crate::ReaderSettings;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Creates or changes the tables, whoever uses them meanwhile, and prints what was done.
///
/// # Errors
/// A setting is wrong, the database cannot be reached, the role may not do it, or it was stopped before the end.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    migrate_star(&args.config.load(ReaderSettings::GROUPS)?, emap_ids::migrate_progress)?;
    Ok(ExitCode::SUCCESS)
}
