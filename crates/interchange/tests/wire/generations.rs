//! What the generations of peers differ in: what is sent to each, and that all of it is read.

use emap_interchange::{
    Adt, AdtEvent, Feature, Features, Generation, InterchangeValue, Message, Payload, PendingType, Problem,
    Waveform, WaveformHighFreq, WaveformLowFreq, yaml,
};

use crate::shorthand::{PACKAGE, at, save, text, wire};

fn message(payload: impl Into<Payload>) -> Message {
    Message { source_message_id: text("88bb02_1_1"), ..Message::of(payload) }
}

fn body(message: &Message, features: Features) -> String {
    String::from_utf8(message.to_json_for(features)).unwrap()
}

/// The end of a body of a new or changed class, from this property on, and the message read from it.
fn assert_ends(message: &Message, end: &str) {
    let (body, end) = (body(message, Features::ALL), wire(end));
    assert!(body.ends_with(&end), "{body}\nshould end in\n{end}");
    assert_eq!(Message::from_json(body.as_bytes()).as_ref(), Ok(message));
}

fn adt(event: AdtEvent) -> Message {
    message(Adt { admission_type: save("Emergency"), event, ..Adt::default() })
}

#[test]
fn new_properties_stand_where_peers_write_them() {
    let service = || save("Renal");
    let unknown = || InterchangeValue::<String>::Unknown;
    assert_ends(
        &adt(AdtEvent::AdmitPatient {
            admission_date_time: InterchangeValue::Delete(None),
            hospital_service: service(),
        }),
        r#""patientZipOrPostalCode":U,"admissionType":{"@class":"P.InterchangeValue","value":"Emergency","status":"SAVE"},
"admissionDateTime":D,"hospitalService":{"@class":"P.InterchangeValue","value":"Renal","status":"SAVE"}}"#,
    );
    assert_ends(
        &adt(AdtEvent::UpdateSubSpeciality { hospital_service: InterchangeValue::Delete(None) }),
        r#""value":"Emergency","status":"SAVE"},"hospitalService":D}"#,
    );
    assert_ends(
        &adt(AdtEvent::PendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            pending_destination: unknown(),
            hospital_service: unknown(),
        }),
        r#","pendingEventType":"DISCHARGE","pendingDestination":U,"hospitalService":U}"#,
    );
    assert_ends(
        &adt(AdtEvent::CancelPendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            hospital_service: unknown(),
            pending_destination: unknown(),
            cancelled_date_time: Some(at("2031-06-10T09:00:00Z")),
        }),
        r#","pendingEventType":"DISCHARGE","hospitalService":U,"pendingDestination":U,
"cancelledDateTime":1938848400.000000000}"#,
    );
    assert_ends(
        &adt(AdtEvent::CancelPendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: save("W2^null^null"),
            hospital_service: service(),
            cancelled_date_time: None,
        }),
        r#""value":"W2^null^null","status":"SAVE"},
"hospitalService":{"@class":"P.InterchangeValue","value":"Renal","status":"SAVE"},"cancelledDateTime":null}"#,
    );
}

fn piece() -> WaveformHighFreq {
    WaveformHighFreq {
        observation_time: Some(at("2031-06-09T14:18:00.25Z")),
        source_location_string: text("BED4"),
        mapped_location_string: text("T03^T03 SR04^SR04-04"),
        source_variable_id: text("27"),
        mapped_variable_description: text("Generic ECG Waveform"),
        unit: text("uV"),
        source_channel_id: text("2"),
        sampling_rate: 300,
        numeric_values: InterchangeValue::Save(vec![12.0, -3.5]),
        ..WaveformHighFreq::default()
    }
}

