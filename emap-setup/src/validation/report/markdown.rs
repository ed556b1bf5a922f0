//! The report for people.

use std::fmt::Write;

use chrono::{DateTime, SecondsFormat, Utc};

use super::{content::Report, star::TypeFigures};
use crate::check::{Answer, Finding};

/// Types of messages that are listed as the slowest.
const SLOWEST: usize = 10;

/// Writing to a string cannot fail.
macro_rules! add {
    ($text:expr, $($arguments:tt)*) => {{
        let _ = writeln!($text, $($arguments)*);
    }};
}

pub(super) fn text(report: &Report) -> String {
    let mut text = String::from("# Validation run\n\n");
    summary(&mut text, report);
    for problem in &report.problems {
        add!(text, "\n**Not found out:** {}", escaped(problem));
    }
    amounts(&mut text, report);
    errors(&mut text, report);
    rules(&mut text, &report.star.rules);
    slowest(&mut text, report);
    versions(&mut text, report);
    text
}

fn summary(text: &mut String, report: &Report) {
    add!(text, "| | |\n|---|---|");
    add!(text, "| Outcome | {} |", escaped(&report.outcome));
    add!(text, "| Window | {} → {} |", report.window_start, report.window_end);
    add!(text, "| Sources | {} |", report.sources.join(", "));
    add!(text, "| Schema | {} of {} |", escaped(&report.schema), escaped(&report.database));
    add!(text, "| Started | {} |", shown(report.started_at));
    add!(text, "| Ended | {} |", shown(report.ended_at));
    add!(text, "| Run time | {:.0} s |", report.run_time_seconds);
    if let Some(days) = report.days_of_data {
        add!(text, "| Days of data | {days:.2} |");
    }
    if let Some(speed) = report.days_of_data_per_day_of_run_time {
        add!(text, "| Days of data per day of run time | {speed:.2} |");
    }
    let sum = |of: fn(&TypeFigures) -> i64| report.star.messages.iter().map(of).sum::<i64>();
    add!(text, "| Messages | {} |", sum(|messages| messages.messages));
    add!(text, "| Errors | {} |", sum(|messages| messages.errors));
}

fn amounts(text: &mut String, report: &Report) {
    add!(text, "\n## Amounts\n\n| Type of message | Messages | Errors |\n|---|---:|---:|");
    let mut messages: Vec<_> = report.star.messages.iter().collect();
    messages.sort_by(|one, other| one.message_type.cmp(&other.message_type));
    for found in messages {
        add!(text, "| {} | {} | {} |", escaped(&found.message_type), found.messages, found.errors);
    }
    add!(text, "\n| Table | Rows |\n|---|---:|");
    for found in &report.star.rows {
        let about = if found.is_estimate { "about " } else { "" };
        add!(text, "| {} | {about}{} |", escaped(&found.table), found.rows);
    }
}

fn errors(text: &mut String, report: &Report) {
    add!(text, "\n## Errors by reason\n\n| By | Type of message | Reason | Messages |\n|---|---|---|---:|");
    for found in &report.star.errors {
        add!(
            text,
            "| core | {} | {} | {} |",
            escaped(&found.message_type),
            escaped(&found.reason),
            found.messages
        );
    }
    for found in &report.star.reader_rejects {
        let partial = if found.partial { "parts of messages" } else { "whole messages" };
        add!(text, "| hl7-reader | {partial} | {} | {} |", escaped(&found.reason), found.messages);
    }
}

fn rules(text: &mut String, rules: &[Finding]) {
    add!(text, "\n## Rules of the star (`emap check`)\n\n| Rule | Result | Meaning |\n|---|---|---|");
    for finding in rules {
        let result = match &finding.answer {
            Answer::Found { rows: 0, .. } => "ok".to_owned(),
            Answer::Found { rows, .. } if finding.inspect => format!("to look at: {rows} rows"),
            Answer::Found { rows, .. } => format!("**broken**: {rows} rows"),
            Answer::NotApplicable { not_applicable } => format!("not applicable: {not_applicable}"),
            Answer::NotChecked { not_checked } => format!("not checked: {not_checked}"),
        };
        add!(text, "| {} | {} | {} |", finding.rule, escaped(&result), escaped(finding.meaning));
    }
}

fn slowest(text: &mut String, report: &Report) {
    add!(
        text,
        "\n## Slowest types of message\n\n| Type of message | Mean ms | Longest ms | Total s |\n|---|---:|---:|---:|"
    );
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value:.2}"));
    for found in report.star.messages.iter().filter(|found| found.mean_milliseconds.is_some()).take(SLOWEST) {
        add!(
            text,
            "| {} | {} | {} | {} |",
            escaped(&found.message_type),
            number(found.mean_milliseconds),
            number(found.longest_milliseconds),
            number(found.total_seconds)
        );
    }
}

fn versions(text: &mut String, report: &Report) {
    let versions = &report.versions;
    add!(text, "\n## Versions\n\n| | |\n|---|---|\n| emap | {} |", versions.emap);
    if let Some(checkout) = &versions.checkout {
        add!(text, "| checkout | {} |", escaped(checkout));
    }
    for (service, image) in &versions.images {
        add!(text, "| {service} | {} |", escaped(image));
    }
    if let Some(postgresql) = &report.star.postgresql {
        add!(text, "| PostgreSQL | {} |", escaped(postgresql));
    }
}

fn shown(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Secs, true)
}

/// As it may stand in a cell of a table.
fn escaped(text: &str) -> String {
    text.replace('|', "\\|").replace(['\n', '\r'], " ")
}
