//! Entry point of the `core` daemon.

use std::process::ExitCode;

use clap::Parser;
use emap_core::commands::Cli;

fn main() -> ExitCode {
    emap_service::program::exit_code("core", Cli::parse().execute())
}
