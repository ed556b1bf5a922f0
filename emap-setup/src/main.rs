//! Entry point of the `emap` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    emap_setup::cli::Cli::parse().execute().unwrap_or_else(|error| {
        eprintln!("emap: {error:#}");
        ExitCode::FAILURE
    })
}
