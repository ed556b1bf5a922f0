//! What is sent to receivers of each generation, and that all of it is read by one that refuses what it does not know.

use std::collections::BTreeMap;

use emap_hospital::{Hospital, Incidents, Mix, Settings};
use emap_ids_reader::{ConversionOutcome, SkipReason};
use emap_interchange::{Feature, Features, Generation, Message};

use crate::converter;

const INCIDENTS: Incidents =
    Incidents { cancellations: 0.2, merges: 0.1, plans: 0.4, services: 0.4, corrections: 0.3 };

/// Messages of all families, and many of movements.
fn texts() -> Vec<String> {
    let all = Settings {
        messages: 8000,
        mix: Mix::HOSPITAL,
        incidents: INCIDENTS,
        present: 60,
        ..Settings::default()
    };
    let movements = Settings { messages: 2500, mix: Mix::ADT, ..all };
    [all, movements]
        .into_iter()
        .flat_map(|settings| Hospital::new(settings).map(|arrival| arrival.event.hl7()))
        .collect()
}

/// What a reader sent.
#[derive(Default)]
struct Sent {
    /// How often, by class, and by `Class.property` for properties that not all generations have.
    count: BTreeMap<String, u32>,
    /// Events that were skipped, by what receivers lack.
    skipped: BTreeMap<&'static str, u32>,
}

const SOME_HAVE: [&str; 3] = ["hospitalService", "admissionType", "matchedMovementId"];

/// Sends everything to a receiver that has exactly these features and refuses everything else.
fn send(features: Features, texts: &[String]) -> Sent {
    let mut converter = converter(features);
    let mut sent = Sent::default();
    for text in texts {
        let messages = match converter.convert("1", text.as_bytes()).outcome {
            ConversionOutcome::Messages(messages) => messages,
            ConversionOutcome::Skipped { reason: SkipReason::FeatureOff(feature) } => {
                assert!(!features.has(feature), "{feature}");
                *sent.skipped.entry(feature.as_str()).or_default() += 1;
                continue;
            }
            other => panic!("{other:?}\n{}", text.replace('\r', "\n")),
        };
        for message in messages {
            let body = message.to_json_for(features);
            let read = Message::from_json_as(features, &body);
            assert!(read.is_ok(), "{:?} of {}", read.unwrap_err(), String::from_utf8_lossy(&body));
            let properties: serde_json::Map<String, serde_json::Value> =
                serde_json::from_slice(&body).unwrap();
            let class = message.class_name().rsplit('.').next().unwrap();
            for property in SOME_HAVE.iter().filter(|property| properties.contains_key(**property)) {
                *sent.count.entry(format!("{class}.{property}")).or_default() += 1;
            }
            *sent.count.entry(class.to_owned()).or_default() += 1;
        }
    }
    sent
}

/// The feature to which a class, or a property of a class, belongs.
fn feature_of(name: &str) -> Option<Feature> {
    Some(match name {
        "PendingDischarge" | "CancelPendingDischarge" => Feature::PendingDischarge,
        "UpdateSubSpeciality" | "UpdateSubSpeciality.hospitalService" => Feature::SubSpeciality,
        "AdmitPatient.hospitalService" | "UpdatePatientInfo.hospitalService" => Feature::AdtHospitalService,
        name if name.contains("Pending") && name.ends_with(".hospitalService") => {
            Feature::PendingHospitalService
        }
        name if name.ends_with(".admissionType") => Feature::AdmissionType,
        name => {
            assert!(!name.contains('.'), "{name}");
            return None;
        }
    })
}

/// Whether receivers with these features have a class, or a property of a class.
fn has(features: Features, name: &str) -> bool {
    let class = name.split('.').next().unwrap();
    [class, name].into_iter().filter_map(feature_of).all(|feature| features.has(feature))
}

#[test]
fn a_receiver_of_each_generation_reads_all_that_it_is_sent() {
    let texts = texts();
    let latest = send(Features::of(Generation::Latest), &texts);
    assert!(latest.skipped.is_empty());
    for name in [
        "PendingDischarge.hospitalService",
        "CancelPendingDischarge.hospitalService",
        "PendingTransfer.hospitalService",
        "CancelPendingTransfer.hospitalService",
        "AdmitPatient.hospitalService",
        "UpdatePatientInfo.hospitalService",
        "UpdateSubSpeciality.hospitalService",
        "ImpliedAdtMessage.admissionType",
        "LabOrderMsg",
        "Flowsheet",
        "ConsultRequest",
    ] {
        assert!(latest.count.contains_key(name), "{name}: {:?}", latest.count);
    }
    for (generation, skipped) in [
        (Generation::Main, &["pending_discharge", "sub_speciality"][..]),
        (Generation::Develop, &["sub_speciality"]),
    ] {
        let features = Features::of(generation);
        let sent = send(features, &texts);
        let mut expected = latest.count.clone();
        expected.retain(|name, _| has(features, name));
        assert_eq!(sent.count, expected, "{generation}");
        assert_eq!(sent.skipped.keys().copied().collect::<Vec<_>>(), skipped, "{generation}");
        assert!(sent.skipped.values().all(|count| *count > 20), "{:?}", sent.skipped);
    }
}

#[test]
fn each_feature_adds_and_takes_away_what_belongs_to_it_alone() {
    let settings = Settings { messages: 1500, incidents: INCIDENTS, ..Settings::default() };
    let texts: Vec<_> = Hospital::new(settings).map(|arrival| arrival.event.hl7()).collect();
    let latest = send(Features::of(Generation::Latest), &texts).count;
    for feature in Feature::ALL {
        for (generation, sign) in [(Generation::Main, '+'), (Generation::Latest, '-')] {
            // Single values need channels; neither says anything of patients.
            let Ok(features) = Features::chosen(generation, &format!("{sign}{feature}")) else { continue };
            let mut expected = latest.clone();
            expected.retain(|name, _| has(features, name));
            assert_eq!(send(features, &texts).count, expected, "{generation} {sign}{feature}");
        }
    }
}
