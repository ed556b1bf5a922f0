//! Texts of the hospital, and what the reader makes of them.

use anyhow::bail;
use emap_hospital::{Hospital, Settings};
use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter};
use emap_interchange::{Features, Generation, Message};

/// HL7 messages that the stages on one core work on again and again.
const SIZE: usize = 5000;

/// Texts, and the bodies that the reader makes of them.
pub(crate) struct Sample {
    pub(crate) texts: Vec<String>,
    pub(crate) bodies: Vec<Vec<u8>>,
}

impl Sample {
    /// The first messages of a hospital.
    pub(crate) fn of(hospital: Settings) -> anyhow::Result<Self> {
        let texts: Vec<String> =
            Hospital::new(hospital).take(SIZE).map(|arrival| arrival.event.hl7()).collect();
        let bodies = bodies(&texts)?;
        Ok(Self { texts, bodies })
    }
}

/// The queue bodies of HL7 messages.
pub(crate) fn bodies(texts: &[String]) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut converter = converter();
    let mut bodies = Vec::with_capacity(texts.len());
    for (unid, text) in (1..).zip(texts) {
        let source_id = emap_ids_reader::message_id(unid);
        each_message(&mut converter, &source_id, text, |message| {
            bodies.push(message.to_json_for(features()));
        })?;
    }
    Ok(bodies)
}

/// A reader's converter whose receivers understand everything.
pub(crate) fn converter() -> Converter {
    Converter::new(ConvertSettings { features: features(), ..ConvertSettings::default() })
}

/// All that the readers and core of today have.
pub(crate) fn features() -> Features {
    Features::of(Generation::Latest)
}

/// Hands out the interchange messages of an HL7 message.
pub(crate) fn each_message(
    converter: &mut Converter,
    source_id: &str,
    text: &str,
    take: impl FnMut(&Message),
) -> anyhow::Result<()> {
    match converter.convert(source_id, text.as_bytes()).outcome {
        ConversionOutcome::Messages(messages) => messages.iter().for_each(take),
        ConversionOutcome::Skipped { reason } => bail!("a message of the hospital is skipped: {reason}"),
        ConversionOutcome::Rejected { reason } => bail!("a message of the hospital is rejected: {reason}"),
    }
    Ok(())
}
