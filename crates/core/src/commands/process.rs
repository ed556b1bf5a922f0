//! `core process`: messages from YAML files, each like one delivered message.
#![allow(clippy::print_stdout, reason = "the printed lines are what the command is for")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use anyhow::Context;
use emap_interchange::{DecodeError, Message, yaml};
use emap_service::settings::DatabaseArgs;
use emap_star::{Session, migrations};
use serde::Serialize;

use super::features::RulesArgs;
use crate::{engine::Engine, incoming::Incoming, outcome::Report};

/// Arguments of `core process`.
#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    database: DatabaseArgs,
    /// Bring the schema up to date first; creates it if it is missing.
    #[arg(long)]
    migrate: bool,
    #[command(flatten)]
    rules: RulesArgs,
    /// YAML files: one message, or a sequence of messages.
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

/// One printed line.
#[derive(Serialize)]
struct Line<'l> {
    file: String,
    index: Option<usize>,
    #[serde(rename = "type")]
    message_type: Option<&'l str>,
    source_id: Option<&'l str>,
    outcome: &'static str,
    message: Option<&'l str>,
}

pub(super) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let mut engine = engine(args)?;
    let mut all_read = true;
    for file in &args.files {
        match read(file) {
            Ok(messages) => all_read &= process(&mut engine, file, messages)?,
            Err(error) => {
                all_read = false;
                print(&line(file, None, None, &Report::error(format!("{error:#}"))))?;
            }
        }
    }
    Ok(if all_read { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn engine(args: &Args) -> anyhow::Result<Engine> {
    let (settings, rules) = args.rules.load()?;
    let database = args.database.read(&settings)?;
    let mut connection = emap_star::connect(&database.connection_string(), &database.schema)?;
    if args.migrate {
        migrations::migrate(&mut connection, &database.schema)?;
    }
    Ok(Engine::new(Session::on_database(connection)?, rules))
}

fn read(file: &Path) -> anyhow::Result<Vec<Result<Message, DecodeError>>> {
    let text = fs::read_to_string(file).context("cannot read the file")?;
    Ok(yaml::read_each(&text)?)
}

/// Processes the messages of a file; returns whether all of them could be read.
fn process(
    engine: &mut Engine,
    file: &Path,
    messages: Vec<Result<Message, DecodeError>>,
) -> anyhow::Result<bool> {
    let queue: Arc<str> = Arc::from("file");
    let mut all_read = true;
    for (index, message) in messages.into_iter().enumerate() {
        let body = message.as_ref().map(Message::to_json).unwrap_or_default();
        let incoming = Incoming::of(Arc::clone(&queue), body, message.map_err(Into::into));
        all_read &= incoming.message.is_ok();
        for report in &engine.process(std::slice::from_ref(&incoming))? {
            print(&line(file, Some(index), incoming.message.as_ref().ok(), report))?;
        }
    }
    Ok(all_read)
}

fn line<'l>(file: &Path, index: Option<usize>, message: Option<&'l Message>, report: &'l Report) -> Line<'l> {
    Line {
        file: file.display().to_string(),
        index,
        message_type: message.map(Message::class_name),
        source_id: message.and_then(|message| message.source_message_id.as_deref()),
        outcome: report.outcome.as_str(),
        message: report.reason.as_deref(),
    }
}

fn print(line: &Line<'_>) -> anyhow::Result<()> {
    println!("{}", serde_json::to_string(line)?);
    Ok(())
}
