//! The table and the file.

use emap_core::Phase;
use emap_hospital::{Family, Mix, Settings};
use serde_json::{Map, Value, json};

use crate::{
    figures::{Figures, Measured, Stage, Unit},
    output::{heading, line},
    phases::Spent,
    site::{Content, Site},
};

/// Most memory a daemon may take, in MiB; the connector with 500 connections, hoover with a window of a million values.
fn memory_goal(stage: Stage) -> u64 {
    if matches!(stage, Stage::Mllp | Stage::Hoover) { 128 } else { 200 }
}

/// Announces a round.
pub(crate) fn round(round: u32, rounds: u32) {
    heading(format_args!("Round {round} of {rounds}"));
}

/// Prints one measurement as it comes.
pub(crate) fn stage(stage: Stage, measured: &Measured) {
    line(format_args!(
        "  {:<32} {:>9} in {:>6.2} s",
        stage.words(),
        thousands(measured.count),
        measured.elapsed.as_secs_f64()
    ));
}

/// Prints the table.
pub(crate) fn print(figures: &Figures, site: &Site) {
    heading_of(site);
    line("\n  Raw limits of this machine            per second    rounds");
    for stage in Stage::ALL.into_iter().filter(|stage| stage.is_raw()) {
        line(format_args!(
            "  {:<34} {:>13}    {}",
            stage.words(),
            median(figures, stage, Unit::Messages),
            spread(figures, stage)
        ));
    }
    line("\n  EMAP                                  per second    share of a limit           goal");
    for stage in Stage::ALL.into_iter().filter(|stage| !stage.is_raw()) {
        print_stage(figures, stage);
    }
    print_spent(&figures.spent(Stage::Core));
    print_curve(&figures.curve(Stage::Core));
    line(format_args!("  core, answered with an error: {}", thousands(figures.errors(Stage::Core))));
    for stage in [Stage::Mllp, Stage::MllpWaiting, Stage::Http] {
        let Some(p99) = figures.p99(stage) else { continue };
        line(format_args!("  {}: 99 % of answers within {:.1} ms", stage.words(), p99 * 1000.0));
    }
    line("\n  Memory                                   peak MiB    half-way → end");
    for stage in [Stage::Reader, Stage::Core, Stage::Mllp, Stage::Hoover] {
        let Some(memory) = figures.memory(stage) else { continue };
        let change = format!("{:.0} → {:.0}", mebibytes(memory.half_way), mebibytes(memory.end));
        let goal = memory_goal(stage);
        let verdict = verdict(memory.peak < goal << 20);
        let peak = mebibytes(memory.peak);
        line(format_args!("  {:<34} {peak:>13.0}    {change:<26} < {goal} MiB {verdict}", stage.words()));
    }
}

/// A stage with the limits it is compared with; the goal stands beside the one that binds.
fn print_stage(figures: &Figures, stage: Stage) {
    let binding = figures.binding(stage);
    let unlimited = (stage.words(), Unit::Messages, String::new(), String::new());
    let limited = stage.limits().iter().map(|limit| {
        let words = if limit.unit == Unit::Rows { "  rows written" } else { stage.words() };
        let ratio = figures.ratio(stage, *limit);
        let mut share = ratio.map_or_else(String::new, |ratio| percent(ratio) + " of " + short(limit.stage));
        let binds = binding.is_some_and(|(binding, _)| binding == *limit);
        if binds && stage.limits().len() > 1 {
            share += ", which binds";
        }
        (words, limit.unit, share, if binds { goal(figures, stage) } else { String::new() })
    });
    let mut lines: Vec<_> = limited.collect();
    if lines.first().is_none_or(|(_, unit, ..)| *unit == Unit::Rows) {
        lines.insert(0, unlimited);
    }
    for (words, unit, share, goal) in lines {
        let rate = median(figures, stage, unit);
        line(format!("  {words:<34} {rate:>13}    {share:<26} {goal}").trim_end());
    }
}

/// What was measured with. HL7 messages and the interchange messages made of them are different in number; everything
/// is counted in the latter.
fn heading_of(site: &Site) {
    let (hospital, content) = (&site.hospital, &site.content);
    heading(format_args!(
        "{} messages out of {} HL7 messages; medians, in messages per second",
        thousands(content.amounts.total()),
        thousands(content.hl7_messages),
    ));
    let families: Vec<_> = Family::ALL.into_iter().filter(|family| content.amounts.of(*family) > 0).collect();
    let shares: Vec<_> = families.iter().map(|family| share_of(site, *family)).collect();
    line(format_args!("  {}", shares.join(", ")));
    line(format_args!(
        "  {:.0} % out of order, {:.0} % twice, {:.0} % of steps cancelled, {:.0} % of visits merged",
        hospital.disorder.late * 100.0,
        hospital.disorder.duplicates * 100.0,
        hospital.incidents.cancellations * 100.0,
        hospital.incidents.merges * 100.0
    ));
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
fn share_of(site: &Site, family: Family) -> String {
    let amounts = &site.content.amounts;
    format!("{:.1} % {}", amounts.of(family) as f64 * 100.0 / amounts.total().max(1) as f64, family.as_str())
}

/// Decoding stands apart: it goes on while the batch before is written.
fn print_spent(spent: &[Spent]) {
    line("\n  Where core's time goes               µs/message    of the time");
    for Spent { name, microseconds, share } in spent {
        let beside = if *name == Phase::Decode.as_str() { "  beside the others" } else { "" };
        line(format_args!("  {name:<34} {microseconds:>13.1}    {:>5.1} %{beside}", share * 100.0));
    }
}

fn print_curve(curve: &[f64]) {
    let tenths = curve.iter().copied().map(rate).collect::<Vec<_>>().join(" / ");
    line(format_args!("\n  core, by tenths of the stream: {tenths}"));
    if let [first, .., last] = curve {
        line(format_args!("  core, last tenth compared with the first: {:.0} %", last / first * 100.0));
    }
}

fn median(figures: &Figures, stage: Stage, unit: Unit) -> String {
    figures.median(stage, unit).map_or_else(String::new, rate)
}

fn spread(figures: &Figures, stage: Stage) -> String {
    let rates = figures.rates(stage, Unit::Messages);
    rates.iter().map(|one| rate(*one)).collect::<Vec<_>>().join(" / ")
}

fn percent(ratio: f64) -> String {
    format!("{:.0} %", ratio * 100.0)
}

fn short(stage: Stage) -> &'static str {
    stage.words().split([',', ' ']).next().unwrap_or_default()
}

