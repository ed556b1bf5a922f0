//! Flowsheets and waveforms.

use emap_interchange::{
    Flowsheet, FlowsheetMetadata, ValueType, Waveform, WaveformHighFreq, WaveformLowFreq,
};
use proptest::{collection::vec, option, prelude::*};

use super::{
    record::record,
    value::{
        date, maybe_constant, maybe_instant, maybe_text, number, time, wrapped, wrapped_number, wrapped_text,
    },
};

pub(crate) fn flowsheet() -> BoxedStrategy<Flowsheet> {
    record!(Flowsheet {
        source_observation_type: maybe_text(),
        mrn: maybe_text(),
        interface_id: maybe_text(),
        visit_number: maybe_text(),
        source_application: maybe_text(),
        is_real_time: option::of(any::<bool>()),
        flowsheet_id: maybe_text(),
        value_type: maybe_constant(ValueType::ALL),
        numeric_value: wrapped_number(),
        string_value: wrapped_text(),
        date_value: wrapped(date()),
        time_value: wrapped(time()),
        comment: wrapped_text(),
        unit: wrapped_text(),
        observation_time: maybe_instant(),
        updated_time: maybe_instant(),
    })
}

pub(crate) fn flowsheet_metadata() -> BoxedStrategy<FlowsheetMetadata> {
    record!(FlowsheetMetadata {
        interface_id: maybe_text(),
        flowsheet_id: maybe_text(),
        name: maybe_text(),
        display_name: maybe_text(),
        value_type: maybe_text(),
        unit: maybe_text(),
        description: maybe_text(),
        creation_instant: maybe_instant(),
        last_updated_instant: maybe_instant(),
        source_observation_type: maybe_text(),
    })
}

pub(crate) fn waveform() -> BoxedStrategy<Waveform> {
    record!(Waveform {
        source_observation_type: maybe_text(),
        observation_time: maybe_instant(),
        source_location_string: maybe_text(),
        mapped_location_string: maybe_text(),
        source_stream_id: maybe_text(),
        mapped_stream_description: maybe_text(),
        sampling_rate: any::<i32>(),
        unit: maybe_text(),
        numeric_values: wrapped(vec(number(), 0..12).boxed()),
        source_channel_id: maybe_text(),
    })
}

pub(crate) fn waveform_high_freq() -> BoxedStrategy<WaveformHighFreq> {
    record!(WaveformHighFreq {
        observation_time: maybe_instant(),
        source_location_string: maybe_text(),
        mapped_location_string: maybe_text(),
        source_observation_type: maybe_text(),
        source_variable_id: maybe_text(),
        mapped_variable_description: maybe_text(),
        unit: maybe_text(),
        source_channel_id: maybe_text(),
        sampling_rate: any::<i32>(),
        numeric_values: wrapped(vec(number(), 0..12).boxed()),
    })
}

pub(crate) fn waveform_low_freq() -> BoxedStrategy<WaveformLowFreq> {
    record!(WaveformLowFreq {
        observation_time: maybe_instant(),
        source_location_string: maybe_text(),
        mapped_location_string: maybe_text(),
        source_observation_type: maybe_text(),
        source_variable_id: maybe_text(),
        mapped_variable_description: maybe_text(),
        unit: maybe_text(),
        source_value: wrapped_text(),
        numeric_value: wrapped_number(),
        string_value: wrapped_text(),
    })
}
