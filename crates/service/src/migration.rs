//! The commands that bring a schema up to date and do nothing else.
#![allow(clippy::print_stdout, reason = "printing is what the commands are for")]

use std::time::Duration;

use emap_postgres::{Config, MigrationError, MigrationReport};
use emap_queue::Backoff;

use crate::{
    health::components,
    program::{ProgramError, run_once},
    retry::{GaveUp, Retry},
    settings::{DatabaseSettings, Settings},
};

/// Longest wait for the database at the start: a wrong address is to be reported, not retried for ever.
const START_LIMIT: Duration = Duration::from_secs(10);

/// Brings a schema up to date, until it is asked to stop.
pub type Migrate = fn(&Config, &str, &(dyn Fn() -> bool + Sync)) -> Result<MigrationReport, MigrationError>;

/// Brings the schema of the star database (`UDS_…`) up to date as its own role, also while it is in use, and prints a
/// line for each step and each warning. Waits for locks as long as it takes; a signal stops it.
///
/// # Errors
/// A setting is wrong, the database cannot be reached, a step fails, or it was stopped before the end.
pub fn migrate_star(
    settings: &Settings,
    migrate: Migrate,
) -> Result<(), ProgramError<GaveUp<MigrationError>>> {
    let read = |settings: &Settings| DatabaseSettings::uds(settings);
    run_once(settings, read, async |database, runtime| {
        let star = runtime.health.component(components::STAR);
        let (schema, stop) = (database.schema.clone(), runtime.cancel.clone());
        let attempt = move || migrate(database.config(), &database.schema, &|| stop.is_cancelled());
        let retry = Retry::new(&star, &runtime.cancel, Backoff::seconds(1, 5)).at_most(START_LIMIT);
        let report =
            retry.run_on_thread(attempt, |error| matches!(error, MigrationError::Connection(_))).await?;
        print(&schema, &report);
        Ok(())
    })
}

fn print(schema: &str, report: &MigrationReport) {
    for step in &report.applied {
        println!("applied {step}");
    }
    for warning in &report.warnings {
        println!("warning: {warning}");
    }
    println!("schema {schema:?} is up to date");
}
