//! `emap validation`: a bounded window through the whole pipeline into an empty schema, without anyone watching.

mod report;
mod run;
mod schema;
mod star;
mod window;

use std::{
    io::{self, BufRead},
    path::PathBuf,
    process::ExitCode,
    time::Duration,
};

use anyhow::{Context, bail};
use chrono::{Local, Utc};

use self::{
    run::{Logs, Outcome, Run, Waits},
    window::{Bound, Window},
};
use crate::{
    compose::{Compose, Overlays},
    configuration::Configuration,
    environment::{DIRECTORY, EnvFile, SUFFIX, Snapshot},
    instance::Instance,
    interrupt::Interrupt,
    log,
    output::line,
};

/// Where the logs of runs are, below the project directory.
const LOG_DIRECTORY: &str = "validation_logs";

/// Exit code of an option that is not understood.
const WRONG_USE: u8 = 2;

/// Exit code of an interrupted run, as of a shell.
const INTERRUPTED: u8 = 130;

/// Arguments of `emap validation`.
#[allow(clippy::struct_excessive_bools, reason = "pairs of switches, as operators know them")]
#[derive(Debug, clap::Args)]
#[command(infer_long_args = true)]
pub struct Args {
    /// First day: `today`, `N days ago` or YYYY-MM-DD [default: 7 days ago, or the YAML's dates.start].
    #[arg(short, long, value_name = "DAY", allow_hyphen_values = true)]
    start_date: Option<String>,
    /// End of the window: as above [default: today, or the YAML's dates.end].
    #[arg(short, long, value_name = "DAY", allow_hyphen_values = true)]
    end_date: Option<String>,
    /// Do not build the images.
    #[arg(long)]
    skip_build: bool,
    /// Hours that each wait for the queues may take.
    #[arg(long, value_name = "HOURS", default_value_t = 10.0, value_parser = hours)]
    timeout: f64,
    /// Run the HL7 reader (default).
    #[arg(long, conflicts_with = "no_use_hl7_reader")]
    use_hl7_reader: bool,
    /// Do not run the HL7 reader.
    #[arg(long)]
    no_use_hl7_reader: bool,
    /// Run the hoover (default).
    #[arg(long, conflicts_with = "no_use_hoover")]
    use_hoover: bool,
    /// Do not run the hoover.
    #[arg(long)]
    no_use_hoover: bool,
    /// Run the waveform reader.
    #[arg(long, conflicts_with = "no_use_waveform")]
    use_waveform: bool,
    /// Do not run the waveform reader (default).
    #[arg(long)]
    no_use_waveform: bool,
    /// No longer supported: say --no-use-hoover.
    #[arg(long, hide = true)]
    only_hl7: bool,
    /// No longer supported: say --no-use-hl7-reader.
    #[arg(long, hide = true)]
    only_hoover: bool,
    /// Write a report about the run beside its logs, as Markdown and JSON.
    #[arg(long)]
    report: bool,
    /// Do not ask before it starts.
    #[arg(long)]
    yes: bool,
}

fn hours(text: &str) -> Result<f64, String> {
    let hours: f64 = text.parse().map_err(|_| "not a number of hours".to_owned())?;
    if (0.0..=1e6).contains(&hours) { Ok(hours) } else { Err("not a number of hours".to_owned()) }
}

