//! The command line of `emap-torture`.

use std::{
    fmt::Write,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use anyhow::Context;
use clap::Parser;
use emap_test_support::faults::schedule::Schedule;

use crate::{databases::Databases, kinds::weights, lanes, output::line, run::Run, servers::Servers, stream};

/// Runs the whole pipeline on private servers while faults happen, and examines what is left. Nothing needs to run.
#[derive(Debug, Parser)]
#[command(name = "emap-torture", version)]
pub struct Cli {
    /// How many faults.
    #[arg(long, default_value_t = 150, value_name = "N")]
    faults: usize,
    /// Another seed, other faults and other patients.
    #[arg(long, default_value_t = 1, value_name = "N")]
    seed: u64,
    /// Milliseconds from one fault to the next, on average.
    #[arg(long, default_value_t = 200, value_name = "MS")]
    every: u64,
    /// Milliseconds that a fault lasts at most; the first pause of a retry is 1000.
    #[arg(long, default_value_t = 2500, value_name = "MS")]
    longest: u64,
    /// Rows of the message store for each fault.
    #[arg(long, default_value_t = 10, value_name = "N")]
    rows: usize,
    /// Whether the connector has its tables and the message store in one database or in two; odd seeds have two.
    #[arg(long, value_enum)]
    databases: Option<Databases>,
    /// Core divides the messages among so many partitions by patient.
    #[arg(long, default_value_t = 0, value_name = "N", value_parser = clap::value_parser!(u16).range(..=64))]
    partitions: u16,
    /// Only kinds whose names hold one of these words, separated by commas.
    #[arg(long, value_delimiter = ',', value_name = "WORD")]
    only: Vec<String>,
    /// The faults of a file, as `--print` writes it, in place of random ones.
    #[arg(long, value_name = "FILE")]
    schedule: Option<PathBuf>,
    /// Prints the faults and ends.
    #[arg(long)]
    print: bool,
    /// Keeps databases, queues and logs in this directory, which must be empty or missing.
    #[arg(long, value_name = "DIR")]
    keep: Option<PathBuf>,
    /// Directory with the programs of the daemons; that of this program if not given.
    #[arg(long, value_name = "DIR")]
    programs: Option<PathBuf>,
}

impl Cli {
    /// Runs, and prints the table.
    ///
    /// # Errors
    /// A server is not installed or does not start, or a file cannot be read.
    pub fn execute(self) -> anyhow::Result<ExitCode> {
        let schedule = self.schedule()?;
        let faults = lanes::faults(&schedule)?;
        if self.print {
            line(schedule.to_string().trim_end());
            return Ok(ExitCode::SUCCESS);
        }
        let programs = match &self.programs {
            Some(programs) => programs.clone(),
            None => std::env::current_exe()?.parent().map(Path::to_owned).unwrap_or_default(),
        };
        let temporary = tempfile::tempdir()?;
        let logs = match &self.keep {
            Some(dir) => {
                std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
                std::fs::write(dir.join("schedule"), schedule.to_string())?;
                dir.join("logs")
            }
            None => temporary.path().to_owned(),
        };
        let servers = Servers::start(self.keep.as_deref())?;
        let rows = stream::rows(schedule.seed(), self.rows * faults.len().max(10));
        let databases = self.databases(schedule.seed());
        line(format_args!("databases of connector and message store: {}", databases.name()));
        let partitions = self.partitions;
        let is_kept = Run { servers, programs, logs, rows, faults, databases, partitions }.execute()?;
        line(format_args!("\nseed {}; again: {}", schedule.seed(), self.again()));
        if is_kept {
            line("nothing is lost");
            return Ok(ExitCode::SUCCESS);
        }
        if self.keep.is_none() {
            line("with --keep DIR, databases, queues and logs stay for a closer look");
        }
        Ok(ExitCode::FAILURE)
    }

    fn databases(&self, seed: u64) -> Databases {
        self.databases.unwrap_or_else(|| Databases::of(seed))
    }

    fn schedule(&self) -> anyhow::Result<Schedule> {
        if let Some(file) = &self.schedule {
            let text = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
            return Schedule::read(&text).with_context(|| format!("{} is no schedule", file.display()));
        }
        let weights = weights(&self.only, self.faults, self.databases(self.seed));
        let (every, longest) = (Duration::from_millis(self.every), Duration::from_millis(self.longest));
        Ok(Schedule::new(self.seed, self.faults, &weights, every, longest))
    }

    /// The command that runs the same faults over the same rows.
    fn again(&self) -> String {
        let mut arguments = match &self.schedule {
            Some(file) => format!("--schedule {}", file.display()),
            None => format!(
                "--faults {} --seed {} --every {} --longest {}",
                self.faults, self.seed, self.every, self.longest
            ),
        };
        // Writing to a string cannot fail.
        let _ = write!(arguments, " --rows {}", self.rows);
        if let Some(databases) = self.databases {
            let _ = write!(arguments, " --databases {}", databases.name());
        }
        if self.partitions > 0 {
            let _ = write!(arguments, " --partitions {}", self.partitions);
        }
        if !self.only.is_empty() {
            let _ = write!(arguments, " --only '{}'", self.only.join(","));
        }
        format!("make torture ARGS=\"{arguments}\"")
    }
}