#[test]
fn values_from_devices_in_their_new_forms() {
    let high = wire(
        r#"{"@class":"P.visit_observations.WaveformHighFreqMessage","sourceMessageId":"88bb02_1_1","sourceSystem":null,
"observationTime":1938781080.250000000,"sourceLocationString":"BED4","mappedLocationString":"T03^T03 SR04^SR04-04",
"sourceObservationType":"waveform","sourceVariableId":"27","mappedVariableDescription":"Generic ECG Waveform",
"unit":"uV","sourceChannelId":"2","samplingRate":300,
"numericValues":{"@class":"P.InterchangeValue","value":[12.0,-3.5],"status":"SAVE"}}"#,
    );
    assert_eq!(body(&message(piece()), Features::ALL), high);
    let value = WaveformLowFreq {
        observation_time: Some(at("2031-06-09T14:18:01Z")),
        source_location_string: text("BED15"),
        source_variable_id: text("584"),
        mapped_variable_description: text("Ventilation Mode"),
        unit: text("unitless"),
        source_value: save("19"),
        string_value: save("NAVA"),
        ..WaveformLowFreq::default()
    };
    assert_ends(
        &message(value),
        r#""observationTime":1938781081.000000000,"sourceLocationString":"BED15","mappedLocationString":null,
"sourceObservationType":"waveform","sourceVariableId":"584","mappedVariableDescription":"Ventilation Mode",
"unit":"unitless","sourceValue":{"@class":"P.InterchangeValue","value":"19","status":"SAVE"},
"numericValue":U,"stringValue":{"@class":"P.InterchangeValue","value":"NAVA","status":"SAVE"}}"#,
    );
}

/// The properties and classes that belong to a feature, as `Class.property` or `Class`.
const OF_FEATURES: [(Feature, &[&str]); 7] = [
    (Feature::PendingDischarge, &["PendingDischarge", "CancelPendingDischarge"]),
    (
        Feature::PendingHospitalService,
        &[
            "PendingTransfer.hospitalService",
            "CancelPendingTransfer.hospitalService",
            "PendingDischarge.hospitalService",
            "CancelPendingDischarge.hospitalService",
        ],
    ),
    (Feature::AdtHospitalService, &["AdmitPatient.hospitalService", "UpdatePatientInfo.hospitalService"]),
    (Feature::AdmissionType, &["*.admissionType", "*.matchedMovementId"]),
    (Feature::SubSpeciality, &["UpdateSubSpeciality"]),
    (Feature::WaveformSplit, &["WaveformHighFreqMessage"]),
    (Feature::WaveformLowFreq, &["WaveformLowFreqMessage"]),
];

/// Whether a peer with these features, and no tolerance, reads an otherwise empty message of a class with a property.
fn reads(features: Features, message: &Message, property: &str) -> bool {
    let property = if property.is_empty() { String::new() } else { format!(",\"{property}\":null") };
    let body = format!("{{\"@class\":\"{}\"{property}}}", message.class_name());
    Message::from_json_as(features, body.as_bytes()).is_ok()
}

#[test]
fn each_feature_switches_its_classes_and_properties_and_no_others() {
    for (feature, _) in OF_FEATURES {
        // Single values need channels, so they are looked at from the latest generation.
        let features = if feature == Feature::WaveformLowFreq {
            Features::chosen(Generation::Latest, "-waveform_low_freq").unwrap()
        } else {
            Features::chosen(Generation::Main, &format!("+{feature}")).unwrap()
        };
        for message in Message::of_each_class() {
            let class = message.class_name().rsplit('.').next().unwrap();
            let has = |name: &str| {
                let found = OF_FEATURES.iter().find(|(_, names)| names.contains(&name));
                found.is_none_or(|(feature, _)| features.has(*feature))
            };
            let old_form = class != "WaveformMessage" || !features.has(Feature::WaveformSplit);
            let expected = has(class) && old_form;
            assert_eq!(reads(features, &message, ""), expected, "{class} with {feature}");
            if !expected {
                continue;
            }
            for property in ["hospitalService", "admissionType", "matchedMovementId"] {
                let of_class = format!("{class}.{property}");
                let of_all = format!("*.{property}");
                let known = Message::from_json(
                    format!("{{\"@class\":\"{}\",\"{property}\":null}}", message.class_name()).as_bytes(),
                )
                .is_ok();
                let expected = known && has(&of_class) && has(&of_all);
                assert_eq!(reads(features, &message, property), expected, "{of_class} with {feature}");
                let written = body(&message, features).contains(&format!("\"{property}\""));
                // A movement is read over, and never sent.
                assert_eq!(written, expected && property != "matchedMovementId", "{of_class} with {feature}");
            }
        }
    }
}

