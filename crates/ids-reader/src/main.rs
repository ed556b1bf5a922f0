//! `ids-reader`: reads HL7 from the message store and publishes interchange messages.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use emap_ids_reader::{
    ReaderSettings,
    commands::{convert, explain, migrate, replay, run},
};
use emap_service::readiness;

/// Reads HL7 from the message store and publishes interchange messages.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print the interchange messages that HL7 files give, as YAML.
    Convert(convert::Args),
    /// Print how HL7 files are routed, and which field each property of their messages comes from.
    Explain(explain::Args),
    /// Create the reader's own tables in the star schema, or bring them up to date.
    Migrate(migrate::Args),
    /// Publish what comes into the message store, until the end of the window or a signal.
    Run(run::Args),
    /// Publish rows that were rejected before and can be converted by now.
    #[command(alias = "retry")]
    Replay(replay::Args),
    /// Ask the daemon on this machine whether it is ready.
    Health(readiness::Args),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Convert(args) => convert::run(&args),
        Command::Explain(args) => explain::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::Run(args) => run::run(&args),
        Command::Replay(args) => replay::run(&args),
        Command::Health(args) => readiness::run(&args, ReaderSettings::GROUPS).map_err(Into::into),
    };
    emap_service::program::exit_code("ids-reader", outcome)
}
