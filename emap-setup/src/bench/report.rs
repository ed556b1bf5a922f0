//! The table and the file.

use emap_core::Phase;
use serde_json::{Value, json};

use super::figures::{Figures, Goal, Measured, Stage};
use super::phases::Spent;
use super::site::{Content, Site};
use super::stream::{Family, Mix, StreamSettings};
use crate::output::{heading, line};

/// Most memory a daemon may take.
const MEMORY_GOAL: u64 = 200 << 20;

/// Announces a round.
pub(super) fn round(round: u32, rounds: u32) {
    heading(format_args!("Round {round} of {rounds}"));
}

/// Prints one measurement as it comes.
pub(super) fn stage(stage: Stage, measured: &Measured) {
    line(format_args!(
        "  {:<32} {:>9} in {:>6.2} s",
        stage.words(),
        thousands(measured.count),
        measured.elapsed.as_secs_f64()
    ));
}

/// Prints the table.
pub(super) fn print(figures: &Figures, site: &Site) {
    heading_of(site);
    line("\n  Raw limits of this machine            per second    rounds");
    for stage in Stage::ALL.into_iter().filter(|stage| stage.is_raw()) {
        line(format_args!(
            "  {:<34} {:>13}    {}",
            stage.words(),
            median(figures, stage),
            spread(figures, stage)
        ));
    }
    line("\n  EMAP                                  per second    compared with              goal");
    for stage in Stage::ALL.into_iter().filter(|stage| !stage.is_raw()) {
        let (ratio, goal) = (ratio(figures, stage), goal(figures, stage));
        line(format_args!("  {:<34} {:>13}    {ratio:<26} {goal}", stage.words(), median(figures, stage)));
    }
    print_spent(&figures.spent(Stage::Core));
    print_curve(&figures.curve(Stage::Core));
    line(format_args!("  core, answered with an error: {}", thousands(figures.errors(Stage::Core))));
    line("\n  Memory                                   peak MiB    half-way → end");
    for stage in [Stage::Reader, Stage::Core] {
        let Some(memory) = figures.memory(stage) else { continue };
        let change = format!("{:.0} → {:.0}", mebibytes(memory.half_way), mebibytes(memory.end));
        let verdict = verdict(memory.peak < MEMORY_GOAL);
        let peak = mebibytes(memory.peak);
        line(format_args!("  {:<34} {peak:>13.0}    {change:<26} < 200 MiB {verdict}", stage.words()));
    }
}

/// What was measured with. HL7 messages and the interchange messages made of them are different in number; everything
/// is counted in the latter.
fn heading_of(site: &Site) {
    let (stream, content) = (&site.stream, &site.content);
    heading(format_args!(
        "{} messages out of {} HL7 messages; medians, in messages per second",
        thousands(content.told.total()),
        thousands(content.hl7_messages),
    ));
    let families: Vec<_> = Family::ALL.into_iter().filter(|family| content.told.of(*family) > 0).collect();
    let shares: Vec<_> = families.iter().map(|family| share_of(site, *family)).collect();
    line(format_args!("  {}", shares.join(", ")));
    line(format_args!(
        "  {:.0} % out of order, {:.0} % twice, {:.0} % of steps cancelled, {:.0} % of visits merged",
        stream.disorder * 100.0,
        stream.duplicates * 100.0,
        stream.cancellations * 100.0,
        stream.merges * 100.0
    ));
}

#[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
fn share_of(site: &Site, family: Family) -> String {
    let told = &site.content.told;
    format!("{:.1} % {}", told.of(family) as f64 * 100.0 / told.total().max(1) as f64, family.as_str())
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

fn median(figures: &Figures, stage: Stage) -> String {
    figures.median(stage).map_or_else(String::new, rate)
}

fn spread(figures: &Figures, stage: Stage) -> String {
    let rates = figures.rates(stage);
    rates.iter().map(|one| rate(*one)).collect::<Vec<_>>().join(" / ")
}

fn ratio(figures: &Figures, stage: Stage) -> String {
    let compared = stage.compared_with().zip(figures.ratio(stage));
    compared.map_or_else(String::new, |(raw, ratio)| format!("{:.0} % of {}", ratio * 100.0, short(raw)))
}

fn short(stage: Stage) -> &'static str {
    stage.words().split([',', ' ']).next().unwrap_or_default()
}

fn goal(figures: &Figures, stage: Stage) -> String {
    let words = match stage.goal() {
        None => return String::new(),
        Some(Goal::PerSecond(goal)) => format!("≥ {}/s", rate(goal)),
        Some(Goal::Share(share)) => format!("≥ {:.0} %", share * 100.0),
    };
    format!("{words} {}", verdict(figures.is_met(stage).unwrap_or(false)))
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
pub(super) fn json(figures: &Figures, site: &Site, rounds: u32) -> Value {
    json_of(figures, &site.stream, &site.content, rounds)
}

fn json_of(figures: &Figures, stream: &StreamSettings, content: &Content, rounds: u32) -> Value {
    let told: serde_json::Map<String, Value> = Family::ALL
        .into_iter()
        .map(|family| (family.as_str().to_owned(), content.told.of(family).into()))
        .collect();
    let stages: serde_json::Map<String, Value> =
        Stage::ALL.into_iter().map(|stage| (stage.key().to_owned(), stage_json(figures, stage))).collect();
    json!({
        "messages": content.told.total(),
        "messages_by_family": told,
        "hl7_messages": content.hl7_messages,
        "mix": if stream.mix == Mix::Adt { "adt" } else { "hospital" },
        "rounds": rounds,
        "disorder": stream.disorder,
        "duplicates": stream.duplicates,
        "cancellations": stream.cancellations,
        "merges": stream.merges,
        "seed": stream.seed,
        "cores": std::thread::available_parallelism().map_or(0, usize::from),
        "optimised": !cfg!(debug_assertions),
        "stages": stages,
    })
}

fn stage_json(figures: &Figures, stage: Stage) -> Value {
    let memory = figures.memory(stage).map(|memory| {
        json!({"peak_bytes": memory.peak, "half_way_bytes": memory.half_way, "end_bytes": memory.end})
    });
    let spent: serde_json::Map<String, Value> = figures
        .spent(stage)
        .into_iter()
        .map(|spent| {
            let figures = json!({"microseconds_per_message": spent.microseconds, "share": spent.share});
            (spent.name.to_owned(), figures)
        })
        .collect();
    json!({
        "median_per_second": figures.median(stage),
        "per_second": figures.rates(stage),
        "per_second_by_tenths": figures.curve(stage),
        "errors": figures.errors(stage),
        "time_spent": spent,
        "compared_with": stage.compared_with().map(Stage::key),
        "ratio": figures.ratio(stage),
        "goal_met": figures.is_met(stage),
        "memory": memory,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

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
        let json = json_of(&figures, &StreamSettings::default(), &Content::default(), 1);
        assert_eq!(json["stages"]["reader"]["ratio"], 1.0);
        assert_eq!(json["stages"]["convert"]["goal_met"], false);
        assert_eq!(json["stages"].as_object().unwrap().len(), Stage::ALL.len());
    }
}
