//! Curves from bedside devices.

use chrono::TimeDelta;

use crate::{types::Instant, value::InterchangeValue, wire::declare::record};

record! {
    /// A piece of a curve: samples at even intervals.
    pub struct Waveform
        as "visit_observations.WaveformMessage" ignoring ["expectedNextObservationDatetime"]
    {
        /// Always `waveform`.
        source_observation_type = "sourceObservationType": Option<String> = Some("waveform".to_owned()),
        /// Time of the first sample.
        observation_time = "observationTime": Option<Instant>,
        /// The bed, as the device names it.
        source_location_string = "sourceLocationString": Option<String>,
        /// The same bed as `department^room^bed`.
        mapped_location_string = "mappedLocationString": Option<String>,
        /// Id of the stream at its source.
        source_stream_id = "sourceStreamId": Option<String>,
        /// Name of the stream.
        mapped_stream_description = "mappedStreamDescription": Option<String>,
        /// Samples per second.
        sampling_rate = "samplingRate": i32,
        /// Unit of the samples.
        unit = "unit": Option<String>,
        /// The samples, in order of time.
        numeric_values = "numericValues": InterchangeValue<Vec<f64>>,
    }
}

impl Waveform {
    /// When the next piece of the same curve begins if none is missing: in whole microseconds, rounded
    /// down. `None` without samples, time or rate.
    pub fn expected_next_observation_time(&self) -> Option<Instant> {
        let samples = i64::try_from(self.numeric_values.get()?.len()).ok()?;
        let micros = samples.checked_mul(1_000_000)?.checked_div(self.sampling_rate.into())?;
        self.observation_time?.checked_add_signed(TimeDelta::microseconds(micros))
    }
}

#[cfg(test)]
mod tests {
    use super::Waveform;
    use crate::{types::Instant, value::InterchangeValue};

    #[test]
    fn the_next_piece_follows_the_last_sample() {
        let start = "2026-04-03T10:00:00Z".parse::<Instant>().unwrap();
        let mut piece = Waveform {
            observation_time: Some(start),
            sampling_rate: 300,
            numeric_values: InterchangeValue::Save(vec![0.5; 100]),
            ..Waveform::default()
        };
        let next = piece.expected_next_observation_time().unwrap();
        assert_eq!((next - start).num_microseconds(), Some(333_333));
        piece.sampling_rate = 0;
        assert_eq!(piece.expected_next_observation_time(), None);
        piece = Waveform { sampling_rate: 300, observation_time: Some(start), ..Waveform::default() };
        assert_eq!(piece.expected_next_observation_time(), None);
    }
}
