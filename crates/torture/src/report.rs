//! The table at the end.

use std::{collections::BTreeMap, time::Duration};

use crate::{
    daemons::Ended,
    engine::Told,
    faults::Outcome,
    gauges::{Gauges, shown},
    kinds::KINDS,
    lanes::Done,
    output::line,
    verdict::Verdict,
    watch::Advances,
};

/// Prints for each kind how often it was done, and how long what it holds up took to get on after its end.
pub(crate) fn print_faults(done: &[Done], advances: &Advances) {
    line(format_args!("\n{:<44} {:>6} {:>9} {:>9} {:>9}", "fault", "times", "happened", "median", "longest"));
    let mut sum = (0, 0);
    for kind in KINDS {
        let of_kind: Vec<&Done> = done.iter().filter(|done| done.kind == kind).collect();
        if of_kind.is_empty() {
            continue;
        }
        let happened = of_kind.iter().filter(|done| done.outcome == Ok(Outcome::Happened));
        let happened: Vec<&&Done> = happened.collect();
        let recoveries = happened.iter().filter_map(|done| advances.recovery(kind.lane, done.ended));
        let mut recoveries: Vec<Duration> = recoveries.collect();
        recoveries.sort_unstable();
        let median = seconds(recoveries.get(recoveries.len() / 2));
        let longest = seconds(recoveries.last());
        let (times, count) = (of_kind.len(), happened.len());
        line(format_args!("{:<44} {times:>6} {count:>9} {median:>9} {longest:>9}", kind.name));
        sum = (sum.0 + times, sum.1 + count);
    }
    line(format_args!("{:<44} {:>6} {:>9}", "all", sum.0, sum.1));
    line("times are seconds from the end of a fault until what it held up got on, other faults included");
    let failed: Vec<&Done> = done.iter().filter(|done| done.outcome.is_err()).collect();
    for done in failed {
        if let Err(error) = &done.outcome {
            line(format_args!("could not be done: {}: {error}", done.kind.name));
        }
    }
}

/// Prints how processes ended, and what they used.
pub(crate) fn print_daemons(ends: &[Ended], gauges: &Gauges) {
    let mut counts: BTreeMap<(&str, &str), u32> = BTreeMap::new();
    for ended in ends {
        *counts.entry((ended.name, &ended.how)).or_default() += 1;
    }
    line("");
    for ((name, how), count) in counts {
        line(format_args!("{name}: {how}, {count} times"));
    }
    for (name, usage) in gauges.most() {
        line(format_args!("{name}: {}", shown(usage)));
    }
}

/// Prints how the engine fared.
pub(crate) fn print_reception(verdict: &Verdict, told: &Told) {
    line(format_args!(
        "\n{}\nsent again {} times, {} of them accepted before\n{}",
        verdict.reception, told.repeats, told.as_repeats, verdict.actions
    ));
}

/// Prints the ledger, and whatever is wrong.
pub(crate) fn print_verdict(verdict: &Verdict) {
    line(format_args!("\n{}", verdict.balance));
    let (rows, wrong) = (verdict.comparison.rows, verdict.comparison.wrong.len());
    line(format_args!("{rows} rows of an undisturbed run, {wrong} differ"));
    let allowed = verdict.comparison.allowed.iter().filter(|(table, _)| !table.ends_with("_audit"));
    for (table, count) in allowed {
        line(format_args!("{count} rows of {table} differ, as repeated messages may change it"));
    }
    for complaint in &verdict.complaints {
        line(format_args!("WRONG: {complaint}"));
    }
}

fn seconds(time: Option<&Duration>) -> String {
    time.map_or_else(|| "–".to_owned(), |time| format!("{:.1}", time.as_secs_f64()))
}
