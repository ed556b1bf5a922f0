//! `connector deliveries`: what waits to be sent out.

use std::process::ExitCode;

use chrono::{DateTime, Utc};
use emap_service::program::ConfigFile;

use crate::{
    settings::ConnectorSettings,
    store::{
        Database,
        deliveries::{self, Selection},
    },
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, clap::Subcommand)]
enum Action {
    /// Print what waits, the oldest first: a JSON line for each message.
    List(Chosen),
    /// Make the next attempt due now, also of messages that were given up.
    Retry(Chosen),
    /// Send the messages no more.
    GiveUp(Chosen),
}

#[derive(Debug, clap::Args)]
struct Chosen {
    #[command(flatten)]
    config: ConfigFile,
    /// Only the message with this UUID.
    #[arg(long)]
    uuid: Option<String>,
    /// Only messages for this destination: tie or mirth.
    #[arg(long, value_name = "DST")]
    destination: Option<String>,
    /// Only messages that were made before this instant, such as 2026-11-29T12:00:00Z.
    #[arg(long, value_name = "INSTANT")]
    before: Option<DateTime<Utc>>,
    /// All messages.
    #[arg(long, conflicts_with_all = ["uuid", "destination", "before"])]
    all: bool,
}

impl Chosen {
    fn selection(&self) -> Selection {
        Selection { uuid: self.uuid.clone(), destination: self.destination.clone(), before: self.before }
    }
}

/// Does what was asked.
///
/// # Errors
/// When the database cannot be reached, or nothing says which messages are meant.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let (Action::List(chosen) | Action::Retry(chosen) | Action::GiveUp(chosen)) = &args.action;
    let selection = chosen.selection();
    let is_list = matches!(args.action, Action::List(_));
    anyhow::ensure!(
        is_list || chosen.all || selection != Selection::default(),
        "say which messages are meant: --uuid, --destination, --before or --all"
    );
    let settings = chosen.config.load(ConnectorSettings::GROUPS)?;
    let database = Database::new(&ConnectorSettings::database_only(&settings)?);
    let mut connection = database.connect()?;
    let changed = match args.action {
        Action::List(_) => {
            for waiting in deliveries::waiting(&mut connection)? {
                let is_meant = selection.uuid.as_ref().is_none_or(|uuid| *uuid == waiting.message_uuid)
                    && selection.destination.as_ref().is_none_or(|place| *place == waiting.dst_description)
                    && selection.before.is_none_or(|before| waiting.created < before);
                if is_meant {
                    super::line(&waiting.to_json().to_string())?;
                }
            }
            return Ok(ExitCode::SUCCESS);
        }
        Action::Retry(_) => deliveries::retry(&mut connection, &selection)?,
        Action::GiveUp(_) => deliveries::give_up(&mut connection, &selection)?,
    };
    super::line(&format!("{changed} messages"))?;
    Ok(ExitCode::SUCCESS)
}
