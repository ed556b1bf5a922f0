//! Entry point of the `core` daemon.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    emap_core::commands::Cli::parse().execute().unwrap_or_else(|error| {
        eprintln!("core: {error:#}");
        ExitCode::FAILURE
    })
}
