//! Values from bedside devices: pieces of curves, and single values.

use chrono::TimeDelta;

use crate::{types::Instant, value::InterchangeValue, wire::declare::record};

record! {
    /// A piece of a curve: samples at even intervals. The form without channels; some peers wrote it with the names of
    /// the form that took its place.
    #[until(WaveformSplit)]
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
        #[also("sourceVariableId")]
        source_stream_id = "sourceStreamId": Option<String>,
        /// Name of the stream.
        #[also("mappedVariableDescription")]
        mapped_stream_description = "mappedStreamDescription": Option<String>,
        /// Samples per second.
        sampling_rate = "samplingRate": i32,
        /// Unit of the samples.
        unit = "unit": Option<String>,
        /// The samples, in order of time.
        numeric_values = "numericValues": InterchangeValue<Vec<f64>>,
        /// Channel of the device, if it has several.
        #[since(WaveformSplit)]
        source_channel_id = "sourceChannelId": Option<String>,
    }
}

record! {
    /// A piece of a curve from one channel of a device: samples at even intervals.
    #[since(WaveformSplit)]
    pub struct WaveformHighFreq
        as "visit_observations.WaveformHighFreqMessage" ignoring ["expectedNextObservationDatetime"]
    {
        /// Time of the first sample.
        observation_time = "observationTime": Option<Instant>,
        /// The bed, as the device names it.
        source_location_string = "sourceLocationString": Option<String>,
        /// The same bed as `department^room^bed`.
        mapped_location_string = "mappedLocationString": Option<String>,
        /// What kind of source it is; nothing means `waveform`.
        source_observation_type = "sourceObservationType": Option<String> = Some("waveform".to_owned()),
        /// Id of the variable at its source.
        source_variable_id = "sourceVariableId": Option<String>,
        /// Name of the variable.
        mapped_variable_description = "mappedVariableDescription": Option<String>,
        /// Unit of the samples.
        unit = "unit": Option<String>,
        /// Channel of the device, if it has several.
        source_channel_id = "sourceChannelId": Option<String>,
        /// Samples per second.
        sampling_rate = "samplingRate": i32,
        /// The samples, in order of time.
        numeric_values = "numericValues": InterchangeValue<Vec<f64>>,
    }
}

record! {
    /// A single value from a device: a number, or a text.
    #[since(WaveformLowFreq)]
    pub struct WaveformLowFreq as "visit_observations.WaveformLowFreqMessage" {
        /// Time of the value.
        observation_time = "observationTime": Option<Instant>,
        /// The bed, as the device names it.
        source_location_string = "sourceLocationString": Option<String>,
        /// The same bed as `department^room^bed`.
        mapped_location_string = "mappedLocationString": Option<String>,
        /// What kind of source it is; nothing means `waveform`.
        source_observation_type = "sourceObservationType": Option<String> = Some("waveform".to_owned()),
        /// Id of the variable at its source.
        source_variable_id = "sourceVariableId": Option<String>,
        /// Name of the variable.
        mapped_variable_description = "mappedVariableDescription": Option<String>,
        /// Unit of the value.
        unit = "unit": Option<String>,
        /// The value as the device sent it.
        source_value = "sourceValue": InterchangeValue<String>,
        /// The value, if it is a number.
        numeric_value = "numericValue": InterchangeValue<f64>,
        /// The value, if it is a text.
        string_value = "stringValue": InterchangeValue<String>,
    }
}

/// When the piece after some samples begins: in whole microseconds, rounded down.
fn next_piece(start: Option<Instant>, rate: i32, values: &InterchangeValue<Vec<f64>>) -> Option<Instant> {
    let samples = i64::try_from(values.get()?.len()).ok()?;
    let micros = samples.checked_mul(1_000_000)?.checked_div(rate.into())?;
    start?.checked_add_signed(TimeDelta::microseconds(micros))
}

impl Waveform {
    /// When the next piece of the same curve begins if none is missing: in whole microseconds, rounded
    /// down. `None` without samples, time or rate.
    pub fn expected_next_observation_time(&self) -> Option<Instant> {
        next_piece(self.observation_time, self.sampling_rate, &self.numeric_values)
    }
}

impl WaveformHighFreq {
    /// As for [`Waveform`].
    pub fn expected_next_observation_time(&self) -> Option<Instant> {
        next_piece(self.observation_time, self.sampling_rate, &self.numeric_values)
    }
}

#[cfg(test)]
mod tests {
    use super::{Waveform, WaveformHighFreq};
    use crate::{types::Instant, value::InterchangeValue};

    #[test]
    fn the_next_piece_follows_the_last_sample() {
        let start = "2026-04-03T10:00:00Z".parse::<Instant>().unwrap();
        let mut piece = WaveformHighFreq {
            observation_time: Some(start),
            sampling_rate: 300,
            numeric_values: InterchangeValue::Save(vec![0.5; 100]),
            ..WaveformHighFreq::default()
        };
        let next = piece.expected_next_observation_time().unwrap();
        assert_eq!((next - start).num_microseconds(), Some(333_333));
        piece.sampling_rate = 0;
        assert_eq!(piece.expected_next_observation_time(), None);
        let empty = Waveform { sampling_rate: 300, observation_time: Some(start), ..Waveform::default() };
        assert_eq!(empty.expected_next_observation_time(), None);
    }
}
