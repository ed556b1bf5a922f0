//! How fast messages are written and read, one core.

#![allow(missing_docs)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use emap_interchange::{Adt, AdtEvent, Instant, InterchangeValue, Message, PatientClass, Payload, yaml};
use std::hint::black_box;

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
        event: AdtEvent::AdmitPatient { admission_date_time: InterchangeValue::Save(at(1_774_942_920)) },
        ..Adt::default()
    };
    Message {
        source_message_id: Some("0000412907".to_owned()),
        source_system: Some("EPIC".to_owned()),
        payload: Payload::Adt(Box::new(adt)),
    }
}

fn json(criterion: &mut Criterion) {
    let message = admission();
    let body = message.to_json();
    let mut group = criterion.benchmark_group("json");
    group.throughput(Throughput::Elements(1));
    group.bench_function("encode admission", |bencher| bencher.iter(|| black_box(&message).to_json()));
    group.bench_function("decode admission", |bencher| bencher.iter(|| Message::from_json(black_box(&body))));
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
