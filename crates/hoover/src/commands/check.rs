//! `hoover check`: compares the queries' results with the contracts.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::process::ExitCode;

use emap_service::{program::ConfigFile, settings::LogSettings, telemetry};

use super::exit::load;
use crate::{
    contract::check,
    data_types::definitions,
    settings::{SourceSettings, known_names},
    source::SourceError,
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Data types; all if none is named.
    #[arg(value_name = "NAME")]
    names: Vec<String>,
}

/// Runs every query with an empty window and prints one line for each difference. Exit code 1 if there is any.
///
/// # Errors
/// A setting is wrong or a name unknown.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = load(&args.config)?;
    telemetry::init(&LogSettings::from_settings(&settings)?);
    let mut wanted = known_names(&args.names)?;
    if wanted.is_empty() {
        wanted = definitions().iter().map(|definition| definition.name).collect();
    }
    let sources = SourceSettings::from_settings(&settings, &wanted)?;
    let runtime = tokio::runtime::Runtime::new()?;
    let is_clean = runtime.block_on(check_all(&sources, &wanted))?;
    Ok(if is_clean { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn check_all(sources: &SourceSettings, wanted: &[&'static str]) -> anyhow::Result<bool> {
    let mut is_clean = true;
    for definition in definitions().into_iter().filter(|definition| wanted.contains(&definition.name)) {
        let (name, file) = (definition.name, definition.file);
        let sql = match sources.queries.of(definition) {
            Ok(sql) => sql,
            Err(error) => {
                println!("{name} {file}: {error}");
                is_clean = false;
                continue;
            }
        };
        let database = sources.database(definition)?;
        match check(definition, &sql, database.as_ref(), sources.clock).await {
            Ok(differences) => {
                is_clean &= differences.is_empty();
                for difference in differences {
                    println!("{name} {file} {difference}");
                }
            }
            // These begin with the file.
            Err(
                error @ (SourceError::Refused { .. }
                | SourceError::Contract { .. }
                | SourceError::Lost { .. }
                | SourceError::TimedOut { .. }),
            ) => {
                is_clean = false;
                println!("{name} {error}");
            }
            Err(error) => {
                is_clean = false;
                println!("{name} {file}: {error}");
            }
        }
    }
    Ok(is_clean)
}
