//! `connector create-openapi`.

use std::{fs, path::PathBuf, process::ExitCode};

use anyhow::Context;

use crate::api;

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// File to write; JSON if its name ends in `.json`, else YAML.
    file: PathBuf,
}

/// Writes the document that is served.
///
/// # Errors
/// When the file cannot be written.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let is_json = args.file.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    let text = if is_json { format!("{:#}\n", api::document()) } else { api::document_yaml() };
    fs::write(&args.file, text).with_context(|| format!("cannot write {}", args.file.display()))?;
    Ok(ExitCode::SUCCESS)
}