fn goal(figures: &Figures, stage: Stage) -> String {
    let goal = stage.goal().zip(figures.is_met(stage));
    goal.map_or_else(String::new, |(goal, is_met)| format!("≥ {} {}", percent(goal), verdict(is_met)))
}

fn verdict(met: bool) -> &'static str {
    if met { "met" } else { "MISSED" }
}

#[allow(clippy::cast_precision_loss)] // megabytes
fn mebibytes(bytes: u64) -> f64 {
    bytes as f64 / f64::from(1 << 20)
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // rates are positive and far below 2^63
fn rate(per_second: f64) -> String {
    thousands(per_second.round() as u64)
}

fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// Everything for programs that compare runs.
pub(crate) fn json(figures: &Figures, site: &Site, rounds: u32) -> Value {
    json_of(figures, &site.hospital, &site.content, rounds)
}

fn json_of(figures: &Figures, hospital: &Settings, content: &Content, rounds: u32) -> Value {
    let amount = |family: Family| (family.as_str().to_owned(), content.amounts.of(family).into());
    let amounts: Map<String, Value> = Family::ALL.into_iter().map(amount).collect();
    let stage = |stage: Stage| (stage.key().to_owned(), stage_json(figures, stage));
    let stages: Map<String, Value> = Stage::ALL.into_iter().map(stage).collect();
    json!({
        "messages": content.amounts.total(),
        "messages_by_family": amounts,
        "hl7_messages": content.hl7_messages,
        "mix": if hospital.mix == Mix::ADT { "adt" } else { "hospital" },
        "rounds": rounds,
        "disorder": hospital.disorder.late,
        "duplicates": hospital.disorder.duplicates,
        "cancellations": hospital.incidents.cancellations,
        "merges": hospital.incidents.merges,
        "seed": hospital.seed,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "optimised": !cfg!(debug_assertions),
        "stages": stages,
    })
}

fn stage_json(figures: &Figures, stage: Stage) -> Value {
    let memory = figures.memory(stage).map(|memory| {
        json!({"peak_bytes": memory.peak, "half_way_bytes": memory.half_way, "end_bytes": memory.end})
    });
    let spent: Map<String, Value> = figures
        .spent(stage)
        .into_iter()
        .map(|spent| {
            let figures = json!({"microseconds_per_message": spent.microseconds, "share": spent.share});
            (spent.name.to_owned(), figures)
        })
        .collect();
    let limits = stage.limits().iter();
    let limits: Map<String, Value> =
        limits.map(|limit| (limit.stage.key().to_owned(), figures.ratio(stage, *limit).into())).collect();
    let binding = figures.binding(stage);
    json!({
        "median_per_second": figures.median(stage, Unit::Messages),
        "per_second": figures.rates(stage, Unit::Messages),
        "rows_per_second": figures.rates(stage, Unit::Rows),
        "per_second_by_tenths": figures.curve(stage),
        "errors": figures.errors(stage),
        "time_spent": spent,
        "share_of_limits": limits,
        "bound_by": binding.map(|(limit, _)| limit.stage.key()),
        "ratio": binding.map(|(_, ratio)| ratio),
        "goal": stage.goal(),
        "goal_met": figures.is_met(stage),
        "memory": memory,
        "p99_seconds": figures.p99(stage),
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn numbers_in_groups_of_three() {
        let grouped = [0, 999, 1000, 1_234_567].map(thousands);
        assert_eq!(grouped, ["0", "999", "1,000", "1,234,567"]);
    }

    #[test]
    fn the_file_has_every_stage() {
        let mut figures = Figures::default();
        for stage in Stage::ALL {
            figures.add(stage, Measured::new(100, Duration::from_secs(1)));
        }
        let json = json_of(&figures, &Settings::default(), &Content::default(), 1);
        assert_eq!(json["stages"]["reader"]["ratio"], 1.0);
        assert_eq!(json["stages"]["core"]["bound_by"], "raw_consume");
        assert_eq!(json["stages"]["convert"]["goal_met"], true);
        assert_eq!(json["stages"].as_object().unwrap().len(), Stage::ALL.len());
    }
}
