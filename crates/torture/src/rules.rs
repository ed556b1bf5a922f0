//! The rules of `emap check`, asked of the star.

use std::{path::Path, process::Command};

use anyhow::Context;

use crate::daemons::of_star;

/// What `emap check` prints of rules that are broken or could not be checked; nothing if all are kept. `programs`:
/// directory with it; `port` and `database`: where the star is.
///
/// # Errors
/// The program cannot be started.
pub(crate) fn broken(programs: &Path, port: u16, database: &str) -> anyhow::Result<Vec<String>> {
    let mut command = Command::new(programs.join("emap"));
    let checked =
        command.arg("check").env_clear().envs(of_star(port, database)).output().context("emap check")?;
    if checked.status.success() {
        return Ok(Vec::new());
    }
    let printed = String::from_utf8_lossy(&checked.stdout) + String::from_utf8_lossy(&checked.stderr);
    let of_rules =
        printed.lines().filter(|line| !line.ends_with("  ok") && !line.contains("  not applicable: "));
    let mut broken: Vec<String> = of_rules.map(|line| format!("emap check: {}", line.trim())).collect();
    broken.push(format!("emap check ended with {}", checked.status));
    Ok(broken)
}
