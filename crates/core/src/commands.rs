//! The command line of `core`.

mod align_sequences;
mod features;
mod migrate;
mod orders;
mod process;
mod run;

use clap::{Parser, Subcommand};
use emap_service::readiness;

use crate::settings::CoreSettings;

/// Reconciles interchange messages with the star database.
#[derive(Debug, Parser)]
#[command(name = "core", version)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Take messages from the queues and bring the star database up to date, until stopped.
    Run(run::Args),
    /// Bring the star schema up to date while others use it; creates it if it is missing.
    Migrate(migrate::Args),
    /// Bring the sequence of primary keys beyond all keys of the schema. Stop all programs that write there first.
    AlignSequences(align_sequences::Args),
    /// Process messages from YAML files, one after the other, and print what became of each.
    Process(process::Args),
    /// Process the messages of YAML files in many orders, in memory, and print which final contents come out.
    Orders(orders::Args),
    /// Ask the daemon on this machine whether it is ready.
    Health(readiness::Args),
}

impl Cli {
    /// Runs the command; the result is the process's exit code.
    pub fn execute(self) -> anyhow::Result<std::process::ExitCode> {
        match self.command {
            Command::Run(args) => run::execute(&args),
            Command::Migrate(args) => migrate::execute(&args),
            Command::AlignSequences(args) => align_sequences::execute(&args),
            Command::Process(args) => process::execute(&args),
            Command::Orders(args) => orders::execute(&args),
            Command::Health(args) => Ok(readiness::run(&args, CoreSettings::GROUPS)?),
        }
    }
}
