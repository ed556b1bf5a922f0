//! The commands of the program.

pub mod create_openapi;
pub mod deliveries;
pub mod health;
pub mod migrate;
pub mod run;

/// Prints a line of a command's result.
fn line(text: &str) -> std::io::Result<()> {
    use std::io::Write;
    writeln!(std::io::stdout().lock(), "{text}")
}
