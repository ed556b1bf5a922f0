//! `emap messages schema`: JSON Schemas for projects that write messages of their own.

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};
use emap_interchange::schema;

use crate::output::line;

/// Arguments of `emap messages schema`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// The message, such as `AdmitPatient`; without it, all there are.
    #[arg(value_name = "TYPE")]
    class: Option<String>,
    /// Write each schema to a file here, `TYPE.json`.
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the schema of one message or the names of all, or writes the schemas to files.
///
/// # Errors
/// There is no such message, or a file cannot be written.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    match (args.out.as_deref(), args.class.as_deref()) {
        (Some(directory), Some(class)) => write(directory, &[class])?,
        (Some(directory), None) => write(directory, &schema::classes())?,
        (None, Some(class)) => line(of(class)?.trim_end()),
        (None, None) => {
            for class in schema::classes() {
                line(class);
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn write(directory: &Path, classes: &[&str]) -> anyhow::Result<()> {
    fs::create_dir_all(directory).with_context(|| format!("cannot create {}", directory.display()))?;
    for class in classes {
        let schema = of(class)?;
        let short = class.rsplit('.').next().unwrap_or(class);
        let file = directory.join(format!("{short}.json"));
        fs::write(&file, schema).with_context(|| format!("cannot write {}", file.display()))?;
    }
    Ok(())
}

fn of(class: &str) -> anyhow::Result<String> {
    let Some(schema) = schema::of(class) else {
        bail!("no message is called {class}; `emap messages schema` lists all");
    };
    Ok(schema)
}
