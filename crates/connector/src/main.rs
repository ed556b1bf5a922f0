//! `connector`: receives the hospital's HL7 over HTTP and MLLP, and sends observations and documents out.

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use emap_connector::commands::{create_openapi, deliveries, health, migrate, run};
use emap_service::readiness;

/// Receives the hospital's HL7 over HTTP and MLLP, and sends observations and documents out.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Receive and send, until a signal.
    Run(run::Args),
    /// Bring the database up to date. `run` does so as well.
    Migrate(migrate::Args),
    /// Write the OpenAPI document that is served.
    CreateOpenapi(create_openapi::Args),
    /// Ask the daemon on this machine whether it is ready.
    Health(readiness::Args),
    /// List messages that wait to be sent out, have them sent now, or give them up.
    Deliveries(deliveries::Args),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Run(args) => run::run(&args),
        Command::Migrate(args) => migrate::run(&args),
        Command::CreateOpenapi(args) => create_openapi::run(&args),
        Command::Health(args) => health::run(&args),
        Command::Deliveries(args) => deliveries::run(&args),
    };
    emap_service::program::exit_code("connector", outcome)
}
