//! `emap status`: how an instance, or daemons that run as plain processes, are doing. Counts and times only, nothing of a
//! patient.

mod containers;
mod daemon;
mod figures;
mod http;
mod queues;
mod report;
mod seen;
mod star;
mod verdict;
mod ways;

use std::{
    io::IsTerminal,
    path::Path,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use chrono::Utc;
use emap_service::program::ConfigFile;

use self::{
    figures::{Counters, Rates},
    seen::Status,
    verdict::Condition,
    ways::{Urls, Ways},
};
use crate::{interrupt::Interrupt, log, output::line};

/// Between two looks at counters, when one look is all that is wanted.
const SAMPLE: Duration = Duration::from_secs(1);

/// Clears a terminal.
const CLEAR: &str = "\x1b[2J\x1b[H";

/// Arguments of `emap status`.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    urls: Urls,
    /// With one of the URLs: settings of core, for the star database and the broker.
    #[command(flatten)]
    config: ConfigFile,
    /// Print JSON.
    #[arg(long)]
    json: bool,
    /// Look again and again, every so many seconds, until Ctrl-C.
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "5",
          value_parser = clap::value_parser!(u32).range(1..))]
    watch: Option<u32>,
}

/// Prints how it is. Exit code 1: something is not as it should be; 2: nothing flows, or it cannot be told.
///
/// # Errors
/// Never: they are printed, so that 1 means an instance that works in part and nothing else.
pub fn execute(args: &Args, file: &Path) -> anyhow::Result<ExitCode> {
    match observe(args, file) {
        Ok(condition) => Ok(condition.exit_code()),
        Err(error) => {
            log::error(format_args!("{error:#}"));
            Ok(Condition::Down.exit_code())
        }
    }
}

/// # Errors
/// The configuration or a setting is wrong.
fn observe(args: &Args, file: &Path) -> anyhow::Result<Condition> {
    let ways = if args.urls.is_given() {
        Ways::of_processes(&args.urls, &args.config)?
    } else {
        Ways::of_instance(&crate::instance::Instance::here(file)?)?
    };
    let Some(seconds) = args.watch else {
        let before = ways.daemons().counters;
        let begin = Instant::now();
        if !before.is_empty() {
            thread::sleep(SAMPLE);
        }
        let (status, _) = look(&ways, Some(&(begin, before)));
        print(&status, args.json, false)?;
        return Ok(status.verdict.condition);
    };
    let interrupt = Interrupt::watch();
    let mut before: Option<(Instant, Counters)> = None;
    loop {
        let (status, counters) = look(&ways, before.as_ref());
        before = Some(counters);
        print(&status, args.json, true)?;
        if !interrupt.sleep(Duration::from_secs(seconds.into())) {
            return Ok(status.verdict.condition);
        }
    }
}

fn look(ways: &Ways, before: Option<&(Instant, Counters)>) -> (Status, (Instant, Counters)) {
    let at = Utc::now();
    let begin = Instant::now();
    let seen = ways.daemons();
    let rates = before.map(|(then, counters)| Rates::between(counters, &seen.counters, begin - *then));
    let mut notes = seen.notes;
    let queues = queues::look(ways, &rates.unwrap_or_default(), &mut notes);
    let records = star::look(ways, &seen.daemons, at, &mut notes);
    let verdict = verdict::of(&seen.daemons, &queues);
    let status = Status { at, verdict, daemons: seen.daemons, queues, records, notes };
    (status, (begin, seen.counters))
}

fn print(status: &Status, json: bool, again: bool) -> anyhow::Result<()> {
    if json {
        line(if again { serde_json::to_string(status)? } else { serde_json::to_string_pretty(status)? });
        return Ok(());
    }
    let clear = if again && std::io::stdout().is_terminal() { CLEAR } else { "" };
    line(format_args!("{clear}{}", report::text(status)));
    Ok(())
}

impl Condition {
    fn exit_code(self) -> ExitCode {
        ExitCode::from(match self {
            Self::Healthy => 0,
            Self::Degraded => 1,
            Self::Down => 2,
        })
    }
}
