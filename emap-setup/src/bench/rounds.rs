//! The order of things: each round measures every stage once.

use anyhow::Context;

use super::figures::{Figures, Measured, Stage};
use super::site::Site;
use super::stream::HospitalStream;
use super::{ours, raw, report};

/// HL7 messages that the stages on one core work on again and again.
const SAMPLE: usize = 5000;

/// Texts, and the bodies that the reader makes of them.
pub(super) struct Sample {
    pub(super) texts: Vec<String>,
    pub(super) bodies: Vec<Vec<u8>>,
}

pub(super) fn run(site: &Site, rounds: u32) -> anyhow::Result<Figures> {
    let texts: Vec<String> =
        HospitalStream::new(site.stream).take(SAMPLE).map(|message| message.text).collect();
    let bodies = ours::convert::bodies(&texts)?;
    let sample = Sample { texts, bodies };
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
    note(Stage::Copy, raw::copy::measure(site)?);
    note(Stage::Convert, ours::convert::measure(sample)?);
    note(Stage::Decode, ours::convert::measure_decoding(&sample.bodies)?);
    let (reader, core) = ours::daemons::measure(site, round)?;
    note(Stage::Reader, reader);
    note(Stage::Core, core);
    note(Stage::CoreInProcess, ours::in_process::measure(site, round)?);
    Ok(())
}
