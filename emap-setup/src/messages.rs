//! `emap messages`: for people and projects that write interchange messages.

pub mod check;
pub mod schema;

use std::process::ExitCode;

use clap::Subcommand;

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Check YAML files of messages; names file, line and property of all that is wrong.
    Check(check::Args),
    /// The JSON Schemas of the messages.
    Schema(schema::Args),
}

/// Runs the command.
///
/// # Errors
/// What went wrong, to be printed on one line.
pub fn execute(command: &Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Check(args) => check::execute(args),
        Command::Schema(args) => schema::execute(args),
    }
}
