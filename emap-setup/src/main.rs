//! Entry point of the `emap` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    emap_service::program::exit_code("emap", emap_setup::cli::Cli::parse().execute())
}
