//! Splitting HL7 text into segments and fields, the least that any parser must do.

use std::{
    hint::black_box,
    time::{Duration, Instant},
};

use crate::{figures::Measured, sample::Sample};

/// Long enough to be steady.
const AT_LEAST: Duration = Duration::from_millis(500);

/// Counts the messages that the texts give, as the reader's figures do.
pub(crate) fn measure(sample: &Sample) -> Measured {
    let (begin, mut count) = (Instant::now(), 0);
    while begin.elapsed() < AT_LEAST {
        for text in &sample.texts {
            black_box(fields(black_box(text)));
        }
        count += sample.bodies.len() as u64;
    }
    Measured::new(count, begin.elapsed())
}

fn fields(text: &str) -> usize {
    text.split('\r').map(|segment| segment.split('|').map(black_box).count()).sum()
}
