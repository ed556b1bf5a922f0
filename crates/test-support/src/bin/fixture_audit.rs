//! Run after all tests: fails if a fixture was read by none of them.
#![allow(clippy::print_stdout)]

use std::process::ExitCode;

use emap_test_support::fixtures;

fn main() -> ExitCode {
    match fixtures::unread(&fixtures::root(), &fixtures::record()) {
        Ok(unread) if unread.is_empty() => {
            println!("fixtures: every YAML file has been read by a test");
            ExitCode::SUCCESS
        }
        Ok(unread) => {
            eprintln!("fixtures: no test has read\n  {}", unread.join("\n  "));
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("fixtures: {}: {error}", fixtures::root().display());
            ExitCode::FAILURE
        }
    }
}
