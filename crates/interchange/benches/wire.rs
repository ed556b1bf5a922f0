//! How fast messages are written and read, one core.

#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use emap_interchange::{
    Adt, AdtEvent, Features, Flowsheet, Instant, InterchangeValue, LabOrder, LabResult, LabResultStatus,
    Message, PatientClass, Payload, Questions, ValueType, yaml,
};

fn save(text: &str) -> InterchangeValue<String> {
    InterchangeValue::Save(text.to_owned())
}

fn at(seconds: i64) -> Instant {
    Instant::from_timestamp(seconds, 250_000_000).unwrap_or_default()
}

/// What an admission of the hospital's main system says: about half of the wrappers have a value.
fn admission() -> Message {
    let adt = Adt {
        recorded_date_time: Some(at(1_775_201_415)),
        event_reason_code: Some("ADT_EVENT".to_owned()),
        event_occurred_date_time: Some(at(1_775_201_340)),
        mrn: Some("51200784".to_owned()),
        nhs_number: Some("9434765870".to_owned()),
        visit_number: Some("730011902".to_owned()),
        mode_of_arrival: save("Taxi"),
        full_location_string: save("E07^E07 BAY2^BAY2-19"),
        patient_birth_date: InterchangeValue::Save(at(-720_057_600).date_naive()),
        patient_birth_date_time: InterchangeValue::Save(at(-720_057_600)),
        patient_class: InterchangeValue::Save(PatientClass::Inpatient),
        patient_is_alive: InterchangeValue::Save(true),
        patient_family_name: save("Ólafsdóttir"),
        patient_given_name: save("Þóra"),
        patient_middle_name: InterchangeValue::delete(),
        patient_sex: save("F"),
        patient_zip_or_postal_code: save("ZZ9 9ZZ"),
        event: AdtEvent::AdmitPatient {
            admission_date_time: InterchangeValue::Save(at(1_774_942_920)),
            hospital_service: InterchangeValue::Save("Renal".to_owned()),
        },
        ..Adt::default()
    };
    message("EPIC", adt)
}

fn message(system: &str, payload: impl Into<Payload>) -> Message {
    Message {
        source_message_id: Some("0000412907".to_owned()),
        source_system: Some(system.to_owned()),
        payload: payload.into(),
    }
}

/// One number on a chart.
fn flowsheet() -> Message {
    let flowsheet = Flowsheet {
        mrn: Some("51200784".to_owned()),
        interface_id: Some("301060".to_owned()),
        visit_number: Some("730011902".to_owned()),
        source_application: Some("EPIC".to_owned()),
        is_real_time: Some(true),
        value_type: Some(ValueType::Numeric),
        numeric_value: InterchangeValue::Save(36.7),
        unit: save("degC"),
        observation_time: Some(at(1_775_201_340)),
        updated_time: Some(at(1_775_201_415)),
        ..Flowsheet::default()
    };
    message("EPIC", flowsheet)
}

/// A battery of ten numbers with their ranges.
fn lab_order() -> Message {
    let result = |index: u8| LabResult {
        mime_type: Some(ValueType::Numeric),
        test_item_local_code: Some(format!("T{index}")),
        test_item_coding_system: Some("WinPath".to_owned()),
        numeric_value: InterchangeValue::Save(f64::from(index) * 13.7),
        units: save("mmol/L"),
        reference_low: InterchangeValue::Save(3.5),
        reference_high: InterchangeValue::Save(5.3),
        result_operator: Some("=".to_owned()),
        result_status: Some(LabResultStatus::Final),
        result_time: Some(at(1_775_201_340)),
        epic_care_order_number: Some("66190211".to_owned()),
        ..LabResult::default()
    };
    let order = LabOrder {
        lab_results: (0..10).map(result).collect(),
        questions: Questions::from_iter([("Fasting?".to_owned(), Some("no".to_owned()))]),
        order_control_id: Some("RE".to_owned()),
        epic_care_order_number: save("66190211"),
        lab_specimen_number: Some("27B104433".to_owned()),
        specimen_type: save("BLD"),
        collection_date_time: Some(at(1_775_190_000)),
        status_change_time: Some(at(1_775_201_340)),
        sample_received_time: InterchangeValue::Save(at(1_775_195_000)),
        lab_department: Some("CC".to_owned()),
        result_status: Some("F".to_owned()),
        mrn: Some("51200784".to_owned()),
        visit_number: Some("730011902".to_owned()),
        test_battery_local_code: Some("UE".to_owned()),
        test_battery_coding_system: Some("WIN_PATH".to_owned()),
        ..LabOrder::default()
    };
    message("WinPath", order)
}

fn json(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Elements(1));
    for (name, message) in
        [("admission", admission()), ("flowsheet", flowsheet()), ("lab order with ten results", lab_order())]
    {
        let body = message.to_json();
        let mut buffer = Vec::with_capacity(body.len());
        group.bench_function(format!("encode {name}"), |bencher| {
            bencher.iter(|| {
                buffer.clear();
                black_box(&message).write_json(Features::ALL, &mut buffer);
                black_box(&buffer);
            });
        });
        group.bench_function(format!("decode {name}"), |bencher| {
            bencher.iter(|| Message::from_json(black_box(&body)));
        });
    }
    group.finish();
}

fn yaml_text(criterion: &mut Criterion) {
    let message = admission();
    let text = yaml::write_sequence([&message]);
    let mut group = criterion.benchmark_group("yaml");
    group.throughput(Throughput::Elements(1));
    group.bench_function("write admission", |bencher| {
        bencher.iter(|| yaml::write_sequence([black_box(&message)]));
    });
    group.bench_function("read admission", |bencher| bencher.iter(|| yaml::read(black_box(&text))));
    group.finish();
}

criterion_group!(benches, json, yaml_text);
criterion_main!(benches);
