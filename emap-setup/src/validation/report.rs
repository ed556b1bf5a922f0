//! What a run came to, written beside its logs: amounts, speed, errors by reason, rules of the star, versions.
//!
//! It counts and names reasons; it holds nothing of a patient.

mod content;
mod markdown;
mod star;
mod versions;

use std::{fs, path::Path};

use anyhow::Context;
use chrono::{DateTime, Utc};
use emap_service::program::one_line;

use self::{content::Report, star::InStar, versions::Versions};
use super::{run::Run, star::Star};
use crate::{compose::Overlays, instance::Instance, log, output::line};

/// A run that is over.
#[derive(Debug)]
pub(super) struct About {
    pub(super) begin: DateTime<Utc>,
    pub(super) end: DateTime<Utc>,
    /// Start and end as the sources got them.
    pub(super) window: (String, String),
    /// Why it failed, if it did.
    pub(super) failure: Option<String>,
}

/// Writes it, and says where it is. That the star database cannot be asked is a part of the report, and a warning.
///
/// # Errors
/// It cannot be written.
pub(super) fn write(instance: &Instance, overlays: Overlays, run: &Run, about: About) -> anyhow::Result<()> {
    let report = report(instance, overlays, run, about);
    for problem in &report.problems {
        log::warn("report", problem);
    }
    let files = [("md", markdown::text(&report)), ("json", serde_json::to_string_pretty(&report)?)];
    for (kind, text) in files {
        let path = run.logs.file("report", kind);
        save(&path, &text)?;
        line(format_args!("Report:  {}", path.display()));
    }
    Ok(())
}

fn save(path: &Path, text: &str) -> anyhow::Result<()> {
    fs::write(path, text).with_context(|| path.display().to_string())
}

#[expect(clippy::cast_precision_loss, reason = "milliseconds of a run")]
fn report(instance: &Instance, overlays: Overlays, run: &Run, about: About) -> Report {
    let About { begin, end, window, failure } = about;
    let mut problems = Vec::new();
    let (mut database, mut schema, mut in_star) = (String::new(), String::new(), InStar::default());
    match Star::of(instance, overlays) {
        Err(error) => problems.push(unknown(&format!("{error:#}"))),
        Ok(star) => {
            (database, schema) = (star.config.to_string(), star.schema.clone());
            match star.config.connect_for_long_statements() {
                Err(error) => problems.push(unknown(&format!("{database} cannot be reached: {error}"))),
                Ok(mut connection) => {
                    in_star = star::ask(&mut connection, &star.schema, begin, &mut problems);
                }
            }
        }
    }
    let run_time = (end - begin).num_milliseconds() as f64 / 1000.0;
    let bound = |text: &str| text.trim().parse::<DateTime<Utc>>().ok();
    let days_of_data = bound(&window.0)
        .zip(bound(&window.1))
        .map(|(start, end)| (end - start).num_seconds().max(0) as f64 / 86400.0);
    let per_day = days_of_data.filter(|_| run_time > 0.0).map(|days| days / (run_time / 86400.0));
    let sources = [(run.hl7_reader, "hl7-reader"), (run.hoover, "hoover"), (run.waveform, "waveform-reader")];
    let sources: Vec<&'static str> =
        sources.into_iter().filter(|(on, _)| *on).map(|(_, name)| name).collect();
    let services: Vec<&str> = ["core"].into_iter().chain(sources.iter().copied()).collect();
    Report {
        outcome: failure.unwrap_or_else(|| "done".to_owned()),
        started_at: begin,
        ended_at: end,
        run_time_seconds: run_time,
        window_start: window.0.trim().to_owned(),
        window_end: window.1.trim().to_owned(),
        days_of_data,
        days_of_data_per_day_of_run_time: per_day,
        database,
        schema,
        versions: Versions::used(instance, &services),
        sources,
        problems,
        star: in_star,
    }
}

fn unknown(reason: &str) -> String {
    format!("the star database was not asked, so amounts, errors and rules are unknown: {}", one_line(reason))
}
