//! HL7 to JSON as the reader does it, and JSON to message as core does it; one core each.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use emap_interchange::Message;

use crate::{
    figures::Measured,
    sample::{Sample, converter, each_message, features},
};

const AT_LEAST: Duration = Duration::from_secs(1);

pub(crate) fn measure(sample: &Sample) -> anyhow::Result<Measured> {
    let mut converter = converter();
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < AT_LEAST {
        for (unid, text) in (1..).zip(&sample.texts) {
            let source_id = emap_ids_reader::message_id(unid);
            each_message(&mut converter, &source_id, black_box(text), |message| {
                black_box(message.to_json_for(features()));
                count += 1;
            })?;
        }
    }
    Ok(Measured::new(count, begin.elapsed()))
}

pub(crate) fn measure_decoding(bodies: &[Vec<u8>]) -> anyhow::Result<Measured> {
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < AT_LEAST {
        for body in bodies {
            black_box(Message::from_json(black_box(body))?);
        }
        count += bodies.len() as u64;
    }
    Ok(Measured::new(count, begin.elapsed()))
}