#[test]
fn what_is_sent_to_a_generation_is_what_it_reads() {
    for generation in Generation::ALL {
        let features = Features::of(*generation);
        for message in Message::of_each_class().iter().filter(|message| reads(features, message, "")) {
            let body = body(message, features);
            assert_eq!(
                Message::from_json_as(features, body.as_bytes()).as_ref(),
                Ok(message),
                "{generation}"
            );
            // And by us, whatever the generation.
            assert_eq!(Message::from_json(body.as_bytes()).as_ref(), Ok(message), "{generation}");
        }
    }
}

/// The body of a waveform of the oldest class with these properties.
fn waveform(properties: &str) -> Result<Message, emap_interchange::DecodeError> {
    Message::from_json(
        wire(&format!(r#"{{"@class":"P.visit_observations.WaveformMessage",{properties}}}"#)).as_bytes(),
    )
}

#[test]
fn waveforms_are_read_by_their_old_and_their_new_names() {
    let expected = Waveform {
        source_stream_id: text("27"),
        mapped_stream_description: text("ECG"),
        ..Waveform::default()
    };
    let old = waveform(r#""sourceStreamId":"27","mappedStreamDescription":"ECG""#);
    assert_eq!(old, Ok(Message::of(expected.clone())));
    let new = waveform(r#""sourceVariableId":"27","sourceChannelId":"2","mappedVariableDescription":"ECG""#);
    assert_eq!(new, Ok(Message::of(Waveform { source_channel_id: text("2"), ..expected.clone() })));
    // Each thing by one name, but not all by the old or all by the new ones.
    let mixed = waveform(r#""mappedVariableDescription":"ECG","sourceStreamId":"27""#);
    assert_eq!(mixed, Ok(Message::of(expected)));
}

#[test]
fn a_thing_under_both_its_names_is_not_read() {
    for properties in [
        r#""sourceStreamId":"27","sourceVariableId":"27""#,
        r#""sourceVariableId":null,"unit":"uV","sourceStreamId":"27""#,
        r#""mappedStreamDescription":"ECG","mappedVariableDescription":"ECG""#,
    ] {
        assert_eq!(waveform(properties).unwrap_err().problem, Problem::NamedTwice, "{properties}");
    }
}

#[test]
fn fixtures_are_read_from_all_generations_and_checked_for_one() {
    let text = format!(
        "- \"@class\": \"{PACKAGE}.adt.UpdatePatientInfo\"\n  mrn: \"1\"\n  admissionType: null\n\
         - \"@class\": \"{PACKAGE}.adt.PendingDischarge\"\n  mrn: \"2\"\n"
    );
    assert_eq!(yaml::read(&text).unwrap().len(), 2);
    let faults = |generation| {
        let survey = yaml::survey_as(Some(Features::of(generation)), &text);
        survey.faults.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(faults(Generation::Latest), [""; 0]);
    assert_eq!(faults(Generation::Develop), ["[0].admissionType: unknown property (in line 3)"]);
    let [property, class] = &*faults(Generation::Main) else { panic!("{:?}", faults(Generation::Main)) };
    assert!(property.contains("admissionType: unknown property"), "{property}");
    assert!(class.contains("unknown class"), "{class}");
    // What is wrong in a message of an unknown class does not matter.
    let unknown = format!("\"@class\": \"{PACKAGE}.adt.PendingDischarge\"\nadmissionType: null\n");
    let survey = yaml::survey_as(Some(Features::default()), &unknown);
    let [fault] = &*survey.faults else { panic!("{:?}", survey.faults) };
    assert!(matches!(fault.problem, Problem::ClassUnknown(_)), "{fault}");
    let written = yaml::write_sequence_for(Features::default(), &yaml::read(&text).unwrap()[..1]);
    assert!(!written.contains("admissionType") && !written.contains("hospitalService"), "{written}");
}
