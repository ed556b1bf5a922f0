//! The command line of `emap-bench`.

use std::{path::PathBuf, process::ExitCode};

use anyhow::{Context, ensure};
use clap::{Parser, Subcommand, ValueEnum};
use emap_connector::ConnectorSettings;
use emap_hospital::{Disorder, Incidents, Mix, Settings as Hospital};
use emap_service::settings::Settings;

use crate::{migration, ours, report, rounds, site::Site, stage};

/// Measures what this machine can do at most, and what EMAP makes of it, on private servers.
#[derive(Debug, Parser)]
#[command(name = "emap-bench", version, args_conflicts_with_subcommands = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Option<Command>,
    #[command(flatten)]
    args: Args,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// How long writers wait while a large star schema is brought up to date.
    Migration(migration::Args),
    /// One daemon of the bench in a process of its own.
    #[command(hide = true)]
    Stage(stage::Args),
    /// The connector in a process of its own, with the settings of its environment, until a signal.
    #[command(hide = true)]
    Connector,
    /// Hoover in a process of its own, with the settings of its environment, for flowsheet values only.
    #[command(hide = true)]
    Hoover,
}

#[derive(Debug, clap::Args)]
struct Args {
    /// Messages that core processes in each round: an HL7 message may give several.
    #[arg(long, default_value_t = 50_000, value_name = "N")]
    messages: u64,
    /// What the messages are about.
    #[arg(long, value_enum, default_value_t = Content::Hospital)]
    mix: Content,
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
    /// Only the connector, and the commits that it is compared with.
    #[arg(long)]
    connector_only: bool,
    /// Only one, two and three cores that divide messages by patient, and one that does not.
    #[arg(long, conflicts_with = "connector_only")]
    partitions: bool,
    /// Also write the figures to this file.
    #[arg(long, value_name = "PATH")]
    json: Option<PathBuf>,
}

/// Kinds of messages.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum Content {
    /// Patients, visits and movements only.
    Adt,
    /// What a busy hospital sends: mostly values charted at the bedside, and laboratory orders with their results.
    Hospital,
}

/// Patients in the hospital at a time, where they do more than come and go.
const BEDS: usize = 1000;
/// Of transfers and discharges: those that are planned before.
const PLANS: f64 = 0.1;
/// Of updates: those that are a change of the speciality.
const SERVICES: f64 = 0.1;
/// Of visits: those with a change of the patient's record, or of beds with another patient.
const CORRECTIONS: f64 = 0.02;

impl Cli {
    /// Runs all rounds, prints the table and writes the file.
    ///
    /// # Errors
    /// A server is not installed or does not start, or a stage fails.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Some(Command::Migration(args)) => migration::execute(&args),
            Some(Command::Stage(args)) => stage::execute(&args),
            Some(Command::Connector) => connector(),
            Some(Command::Hoover) => stage::execute_hoover(),
            None => measure(&self.args),
        }
    }
}

fn connector() -> anyhow::Result<ExitCode> {
    emap_connector::run(&Settings::load(ConnectorSettings::GROUPS, None)?)?;
    Ok(ExitCode::SUCCESS)
}

fn measure(args: &Args) -> anyhow::Result<ExitCode> {
    let site = Site::start(args.hospital()?)?;
    if args.partitions {
        return partitions(args, &site);
    }
    let figures = rounds::run(&site, args.rounds, args.connector_only)?;
    report::print(&figures, &site);
    args.write(&report::json(&figures, &site, args.rounds))
}

fn partitions(args: &Args, site: &Site) -> anyhow::Result<ExitCode> {
    let rates = ours::partitions::measure(site, args.rounds)?;
    rates.print();
    args.write(&rates.to_json())
}

impl Args {
    /// Writes the figures, if that is wanted.
    fn write(&self, figures: &serde_json::Value) -> anyhow::Result<ExitCode> {
        if let Some(path) = &self.json {
            let json = serde_json::to_string_pretty(figures)?;
            std::fs::write(path, json + "\n").with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(ExitCode::SUCCESS)
    }

    fn hospital(&self) -> anyhow::Result<Hospital> {
        for (name, percentage) in [
            ("disorder", self.disorder),
            ("duplicates", self.duplicates),
            ("cancellations", self.cancellations),
            ("merges", self.merges),
        ] {
            ensure!((0.0..=90.0).contains(&percentage), "--{name} must be a percentage from 0 to 90");
        }
        ensure!(self.messages > 0 && self.rounds > 0, "--messages and --rounds must be at least 1");
        let (mix, present) = match self.mix {
            Content::Adt => (Mix::ADT, Hospital::default().present),
            Content::Hospital => (Mix::HOSPITAL, BEDS),
        };
        Ok(Hospital {
            messages: self.messages,
            mix,
            seed: self.seed,
            disorder: Disorder { late: self.disorder / 100.0, duplicates: self.duplicates / 100.0 },
            incidents: Incidents {
                cancellations: self.cancellations / 100.0,
                merges: self.merges / 100.0,
                plans: PLANS,
                services: SERVICES,
                corrections: CORRECTIONS,
            },
            present,
            ..Hospital::default()
        })
    }
}
