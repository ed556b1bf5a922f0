//! `emap check`: rules that the rows of the star database keep, asked of the database in plain SQL.

mod present;
mod question;
mod report;
mod rules;
mod scope;

pub use self::{
    question::{Answer, Finding, Sample},
    scope::Scope,
};

use std::process::ExitCode;

use anyhow::Context;
use diesel::{PgConnection, connection::SimpleConnection};
use emap_postgres::quote_identifier;
use emap_service::{DatabaseSettings, program::ConfigFile, settings::DatabaseArgs};

use self::rules::Rule;
use crate::log;

/// Exit code when something could not be checked.
const COULD_NOT: u8 = 2;

/// Arguments of `emap check`; without others the database is that of the settings of core (`UDS_JDBC_URL` …).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    #[command(flatten)]
    database: DatabaseArgs,
    #[command(flatten)]
    questions: Questions,
    /// Print JSON.
    #[arg(long)]
    json: bool,
}

/// What is asked.
#[derive(Debug, clap::Args)]
pub struct Questions {
    #[command(flatten)]
    scope: Scope,
    /// Only these rules, such as `I10`.
    #[arg(value_name = "RULE", value_parser = rules::known)]
    rules: Vec<String>,
    /// Seconds that one question to the database may take.
    #[arg(long, value_name = "SECONDS", default_value_t = 600)]
    statement_timeout: u32,
    /// Rows shown of each finding.
    #[arg(long, value_name = "ROWS", default_value_t = 5)]
    samples: u32,
}

impl Default for Questions {
    /// All rules about all rows.
    fn default() -> Self {
        Self { scope: Scope::default(), rules: Vec::new(), statement_timeout: 600, samples: 5 }
    }
}

/// Prints what was found. Exit code 1 when a rule is broken, 2 when one could not be checked.
///
/// # Errors
/// Never: they are printed, so that 1 means a broken rule and nothing else.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    match check(args) {
        Ok(code) => Ok(code),
        Err(error) => {
            log::error(format_args!("{error:#}"));
            Ok(ExitCode::from(COULD_NOT))
        }
    }
}

/// # Errors
/// A setting is missing or wrong, or the database cannot be reached.
fn check(args: &Args) -> anyhow::Result<ExitCode> {
    let settings = args.database.read(&args.config.load(&[DatabaseSettings::UDS_KEYS])?)?;
    let mut connection =
        settings.config().connect().with_context(|| format!("the star database, {}", settings.config()))?;
    let findings = findings(&mut connection, &settings.schema, &args.questions)?;
    if args.json {
        report::json(&findings)?;
    } else {
        report::text(&findings);
    }
    let could_not = findings.iter().any(|finding| matches!(finding.answer, Answer::NotChecked { .. }));
    let broken = findings.iter().any(Finding::is_violation);
    Ok(ExitCode::from(if could_not { COULD_NOT } else { u8::from(broken) }))
}

/// Asks, over a connection that only reads from now on.
///
/// # Errors
/// The database is lost.
pub(crate) fn findings(
    connection: &mut PgConnection,
    schema: &str,
    questions: &Questions,
) -> anyhow::Result<Vec<Finding>> {
    connection
        .batch_execute(&format!(
            "SET default_transaction_read_only TO on; SET statement_timeout TO '{}s'; SET search_path TO {}; \
             SET timezone TO 'UTC'",
            questions.statement_timeout,
            quote_identifier(schema)
        ))
        .context("the star database")?;
    let chosen =
        |rule: &&Rule| questions.rules.is_empty() || questions.rules.iter().any(|name| name == rule.name);
    let rules = rules::RULES.iter().filter(chosen);
    rules.map(|rule| question::ask(connection, rule, &questions.scope, questions.samples)).collect()
}
