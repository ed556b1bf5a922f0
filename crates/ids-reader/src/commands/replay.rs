//! `ids-reader replay`: publishes rejected rows that can be converted by now.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::process::ExitCode;

use emap_service::program::{ConfigFile, run_once};

use crate::{ReaderSettings, run::retry};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
}

/// Publishes what can be published and prints how much that was. Exit code 1 when rows are still rejected.
///
/// # Errors
/// A setting is wrong, a database cannot be had at the start, or it was stopped before the end.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.config.load(ReaderSettings::GROUPS)?;
    let summary = run_once(&settings, ReaderSettings::from_settings, retry)?;
    println!(
        "{} rejected rows: {} messages published, {} still rejected, {} no longer in the store",
        summary.rows, summary.messages, summary.still_rejected, summary.gone
    );
    Ok(if summary.still_rejected == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
