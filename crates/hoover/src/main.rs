//! `hoover`: polls the reporting database and the warehouse and publishes interchange messages.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use emap_hoover::{
    HooverSettings,
    commands::{check, contract, exit_code, progress, query, run},
};
use emap_service::readiness;

/// Polls the reporting database and the warehouse and publishes interchange messages.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Publish what changes in the sources, until the end of the window or a signal.
    Run(run::Args),
    /// Print the messages of one window as YAML; publishes nothing.
    Query(query::Args),
    /// Print what the queries must return.
    Contract(contract::Args),
    /// Compare what the queries return with what they must.
    Check(check::Args),
    /// Show how far the data types have got, or move that.
    Progress(progress::Args),
    /// Ask the daemon on this machine whether it is ready.
    Health(readiness::Args),
}

fn main() -> ExitCode {
    exit_code(match Arguments::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Query(args) => query::run(&args),
        Command::Contract(args) => contract::run(&args),
        Command::Check(args) => check::run(&args),
        Command::Progress(args) => progress::run(&args),
        Command::Health(args) => readiness::run(&args, HooverSettings::GROUPS).map_err(Into::into),
    })
}
