//! `core align-sequences`.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::process::ExitCode;

use anyhow::Context;
use emap_service::{program::ConfigFile, settings::DatabaseSettings};
use emap_star::sequence::{self, Sequence};

use crate::settings::CoreSettings;

/// Arguments of `core align-sequences`; the database comes from the settings of `core run`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// The sequence that is to give the next keys.
    #[arg(long, value_name = "SEQUENCE", default_value = "emap_id_sequence", value_parser = ["hibernate_sequence", "emap_id_sequence"])]
    to: String,
    /// The schema, if it is not that of the settings.
    #[arg(long)]
    schema: Option<String>,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let database = DatabaseSettings::uds(&args.config.load(CoreSettings::GROUPS)?)?;
    let schema = args.schema.as_ref().unwrap_or(&database.schema);
    let sequence = Sequence::named(&args.to).context("no such sequence")?;
    let mut connection = emap_star::connect_to(database.config(), schema)?;
    let aligned = sequence::align(&mut connection, sequence)?;
    let did = if aligned.was_ahead { "was ahead" } else { "was moved on" };
    println!(
        "{} of schema {schema:?} {did}: its next value is {}, the largest key {}",
        sequence.name(),
        aligned.next,
        aligned.largest
    );
    Ok(ExitCode::SUCCESS)
}
