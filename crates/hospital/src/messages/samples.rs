//! The main laboratory: a message for each battery.

use emap_interchange::{
    InterchangeValue::{self, Save},
    LabIsolate, LabOrder, LabResult, LabResultStatus, OrderCodingSystem, Payload, ValueType,
};

use super::orders::{flag, number, order, questions, text};
use crate::{
    event::Event,
    labs::{Isolate, NOTE, Order, QUESTIONS, SampleEvent, TestResult},
};

const SYSTEM: &str = "Winpath";

pub(super) fn orders(event: &Event, sample: &SampleEvent) -> Vec<Payload> {
    (1..).zip(&sample.batteries).map(|ordered| battery(event, sample, ordered).into()).collect()
}

fn battery(event: &Event, sample: &SampleEvent, (place, ordered): (u64, &Order)) -> LabOrder {
    let [control, order_status, result_status] = sample.codes();
    let placer = sample.placer(place).to_string();
    let specimen: String = format!("L{:08}", sample.number).chars().take(9).collect();
    let at_this_time = |is_it: bool| InterchangeValue::from_option(is_it.then_some(event.at));
    let result = |result| test(event, sample, &placer, result);
    let culture = |isolate| isolate_result(event, sample, &placer, isolate);
    let lab_results =
        ordered.results.iter().map(result).chain(ordered.isolates.iter().map(culture)).collect();
    LabOrder {
        lab_results,
        questions: if sample.is_order() { questions(&QUESTIONS) } else { questions(&[]) },
        order_control_id: Some(control.to_owned()),
        epic_care_order_number: Save(placer.clone()),
        specimen_type: Save("BLD".to_owned()),
        collection_method: Save("Venepuncture".to_owned()),
        order_date_time: at_this_time(sample.is_order()),
        sample_received_time: at_this_time(sample.is_receipt()),
        requested_date_time: Save(sample.ordered),
        lab_department: Some(ordered.battery.department.to_owned()),
        order_status: Some(order_status.to_owned()),
        result_status: Some(result_status.to_owned()),
        clinical_information: Save(sample.clinical.to_owned()),
        ..order(event, OrderCodingSystem::WinPath, ordered.battery.code, (specimen, sample.collected))
    }
}

fn status(sample: &SampleEvent) -> Option<LabResultStatus> {
    LabResultStatus::from_hl7_code(sample.codes()[2])
}

fn test(event: &Event, sample: &SampleEvent, placer: &str, result: &TestResult) -> LabResult {
    LabResult {
        units: InterchangeValue::from_hl7(Some(result.unit)),
        reference_low: Save(result.low.value()),
        reference_high: Save(result.high.value()),
        abnormal_flag: flag(result.flag(), ""),
        result_status: status(sample),
        notes: InterchangeValue::from_option(result.has_note.then(|| NOTE.join("\n"))),
        epic_care_order_number: Some(placer.to_owned()),
        ..number(result.code, SYSTEM, result.value, event.at)
    }
}

fn isolate_result(event: &Event, sample: &SampleEvent, placer: &str, isolate: &Isolate) -> LabResult {
    let number = isolate.number.to_string();
    let sensitivity = |(agent, response): &(&str, &str)| LabResult {
        abnormal_flag: flag(response, ""),
        result_status: status(sample),
        epic_care_order_number: Some(placer.to_owned()),
        ..text(agent, SYSTEM, agent, event.at)
    };
    let sensitivities = isolate.sensitivities.iter().map(sensitivity).collect();
    let lab_isolate = LabIsolate {
        isolate_code: Some(isolate.code.to_owned()),
        isolate_name: Some(isolate.name.to_owned()),
        culture_type: Save("Aerobic bottle".to_owned()),
        sensitivities,
        ..LabIsolate::new(Some(placer.to_owned()), Some(number.clone()))
    };
    LabResult {
        mime_type: Some(ValueType::LabIsolate),
        observation_sub_id: Some(number),
        string_value: InterchangeValue::Unknown,
        result_status: status(sample),
        lab_isolate: Some(Box::new(lab_isolate)),
        epic_care_order_number: Some(placer.to_owned()),
        ..text("ISOLATE", SYSTEM, "", event.at)
    }
}
