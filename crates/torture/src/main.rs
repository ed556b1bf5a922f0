//! Entry point of the `emap-torture` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    emap_torture::Cli::parse().execute().unwrap_or_else(|error| {
        eprintln!("emap-torture: {error:#}");
        ExitCode::FAILURE
    })
}
