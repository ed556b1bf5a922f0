//! `emap replay`: sends messages that core had to reject once more to the queues they came from.

use std::{fmt, process::ExitCode};

use emap_core::{CoreSettings, ReplaySettings, ReplaySummary, replay};
use emap_interchange::Message;
use emap_service::program::{ConfigFile, run_once};
use emap_star::RejectFilter;

use crate::output::line;

/// Arguments of `emap replay`; everything else comes from the settings of `core run`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// Only messages of this type, such as `LabOrderMsg`; never bodies that core could not read.
    #[arg(long = "type", value_name = "NAME", value_parser = full_class_name)]
    message_type: Option<String>,
    /// Only messages with this identifier of their source, just as it is in the table.
    #[arg(long, value_name = "ID")]
    source_id: Option<String>,
    /// Only messages from this queue.
    #[arg(long, value_name = "NAME")]
    queue: Option<String>,
    /// Also messages that were sent again before.
    #[arg(long)]
    again: bool,
    /// Send nothing; only count what would be sent.
    #[arg(long)]
    dry_run: bool,
}

/// Sends what can be sent and prints how much that was. Exit code 1 when some could not be sent.
///
/// # Errors
/// A setting is missing or wrong, the database cannot be used, or it was stopped before the end.
pub fn execute(args: Args) -> anyhow::Result<ExitCode> {
    let loaded = args.config.load(CoreSettings::GROUPS)?;
    let (dry_run, filter) = (args.dry_run, args.filter());
    let summary = run_once(&loaded, ReplaySettings::from_settings, async |settings, runtime| {
        replay(ReplaySettings { dry_run, filter, ..settings }, runtime).await
    })?;
    line(Line { summary, dry_run });
    Ok(if summary.is_complete() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

impl Args {
    fn filter(self) -> RejectFilter {
        let Self { message_type, source_id, queue, again, .. } = self;
        RejectFilter { message_type, source_id, queue, again }
    }
}

/// The class of messages whose name, in full or its last part, this is.
fn full_class_name(name: &str) -> Result<String, String> {
    let classes: Vec<&str> = Message::of_each_class().iter().map(Message::class_name).collect();
    let last_part = |class: &'static str| class.rsplit('.').next().unwrap_or(class);
    let mut named = classes.iter().filter(|class| **class == name || last_part(class) == name);
    named.next().map(|class| (*class).to_owned()).ok_or_else(|| {
        let mut known: Vec<&str> = classes.iter().map(|class| last_part(class)).collect();
        known.sort_unstable();
        format!("no such type of message; known: {}", known.join(", "))
    })
}

/// What is printed.
struct Line {
    summary: ReplaySummary,
    dry_run: bool,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReplaySummary { rejects, sent, unreadable, other_queues } = self.summary;
        let messages = if self.dry_run { "messages to send" } else { "messages sent" };
        write!(
            f,
            "rejects: {rejects}, {messages}: {sent}, still unreadable: {unreadable}, \
             not from a queue of core: {other_queues}"
        )
    }
}
