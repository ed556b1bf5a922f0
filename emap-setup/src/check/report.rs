//! What was found, for people and for programs.

use super::question::{Answer, Finding};
use crate::output::line;

pub(super) fn text(findings: &[Finding]) {
    for finding in findings {
        let Finding { rule, meaning, .. } = finding;
        match &finding.answer {
            Answer::Found { rows: 0, .. } => line(format_args!("{rule}  ok")),
            Answer::Found { rows, samples } => {
                let kind = if finding.inspect { "to look at" } else { "broken" };
                line(format_args!("{rule}  {kind}: {rows} rows. {meaning}"));
                for sample in samples {
                    line(format_args!("       {} {}: {}", sample.place, sample.id, sample.detail));
                }
            }
            Answer::NotApplicable { not_applicable } => {
                line(format_args!("{rule}  not applicable: {not_applicable}"));
            }
            Answer::NotChecked { not_checked } => line(format_args!("{rule}  not checked: {not_checked}")),
        }
    }
}

pub(super) fn json(findings: &[Finding]) -> serde_json::Result<()> {
    line(serde_json::to_string_pretty(findings)?);
    Ok(())
}
