//! `hoover contract`: prints what queries must return.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::process::ExitCode;

use crate::{
    contract::{to_json, to_text},
    data_types::definitions,
    settings::known_names,
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// Data types; all if none is named.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Prints the contracts. Needs no settings.
///
/// # Errors
/// A name is unknown.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let wanted = known_names(&args.names)?;
    let all = definitions();
    let chosen: Vec<_> =
        all.into_iter().filter(|definition| wanted.is_empty() || wanted.contains(&definition.name)).collect();
    if args.json {
        let contracts: Vec<_> = chosen.into_iter().map(to_json).collect();
        println!("{}", serde_json::to_string_pretty(&contracts)?);
    } else {
        print!("{}", chosen.into_iter().map(to_text).collect::<Vec<_>>().join("\n"));
    }
    Ok(ExitCode::SUCCESS)
}
