//! `hoover progress`: shows and moves how far the data types have got.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::{io, process::ExitCode};

use anyhow::Context;
use chrono::{DateTime, Utc};
use clap::Subcommand;
use emap_service::{DatabaseSettings, program::ConfigFile};
use serde_json::json;

use super::exit::{load, wrong_use};
use crate::{
    data_types::definitions,
    progress::ProgressTable,
    settings::{ConfigurationError, known_names},
    values::iso,
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// As JSON.
    #[arg(long)]
    json: bool,
    #[command(subcommand)]
    change: Option<Change>,
}

#[derive(Debug, Subcommand)]
enum Change {
    /// Moves a data type, or a part of it, to a time; backwards means that it is sent again.
    Set {
        #[command(flatten)]
        config: ConfigFile,
        /// Data type, with a part of it after a slash: `LabMetadata/TEST`.
        #[arg(value_name = "NAME[/SUB]")]
        name: String,
        /// The time, as 2021-01-01T00:00:00Z.
        #[arg(value_name = "T")]
        to: DateTime<Utc>,
        /// Does not ask.
        #[arg(long)]
        yes: bool,
    },
}

/// Shows progress or moves it. A daemon that runs meanwhile does not see the change before its next start.
///
/// # Errors
/// A setting is wrong, a name unknown, or the progress table cannot be had.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    match &args.change {
        None => show(args),
        Some(Change::Set { config, name, to, yes }) => set(config, name, *to, *yes),
    }
}

fn table(config: &ConfigFile) -> anyhow::Result<ProgressTable> {
    let settings = load(config)?;
    let uds = DatabaseSettings::uds(&settings).map_err(ConfigurationError::from)?;
    ProgressTable::connect(&uds).context("progress table")
}

fn show(args: &Args) -> anyhow::Result<ExitCode> {
    let rows = table(&args.config)?.load()?;
    if args.json {
        let row = |row: &crate::progress::EtlHooverProgress| {
            json!({
                "data_type": row.data_type,
                "sub_id": row.sub_id,
                "last_processed_datetime": iso(row.last_processed_datetime),
                "last_processed_id": row.last_processed_id,
                "last_processing_datetime": iso(row.last_processing_datetime),
            })
        };
        println!("{}", serde_json::to_string_pretty(&rows.iter().map(row).collect::<Vec<_>>())?);
        return Ok(ExitCode::SUCCESS);
    }
    for row in rows {
        let name =
            if row.sub_id.is_empty() { row.data_type } else { format!("{}/{}", row.data_type, row.sub_id) };
        println!(
            "{name:<24} {:<28} {:<20} {}",
            iso(row.last_processed_datetime),
            row.last_processed_id.unwrap_or_default(),
            iso(row.last_processing_datetime)
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn set(config: &ConfigFile, name: &str, to: DateTime<Utc>, yes: bool) -> anyhow::Result<ExitCode> {
    let (data_type, sub_id) = match name.split_once('/') {
        Some((data_type, sub_id)) => (data_type, Some(sub_id)),
        None => (name, None),
    };
    let known = known_names(&[data_type.to_owned()])?;
    let found = definitions().into_iter().find(|definition| known.contains(&definition.name));
    let definition = found.ok_or_else(|| ConfigurationError::UnknownDataType(data_type.to_owned()))?;
    let parts: Vec<&str> = match sub_id {
        None => definition.sub_ids.to_vec(),
        Some(sub_id) => definition.sub_ids.iter().copied().filter(|known| *known == sub_id).collect(),
    };
    if parts.is_empty() {
        return Err(wrong_use(format!("{} has no part {:?}", definition.name, sub_id.unwrap_or_default())));
    }
    let mut table = table(config)?;
    if !yes && !is_confirmed(definition.name, to)? {
        println!("nothing changed");
        return Ok(ExitCode::FAILURE);
    }
    for part in parts {
        table.set(definition.name, part, to)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn is_confirmed(name: &str, to: DateTime<Utc>) -> anyhow::Result<bool> {
    eprint!(
        "Move {name} to {}? Places must not be moved back unless the star schema is emptied. [y/N] ",
        iso(to)
    );
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}
