//! `emap switch`: the views that analysts read lead to one of two schemas; this makes them lead to the other.

mod rights;
mod target;
mod views;

use std::{process::ExitCode, thread, time::Duration};

use anyhow::{Context, bail};
use diesel::{Connection, PgConnection, connection::SimpleConnection};
use emap_postgres::{ErrorClass, quote_identifier};
use emap_service::{DatabaseSettings, program::ConfigFile, settings::Settings};

use crate::output::line;

/// How long a try waits for a lock. Analysts' queries that begin meanwhile wait behind it.
const LOCK_TIMEOUT: &str = "2s";

/// Between two tries.
const PAUSE: Duration = Duration::from_secs(3);

/// Arguments of `emap switch`; the database comes from the settings of core (`UDS_JDBC_URL` …).
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    config: ConfigFile,
    /// The schema that the views are to lead to.
    #[arg(value_name = "SCHEMA", required_unless_present_any = ["status", "back"], conflicts_with_all = ["status", "back"])]
    target: Option<String>,
    /// The schema of the views.
    #[arg(long, value_name = "SCHEMA", default_value = "star")]
    views: String,
    /// Print where the views lead to, and change nothing.
    #[arg(long, conflicts_with = "back")]
    status: bool,
    /// Lead the views where they led before the last switch.
    #[arg(long)]
    back: bool,
    /// How often to try when queries of others are in the way.
    #[arg(long, value_name = "NUMBER", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    tries: u32,
}

/// Switches, or prints where the views lead to.
///
/// # Errors
/// The schema is none of ours, others' queries stayed in the way, or the database refuses.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let mut connection = connect(args)?;
    let present = target::present(&mut connection, &args.views)?;
    if args.status {
        line(format_args!("{}: {}", args.views, present.as_deref().unwrap_or("no views yet")));
        return Ok(ExitCode::SUCCESS);
    }
    let target = if args.back {
        target::before(&mut connection, &args.views)?
            .with_context(|| format!("{} was never switched, so there is no way back", args.views))?
    } else {
        args.target.clone().unwrap_or_default()
    };
    if target == args.views {
        bail!("{target} is the schema of the views themselves");
    }
    let count = switch(&mut connection, args, &target, present.as_deref())?;
    line(format_args!("{}: {count} views lead to {target}", args.views));
    Ok(ExitCode::SUCCESS)
}

fn connect(args: &Args) -> anyhow::Result<PgConnection> {
    // The schema is an argument here: that of the settings need not be set.
    let loaded: Settings = args.config.load(&[DatabaseSettings::UDS_KEYS])?;
    let settings = DatabaseSettings::uds_with_schema(&loaded, Some(args.views.clone()))?;
    settings.config().connect().with_context(|| format!("the star database, {}", settings.config()))
}

/// All in one transaction: whoever reads sees all views of the one schema or all of the other.
fn switch(
    connection: &mut PgConnection,
    args: &Args,
    target: &str,
    present: Option<&str>,
) -> anyhow::Result<usize> {
    for attempt in 1.. {
        let tried = connection.transaction(|connection| {
            connection.batch_execute(&format!("SET LOCAL lock_timeout TO '{LOCK_TIMEOUT}'"))?;
            let count = views::lead_to(connection, &args.views, target)?;
            if present.is_some_and(|present| present != target) {
                target::note_before(connection, &args.views, present)?;
            }
            Ok::<_, anyhow::Error>(count)
        });
        match tried {
            Err(error) if attempt < args.tries && is_in_the_way(&error) => {
                line(format_args!("queries of others are in the way, try {attempt} of {}", args.tries));
                thread::sleep(PAUSE);
            }
            tried => return tried.with_context(|| format!("views of {}", quote_identifier(&args.views))),
        }
    }
    unreachable!("the last try returns")
}

/// A lock that was not given in time, or a deadlock with someone else's transaction.
fn is_in_the_way(error: &anyhow::Error) -> bool {
    let database = error.chain().find_map(|cause| cause.downcast_ref::<diesel::result::Error>());
    database
        .is_some_and(|error| matches!(ErrorClass::of(error), ErrorClass::Unwilling | ErrorClass::Conflict))
}
