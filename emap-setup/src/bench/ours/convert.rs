//! HL7 to JSON as the reader does it, and JSON to message as core does it; one core each.

use std::hint::black_box;
use std::time::{Duration, Instant};

use anyhow::bail;
use emap_ids_reader::{ConvertSettings, Converter, ConversionOutcome};
use emap_interchange::Message;

use crate::bench::figures::Measured;
use crate::bench::rounds::Sample;

const AT_LEAST: Duration = Duration::from_secs(1);

/// The queue bodies of HL7 messages.
pub(in crate::bench) fn bodies(texts: &[String]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut converter = Converter::new(ConvertSettings::default());
    let mut bodies = Vec::with_capacity(texts.len());
    for (unid, text) in (1..).zip(texts) {
        let source_id = emap_ids_reader::message_id(unid);
        each_message(&mut converter, &source_id, text, |message| bodies.push(message.to_json()))?;
    }
    Ok(bodies)
}

pub(in crate::bench) fn measure(sample: &Sample) -> anyhow::Result<Measured> {
    let mut converter = Converter::new(ConvertSettings::default());
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < AT_LEAST {
        for (unid, text) in (1..).zip(&sample.texts) {
            let source_id = emap_ids_reader::message_id(unid);
            each_message(&mut converter, &source_id, black_box(text), |message| {
                black_box(message.to_json());
                count += 1;
            })?;
        }
    }
    Ok(Measured::new(count, begin.elapsed()))
}

pub(in crate::bench) fn measure_decoding(bodies: &[Vec<u8>]) -> anyhow::Result<Measured> {
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < AT_LEAST {
        for body in bodies {
            black_box(Message::from_json(black_box(body))?);
        }
        count += bodies.len() as u64;
    }
    Ok(Measured::new(count, begin.elapsed()))
}

fn each_message(
    converter: &mut Converter,
    source_id: &str,
    text: &str,
    take: impl FnMut(&Message),
) -> anyhow::Result<()> {
    match converter.convert(source_id, text.as_bytes()).outcome {
        ConversionOutcome::Messages(messages) => messages.iter().for_each(take),
        ConversionOutcome::Skipped { reason } => bail!("a message of the stream is skipped: {reason}"),
        ConversionOutcome::Rejected { reason } => bail!("a message of the stream is rejected: {reason}"),
    }
    Ok(())
}