/// Runs the validation.
///
/// # Errors
/// Something is missing or wrong, a step failed, or a wait took too long.
pub fn execute(args: &Args, instance: &Instance) -> anyhow::Result<ExitCode> {
    let former = [
        ("--only-hl7", args.only_hl7, "--no-use-hoover"),
        ("--only-hoover", args.only_hoover, "--no-use-hl7-reader"),
    ];
    if let Some((option, _, instead)) = former.into_iter().find(|(_, given, _)| *given) {
        log::error(format_args!("validation {option} is no longer supported; say {instead}"));
        return Ok(ExitCode::from(WRONG_USE));
    }
    let configuration = &instance.configuration;
    let overlays = Overlays::of(configuration)?.for_validation(args.use_waveform);
    if !args.no_use_hoover && !overlays.hoover {
        bail!(
            "hoover requested but is missing from repositories in global config; say --no-use-hoover without it"
        );
    }
    let today = Local::now().date_naive();
    let window = Window::new(args.start_date.as_deref(), args.end_date.as_deref(), today)?;
    if window.start.day > window.end.day {
        log::warn("validation", "the window ends before it starts");
    }
    // What is missing is said before anyone is asked.
    Compose::new(instance, overlays)?;
    announce(&window, instance)?;
    if !args.yes && !confirmed()? {
        bail!("not confirmed, so nothing was started");
    }
    schema::check_empty(instance, overlays)?;
    // From here on a signal must not end the process before the configuration is as it was.
    let interrupt = Interrupt::watch();
    let directory = instance.project.join(DIRECTORY);
    let snapshot = Snapshot::of(&directory).with_context(|| directory.display().to_string())?;
    apply(&window, instance, &snapshot)?;
    let compose = Compose::new(instance, overlays)?.for_bounded_runs();
    let logs = Logs::create(&instance.project.join(LOG_DIRECTORY), Local::now())?;
    let run = Run {
        compose,
        logs,
        waits: Waits::from_environment(Duration::from_secs_f64(args.timeout * 3600.0))?,
        interrupt,
        build: !args.skip_build,
        hl7_reader: !args.no_use_hl7_reader,
        hoover: !args.no_use_hoover,
        waveform: args.use_waveform,
    };
    let begin = Utc::now();
    let ended = run.execute();
    if args.report && !matches!(ended, Ok(Outcome::Interrupted)) {
        let about = report::About {
            begin,
            end: Utc::now(),
            window: (effective(&window.start, configuration)?, effective(&window.end, configuration)?),
            failure: ended.as_ref().err().map(|error| format!("{error:#}")),
        };
        if let Err(error) = report::write(instance, overlays, &run, about) {
            match ended {
                Ok(_) => return Err(error.context("the run is done, but its report could not be written")),
                // What the run failed of is what counts.
                Err(_) => log::warn("validation", format_args!("no report: {error:#}")),
            }
        }
    }
    match ended? {
        Outcome::Done => Ok(ExitCode::SUCCESS),
        Outcome::Interrupted => {
            log::warn(
                "validation",
                "interrupted: the configuration is restored, containers are left as they are",
            );
            Ok(ExitCode::from(INTERRUPTED))
        }
    }
}

/// Writes the window into the environment files, but for a bound that the YAML gives and the command line does not.
fn apply(window: &Window, instance: &Instance, snapshot: &Snapshot) -> anyhow::Result<()> {
    let paths: Vec<PathBuf> = snapshot.paths().map(PathBuf::from).collect();
    for path in paths.iter().filter(|path| path.to_string_lossy().ends_with(SUFFIX)) {
        let mut file = EnvFile::read(path)?;
        for bound in [&window.start, &window.end] {
            if bound.counts(&instance.configuration)? {
                let stamp = bound.stamp();
                bound.keys.iter().for_each(|key| file.replace(key, &stamp));
            }
        }
        file.write(path)?;
    }
    Ok(())
}

fn announce(window: &Window, instance: &Instance) -> anyhow::Result<()> {
    let configuration = &instance.configuration;
    let (start, end) = (effective(&window.start, configuration)?, effective(&window.end, configuration)?);
    line(format_args!("Schema:  {}", configuration.text(&["uds", "UDS_SCHEMA"])?.unwrap_or("not given")));
    line(format_args!("Window:  {start} -> {end}"));
    line(format_args!("Domain:  {}", configuration.text(&["glowroot", "DOMAIN"])?.unwrap_or("not given")));
    Ok(())
}

/// What the sources get for one end of the window.
fn effective(bound: &Bound, configuration: &Configuration) -> anyhow::Result<String> {
    if bound.counts(configuration)? {
        return Ok(bound.stamp());
    }
    Ok(configuration.scalar(&["ids", bound.keys[0]])?.text().to_owned())
}

/// The operator pressed Enter; the end of input is a refusal.
fn confirmed() -> io::Result<bool> {
    line("Press Enter to start, Ctrl-C to leave it.");
    let mut answer = String::new();
    Ok(io::stdin().lock().read_line(&mut answer)? > 0)
}
