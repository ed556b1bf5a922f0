//! Other programs that are asked something.

use std::process::{Command, Stdio};

use crate::compose;

/// What a program prints. What it says on standard error, on one line, is the error.
///
/// # Errors
/// It cannot be started, or fails.
pub(crate) fn read(words: &[&str]) -> Result<String, String> {
    let (program, arguments) = words.split_first().ok_or("no program is named")?;
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| format!("{program} cannot be started: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let said = said.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or("no reason given");
    Err(format!("{program} ended with {}: {said}", compose::named(output.status)))
}
