//! The order of things: each round measures every stage once.

use anyhow::Context;

use crate::{
    figures::{Figures, Measured, Stage},
    ours, raw, report,
    sample::Sample,
    site::Site,
};

pub(crate) fn run(site: &Site, rounds: u32, connector_only: bool) -> anyhow::Result<Figures> {
    let sample = Sample::of(site.hospital)?;
    let mut figures = Figures::default();
    for round in 1..=rounds {
        report::round(round, rounds);
        let done = if connector_only {
            doors(site, &sample, &mut figures)
        } else {
            one_round(site, &sample, round, &mut figures)
        };
        done.with_context(|| format!("round {round}"))?;
    }
    Ok(figures)
}

fn one_round(site: &Site, sample: &Sample, round: u32, figures: &mut Figures) -> anyhow::Result<()> {
    let mut note = |stage, measured| record(figures, stage, measured);
    note(Stage::Split, raw::split::measure(sample));
    let (published, consumed) = raw::broker::measure(site, &sample.bodies)?;
    note(Stage::Publish, published);
    note(Stage::Consume, consumed);
    note(Stage::Convert, ours::convert::measure(sample)?);
    note(Stage::Decode, ours::convert::measure_decoding(&sample.bodies)?);
    let daemons = ours::daemons::measure(site, round)?;
    note(Stage::Reader, daemons.reader);
    note(Stage::Core, daemons.core);
    note(Stage::Copy, daemons.copy);
    note(Stage::CoreInProcess, ours::in_process::measure(site, round)?);
    doors(site, sample, figures)?;
    let mut note = |stage, measured| record(figures, stage, measured);
    note(Stage::HooverConvert, ours::extracts::measure_conversion()?);
    if round == 1 {
        // One window long enough to show what memory does takes long enough.
        note(Stage::Hoover, ours::extracts::measure(site)?);
    }
    Ok(())
}

/// The connector's doors, and commits of single rows right before.
fn doors(site: &Site, sample: &Sample, figures: &mut Figures) -> anyhow::Result<()> {
    record(figures, Stage::Commit, raw::commit::measure(site, sample)?);
    let doors = ours::connector::measure(site, sample)?;
    record(figures, Stage::Mllp, doors.mllp);
    record(figures, Stage::MllpWaiting, doors.waiting);
    record(figures, Stage::Http, doors.http);
    Ok(())
}

fn record(figures: &mut Figures, stage: Stage, measured: Measured) {
    report::stage(stage, &measured);
    figures.add(stage, measured);
}
