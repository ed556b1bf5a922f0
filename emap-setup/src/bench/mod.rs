//! `emap bench`: what this machine can do at most, and what EMAP makes of it.
//!
//! Raw limits and EMAP's own figures come from the same run and the same messages, round by round, so that a busy
//! machine hits both. The daemons are measured as processes of their own, as in production.

mod figures;
mod memory;
mod ours;
mod phases;
mod raw;
mod report;
mod rounds;
mod site;
pub mod stage;
pub mod stream;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, ensure};

use stream::{Mix, StreamSettings};

/// Arguments of `emap bench`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Messages that core processes in each round: an HL7 message may give several.
    #[arg(long, default_value_t = 50_000, value_name = "N")]
    messages: u64,
    /// What the messages are about.
    #[arg(long, value_enum, default_value_t = Mix::Hospital)]
    mix: Mix,
    /// Rounds; the table shows medians.
    #[arg(long, default_value_t = 3, value_name = "N")]
    rounds: u32,
    /// Percentage of messages that come out of order.
    #[arg(long, default_value_t = 10.0, value_name = "PERCENT")]
    disorder: f64,
    /// Percentage of messages that come twice.
    #[arg(long, default_value_t = 5.0, value_name = "PERCENT")]
    duplicates: f64,
    /// Percentage of admissions, transfers and discharges that are cancelled and then happen after all.
    #[arg(long, default_value_t = 5.0, value_name = "PERCENT")]
    cancellations: f64,
    /// Percentage of visits that begin under a provisional number, merged later: 7 % make one message in a hundred
    /// a merge.
    #[arg(long, default_value_t = 7.0, value_name = "PERCENT")]
    merges: f64,
    /// Seed of the invented messages.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Also write the figures to this file.
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,
}

/// Patients in the hospital at a time, where they do more than come and go.
const BEDS: usize = 1000;

impl Args {
    fn stream(&self) -> anyhow::Result<StreamSettings> {
        for (name, percentage) in [
            ("disorder", self.disorder),
            ("duplicates", self.duplicates),
            ("cancellations", self.cancellations),
            ("merges", self.merges),
        ] {
            ensure!((0.0..=90.0).contains(&percentage), "--{name} must be a percentage from 0 to 90");
        }
        ensure!(self.messages > 0 && self.rounds > 0, "--messages and --rounds must be at least 1");
        Ok(StreamSettings {
            messages: self.messages,
            mix: self.mix,
            seed: self.seed,
            disorder: self.disorder / 100.0,
            duplicates: self.duplicates / 100.0,
            cancellations: self.cancellations / 100.0,
            merges: self.merges / 100.0,
            present: match self.mix {
                Mix::Adt => StreamSettings::default().present,
                Mix::Hospital => BEDS,
            },
        })
    }
}

/// Runs all rounds, prints the table and writes the file.
///
/// # Errors
/// A server is not installed or does not start, or a stage fails.
pub fn execute(args: &Args) -> anyhow::Result<ExitCode> {
    let stream = args.stream()?;
    let bench = site::Site::start(stream)?;
    let figures = rounds::run(&bench, args.rounds)?;
    report::print(&figures, &bench);
    if let Some(path) = &args.json {
        let json = serde_json::to_string_pretty(&report::json(&figures, &bench, args.rounds))?;
        std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}
