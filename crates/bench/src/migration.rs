//! `emap-bench migration`: how long others wait while a large star schema is brought up to date.

mod load;
mod schema;

use std::{process::ExitCode, time::Instant};

use anyhow::Context;
use emap_local_services::postgres;
use emap_star::migrations;

use self::load::{Load, Waits};
use crate::output::line;

const DATABASE: &str = "bench";

/// The longest that a write may wait, in seconds.
const LONGEST_WAIT: f64 = 2.0;

/// Arguments of `emap-bench migration`.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Observations in the star, and lines of its effect log.
    #[arg(long, default_value_t = 10_000_000, value_name = "N")]
    observations: u64,
    /// Programs that write all the time.
    #[arg(long, default_value_t = 2, value_name = "N")]
    writers: usize,
    /// Seconds for which the writers are watched before the migration.
    #[arg(long, default_value_t = 20, value_name = "N")]
    seconds: u64,
}

/// Fills a star, makes it older, and brings it up to date under load. Exit code 1 if a write waited too long.
///
/// # Errors
/// The server is not installed or does not start, or the migration fails.
pub(crate) fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let durability = postgres::Durability::Full;
    let server = postgres::Server::start(postgres::Options { durability, ..Default::default() })?;
    server.create_database(DATABASE)?;
    let url = server.database_url(DATABASE);
    let begin = Instant::now();
    schema::fill(&url, args.observations).context("the star")?;
    let size = server.query(DATABASE, "SELECT pg_size_pretty(pg_database_size(current_database()))")?;
    line(format_args!(
        "{} observations and as many lines of the effect log, {size}, in {:.0} s",
        args.observations,
        begin.elapsed().as_secs_f64()
    ));
    schema::make_older(&url)?;

    let before = Load::start(&url, args.writers)?;
    std::thread::sleep(std::time::Duration::from_secs(args.seconds));
    let before = before.stop()?;
    line(Waits::HEADING);
    line(format_args!("{:<18}{before}", "before"));

    let config = emap_postgres::Config::from_url(&url)?;
    let during = Load::start(&url, args.writers)?;
    let begin = Instant::now();
    let report = migrations::migrate_until(&config, schema::NAME, &|| false)?;
    let elapsed = begin.elapsed();
    let during = during.stop()?;
    line(format_args!("{:<18}{during}", "while it migrates"));
    line(format_args!(
        "{} steps taken in {:.0} s, {} warnings",
        report.applied.len(),
        elapsed.as_secs_f64(),
        report.warnings.len()
    ));
    let good = during.longest() <= LONGEST_WAIT && report.warnings.is_empty();
    line(if good { "no write waited longer than 2 s" } else { "NOT as it should be" });
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
