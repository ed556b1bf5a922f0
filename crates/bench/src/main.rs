//! Entry point of the `emap-bench` command.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    emap_bench::Cli::parse().execute().unwrap_or_else(|error| {
        eprintln!("emap-bench: {error:#}");
        ExitCode::FAILURE
    })
}
