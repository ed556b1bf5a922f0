//! Orders, results down to the sensitivities of isolates, and what codes mean.

use emap_interchange::{
    LabIsolate, LabMetadata, LabOrder, LabResult, LabResultStatus, LabsMetadataType, OrderCodingSystem,
    ValueType,
};
use proptest::{collection::vec, option, prelude::*};

use super::{
    record::record,
    value::{
        bytes, maybe_constant, maybe_instant, maybe_text, questions, wrapped, wrapped_instant,
        wrapped_number, wrapped_text,
    },
};

pub(crate) fn order() -> BoxedStrategy<LabOrder> {
    let isolate = option::weighted(0.3, isolate().prop_map(Box::new)).boxed();
    record!(LabOrder {
        lab_results: vec(result(isolate), 0..3),
        questions: questions(),
        order_control_id: maybe_text(),
        epic_care_order_number: wrapped_text(),
        lab_specimen_number: maybe_text(),
        specimen_type: wrapped_text(),
        collection_method: wrapped_text(),
        sample_site: wrapped_text(),
        collection_date_time: maybe_instant(),
        status_change_time: maybe_instant(),
        order_date_time: wrapped_instant(),
        sample_received_time: wrapped_instant(),
        requested_date_time: wrapped_instant(),
        lab_department: maybe_text(),
        order_status: maybe_text(),
        result_status: maybe_text(),
        mrn: maybe_text(),
        visit_number: maybe_text(),
        test_battery_local_code: maybe_text(),
        test_battery_coding_system: maybe_text(),
        parent_observation_identifier: maybe_text(),
        parent_sub_id: maybe_text(),
        clinical_information: wrapped_text(),
    })
}

fn result(isolate: BoxedStrategy<Option<Box<LabIsolate>>>) -> BoxedStrategy<LabResult> {
    record!(LabResult {
        mime_type: maybe_constant(ValueType::ALL),
        test_item_local_code: maybe_text(),
        test_item_coding_system: maybe_text(),
        observation_sub_id: maybe_text(),
        numeric_value: wrapped_number(),
        string_value: wrapped_text(),
        byte_value: wrapped(bytes()),
        units: wrapped_text(),
        reference_low: wrapped_number(),
        reference_high: wrapped_number(),
        abnormal_flag: wrapped_text(),
        result_operator: maybe_text(),
        result_status: maybe_constant(LabResultStatus::ALL),
        result_time: maybe_instant(),
        notes: wrapped_text(),
        lab_isolate: isolate,
        epic_care_order_number: maybe_text(),
    })
}

fn isolate() -> BoxedStrategy<LabIsolate> {
    record!(LabIsolate {
        epic_care_order_number: maybe_text(),
        isolate_id: maybe_text(),
        isolate_code: maybe_text(),
        isolate_name: maybe_text(),
        culture_type: wrapped_text(),
        quantity: wrapped_text(),
        clinical_information: wrapped_text(),
        sensitivities: vec(result(Just(None).boxed()), 0..3),
    })
}

pub(crate) fn metadata() -> BoxedStrategy<LabMetadata> {
    record!(LabMetadata {
        short_code: maybe_text(),
        coding_system: maybe_constant(OrderCodingSystem::ALL),
        name: maybe_text(),
        labs_metadata_type: maybe_constant(LabsMetadataType::ALL),
        valid_from: maybe_instant(),
    })
}
