//! `hoover query`: prints the messages of one window; publishes nothing.
#![allow(clippy::print_stdout, reason = "printing is what the command is for")]

use std::{process::ExitCode, sync::Arc};

use chrono::{DateTime, Utc};
use emap_interchange::{Message, yaml};
use emap_service::{program::ConfigFile, settings::LogSettings, telemetry};

use super::exit::{load, wrong_use};
use crate::{
    bars::{self, Shown},
    data_types::{Visitor, visit_all},
    reading::Reading,
    settings::{ConfigurationError, SourceSettings, known_names},
    source::Database,
    strategy::{QueryStrategy, Scope},
};

/// Arguments of the command.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// The data type.
    #[arg(value_name = "NAME")]
    name: String,
    /// First time of the window, as 2021-01-01T00:00:00Z; of open-ended data types only what is later.
    #[arg(long, value_name = "T")]
    from: Option<DateTime<Utc>>,
    /// First time after the window; does not bound open-ended data types.
    #[arg(long, value_name = "T")]
    until: Option<DateTime<Utc>>,
    /// Prints at most so many messages.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
}

/// Prints the messages as one YAML sequence. Rows of which no message can be made are named in the log.
///
/// # Errors
/// A setting or an argument is wrong, or the source cannot be read.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = load(&args.config)?;
    telemetry::init(&LogSettings::from_settings(&settings)?);
    bars::show();
    let name = known_names(std::slice::from_ref(&args.name))?.first().copied().unwrap_or_default();
    let sources = SourceSettings::from_settings(&settings, &[name])?;
    let mut chosen = Chosen { name, args, sources: &sources, outcome: Ok(Vec::new()) };
    visit_all(&sources.site, &mut chosen);
    print!("{}", yaml::write_sequence(&chosen.outcome?));
    Ok(ExitCode::SUCCESS)
}

/// Queries the data type of a name.
struct Chosen<'a> {
    name: &'a str,
    args: &'a Args,
    sources: &'a SourceSettings,
    outcome: anyhow::Result<Vec<Message>>,
}

impl Visitor for Chosen<'_> {
    fn visit<S: QueryStrategy>(&mut self, strategy: S) {
        if strategy.definition().name == self.name {
            self.outcome = self.messages(strategy);
        }
    }
}

impl Chosen<'_> {
    fn messages<S: QueryStrategy>(&self, strategy: S) -> anyhow::Result<Vec<Message>> {
        let definition = strategy.definition();
        let Args { from, until, limit, .. } = self.args;
        if definition.is_windowed() {
            match (from, until) {
                (Some(from), Some(until)) if from <= until => (),
                (Some(_), Some(_)) => return Err(wrong_use("--from must not be later than --until")),
                _ => {
                    return Err(wrong_use(format!(
                        "{} is read in windows: give --from and --until",
                        self.name
                    )));
                }
            }
        }
        let database = self.sources.database(definition)?;
        let sql = self.sources.queries.of(definition).map_err(ConfigurationError::from)?;
        let strategy = Arc::new(strategy);
        let runtime = tokio::runtime::Runtime::new()?;
        let mut messages = Vec::new();
        for sub_id in definition.sub_ids {
            let scope = Scope {
                sub_id,
                from: *from,
                until: until.filter(|_| definition.is_windowed()),
                is_continuation: false,
                clock: self.sources.clock,
                now: Utc::now(),
                date_from: self.sources.date_from,
            };
            let most = limit.unwrap_or(usize::MAX);
            let read = read(&strategy, database.as_ref(), &sql, scope, most, &mut messages);
            runtime.block_on(read)?;
        }
        Ok(messages)
    }
}

async fn read<S: QueryStrategy>(
    strategy: &Arc<S>,
    database: &dyn Database,
    sql: &Arc<str>,
    scope: Scope,
    most: usize,
    messages: &mut Vec<Message>,
) -> anyhow::Result<()> {
    let scope = Arc::new(scope);
    let mut reading =
        Reading::open(Arc::clone(strategy), database, Arc::clone(sql), Arc::clone(&scope), None).await?;
    let mut shown = Shown::new(strategy.definition().name, scope.from, scope.until);
    let mut rows_before = 0;
    while let Some(records) = reading.next().await? {
        let rows = reading.rows_read();
        shown.advance(rows - rows_before, reading.reached_at());
        rows_before = rows;
        for record in records {
            if messages.len() >= most {
                return Ok(());
            }
            match strategy.message(&record, &scope) {
                Ok(message) => messages.push(message),
                Err(error) => tracing::error!(data_type = strategy.definition().name, %error, "left out"),
            }
        }
    }
    Ok(())
}
