//! The order of things: each round measures every stage once.

use anyhow::Context;

use crate::{
    figures::{Figures, Measured, Stage},
    ours, raw, report,
    sample::Sample,
    site::Site,
};

pub(crate) fn run(site: &Site, rounds: u32) -> anyhow::Result<Figures> {
    let sample = Sample::of(site.hospital)?;
    let mut figures = Figures::default();
    for round in 1..=rounds {
        report::round(round, rounds);
        one_round(site, &sample, round, &mut figures).with_context(|| format!("round {round}"))?;
    }
    Ok(figures)
}

fn one_round(site: &Site, sample: &Sample, round: u32, figures: &mut Figures) -> anyhow::Result<()> {
    let mut note = |stage: Stage, measured: Measured| {
        report::stage(stage, &measured);
        figures.add(stage, measured);
    };
    note(Stage::Split, raw::split::measure(sample));
    let (published, consumed) = raw::broker::measure(site, &sample.bodies)?;
    note(Stage::Publish, published);
    note(Stage::Consume, consumed);
    note(Stage::Commit, raw::commit::measure(site, sample)?);
    note(Stage::Convert, ours::convert::measure(sample)?);
    note(Stage::Decode, ours::convert::measure_decoding(&sample.bodies)?);
    let daemons = ours::daemons::measure(site, round)?;
    note(Stage::Reader, daemons.reader);
    note(Stage::Core, daemons.core);
    note(Stage::Copy, daemons.copy);
    note(Stage::CoreInProcess, ours::in_process::measure(site, round)?);
    let doors = ours::connector::measure(site, sample)?;
    note(Stage::Mllp, doors.mllp);
    note(Stage::MllpWaiting, doors.waiting);
    note(Stage::Http, doors.http);
    note(Stage::HooverConvert, ours::extracts::measure_conversion()?);
    if round == 1 {
        // One window long enough to show what memory does takes long enough.
        note(Stage::Hoover, ours::extracts::measure(site)?);
    }
    Ok(())
}
