//! Whole bodies as peers write them, byte for byte in both directions.

use chrono::{NaiveDate, NaiveTime};
use emap_interchange::{
    Adt, AdtEvent, Features, Flowsheet, Form, FormAnswer, Generation, Instant, InterchangeValue, LabIsolate,
    LabOrder, LabResult, LabResultStatus, Message, PatientClass, Payload, PendingType, Questions, ValueType,
    Waveform,
};

use crate::shorthand::{at, save, text, wire};

/// The body is written for peers of the oldest generation, and the message read from the body.
fn assert_same(message: &Message, shorthand: &str) {
    assert_same_for(Generation::Main, message, shorthand);
}

/// The body is written for peers of a generation, and the message read from the body, by us and by them.
fn assert_same_for(generation: Generation, message: &Message, shorthand: &str) {
    let (features, body) = (Features::of(generation), wire(shorthand));
    assert_eq!(String::from_utf8(message.to_json_for(features)).unwrap(), body);
    assert_eq!(Message::from_json(body.as_bytes()).as_ref(), Ok(message));
    assert_eq!(Message::from_json_as(features, body.as_bytes()).as_ref(), Ok(message));
}

fn message(id: &str, system: &str, payload: impl Into<Payload>) -> Message {
    Message { source_message_id: text(id), source_system: text(system), payload: payload.into() }
}

fn date(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn save_instant(text: &str) -> InterchangeValue<Instant> {
    InterchangeValue::Save(at(text))
}

const DISCHARGE: &str = r#"
{"@class":"P.adt.DischargePatient","sourceMessageId":"0000412907","sourceSystem":"EPIC",
"recordedDateTime":1775201415.000000000,"eventReasonCode":null,
"eventOccurredDateTime":1775201340.125000000,"mrn":"51200784",
"nhsNumber":"9434765870","visitNumber":"730011902",
"modeOfArrival":{"@class":"P.InterchangeValue","value":"Taxi, \"own\"","status":"SAVE"},
"ethnicGroup":U,
"fullLocationString":{"@class":"P.InterchangeValue","value":"E07^E07 BAY2^BAY2-19","status":"SAVE"},
"previousLocationString":U,
"patientBirthDate":{"@class":"P.InterchangeValue","value":[1947,3,9],"status":"SAVE"},
"patientBirthDateTime":{"@class":"P.InterchangeValue","value":-720057600.000000000,"status":"SAVE"},
"patientClass":{"@class":"P.InterchangeValue","value":"SURGICAL_ADMISSION","status":"SAVE"},
"patientDeathDateTime":D,
"patientIsAlive":{"@class":"P.InterchangeValue","value":true,"status":"SAVE"},
"patientFamilyName":{"@class":"P.InterchangeValue","value":"Ólafsdóttir","status":"SAVE"},
"patientGivenName":{"@class":"P.InterchangeValue","value":"Þóra","status":"DELETE"},
"patientMiddleName":D,"patientReligion":U,"patientSex":U,"patientTitle":U,"patientZipOrPostalCode":U,
"admissionDateTime":{"@class":"P.InterchangeValue","value":1774942920.000000000,"status":"SAVE"},
"dischargeDateTime":1775201340.000000000,"dischargeDisposition":"Home","dischargeLocation":null}
"#;

fn discharge() -> Message {
    let adt = Adt {
        recorded_date_time: Some(at("2026-04-03T07:30:15Z")),
        event_occurred_date_time: Some(at("2026-04-03T07:29:00.125Z")),
        mrn: text("51200784"),
        nhs_number: text("9434765870"),
        visit_number: text("730011902"),
        mode_of_arrival: save("Taxi, \"own\""),
        full_location_string: save("E07^E07 BAY2^BAY2-19"),
        patient_birth_date: InterchangeValue::Save(date("1947-03-09")),
        patient_birth_date_time: save_instant("1947-03-09T00:00:00Z"),
        patient_class: InterchangeValue::Save(PatientClass::SurgicalAdmission),
        patient_death_date_time: InterchangeValue::Delete(None),
        patient_is_alive: InterchangeValue::Save(true),
        patient_family_name: save("Ólafsdóttir"),
        patient_given_name: InterchangeValue::Delete(Some("Þóra".to_owned())),
        patient_middle_name: InterchangeValue::Delete(None),
        event: AdtEvent::DischargePatient {
            admission_date_time: save_instant("2026-03-31T07:42:00Z"),
            discharge_date_time: Some(at("2026-04-03T07:29:00Z")),
            discharge_disposition: text("Home"),
            discharge_location: None,
        },
        ..Adt::default()
    };
    message("0000412907", "EPIC", adt)
}

#[test]
fn a_discharge() {
    assert_same(&discharge(), DISCHARGE);
}

#[test]
fn a_transfer() {
    let adt = Adt {
        recorded_date_time: Some(at("2027-02-14T03:12:09Z")),
        event_reason_code: text("BED_MOVE"),
        event_occurred_date_time: Some(at("2027-02-14T03:10:00.5Z")),
        mrn: text("51200784"),
        visit_number: text("730011902"),
        full_location_string: save("T06^T06 SR02^SR02-01"),
        previous_location_string: save("E07^E07 BAY2^BAY2-19"),
        patient_birth_date: InterchangeValue::Save(date("1947-03-09")),
        patient_birth_date_time: save_instant("1947-03-09T00:00:00Z"),
        patient_class: InterchangeValue::Save(PatientClass::Inpatient),
        patient_is_alive: InterchangeValue::Save(true),
        patient_family_name: save("Ní Dhómhnaill"),
        patient_title: InterchangeValue::delete(),
        event: AdtEvent::TransferPatient { admission_date_time: save_instant("2027-02-11T22:41:30Z") },
        ..Adt::default()
    };
    assert_same(
        &message("0000412990", "EPIC", adt),
        r#"
{"@class":"P.adt.TransferPatient","sourceMessageId":"0000412990","sourceSystem":"EPIC",
"recordedDateTime":1802574729.000000000,"eventReasonCode":"BED_MOVE",
"eventOccurredDateTime":1802574600.500000000,"mrn":"51200784","nhsNumber":null,"visitNumber":"730011902",
"modeOfArrival":U,"ethnicGroup":U,
"fullLocationString":{"@class":"P.InterchangeValue","value":"T06^T06 SR02^SR02-01","status":"SAVE"},
"previousLocationString":{"@class":"P.InterchangeValue","value":"E07^E07 BAY2^BAY2-19","status":"SAVE"},
"patientBirthDate":{"@class":"P.InterchangeValue","value":[1947,3,9],"status":"SAVE"},
"patientBirthDateTime":{"@class":"P.InterchangeValue","value":-720057600.000000000,"status":"SAVE"},
"patientClass":{"@class":"P.InterchangeValue","value":"INPATIENT","status":"SAVE"},
"patientDeathDateTime":U,
"patientIsAlive":{"@class":"P.InterchangeValue","value":true,"status":"SAVE"},
"patientFamilyName":{"@class":"P.InterchangeValue","value":"Ní Dhómhnaill","status":"SAVE"},
"patientGivenName":U,"patientMiddleName":U,"patientReligion":U,"patientSex":U,"patientTitle":D,
"patientZipOrPostalCode":U,
"admissionDateTime":{"@class":"P.InterchangeValue","value":1802385690.000000000,"status":"SAVE"}}
"#,
    );
}

#[test]
fn a_cancelled_plan() {
    let adt = Adt {
        recorded_date_time: Some(at("1970-01-01T00:00:00Z")),
        event_reason_code: text(""),
        event_occurred_date_time: Some(at("1969-12-31T23:59:58.5Z")),
        event: AdtEvent::CancelPendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: save("HDU^null^null"),
            hospital_service: InterchangeValue::Unknown,
            cancelled_date_time: Some(at("2026-04-03T07:29:00.000000007Z")),
        },
        ..Adt::default()
    };
    assert_same(
        &Message { source_system: text("ids"), ..Message::of(adt) },
        r#"
{"@class":"P.adt.CancelPendingTransfer","sourceMessageId":null,"sourceSystem":"ids",
"recordedDateTime":0.0,"eventReasonCode":"","eventOccurredDateTime":-2.500000000,"mrn":null,"nhsNumber":null,
"visitNumber":null,"modeOfArrival":U,"ethnicGroup":U,"fullLocationString":U,"previousLocationString":U,
"patientBirthDate":U,"patientBirthDateTime":U,"patientClass":U,"patientDeathDateTime":U,"patientIsAlive":U,
"patientFamilyName":U,"patientGivenName":U,"patientMiddleName":U,"patientReligion":U,"patientSex":U,
"patientTitle":U,"patientZipOrPostalCode":U,"pendingEventType":"TRANSFER",
"pendingDestination":{"@class":"P.InterchangeValue","value":"HDU^null^null","status":"SAVE"},
"cancelledDateTime":1775201340.000000007}
"#,
    );
}

/// A report, its order cancelled under one number, and a culture with one antibiotic.
fn lab_order() -> Message {
    let report = LabResult {
        mime_type: Some(ValueType::Pdf),
        test_item_local_code: text("RPT"),
        byte_value: InterchangeValue::Save(b"%PDF-1.7\n\xff\xfe".to_vec()),
        reference_high: InterchangeValue::Save(0.83),
        result_status: Some(LabResultStatus::Corrected),
        ..LabResult::default()
    };
    let sensitivity = LabResult {
        mime_type: Some(ValueType::Numeric),
        test_item_local_code: text("VANC"),
        numeric_value: InterchangeValue::Save(2.0),
        abnormal_flag: save("S"),
        result_operator: text("<"),
        ..LabResult::default()
    };
    let isolate = LabIsolate {
        isolate_code: text("STAU"),
        culture_type: save("aerobic \\ anaerobic"),
        sensitivities: vec![sensitivity],
        ..LabIsolate::new(text("66190"), text("1"))
    };
    let culture = LabResult {
        mime_type: Some(ValueType::LabIsolate),
        observation_sub_id: text("1"),
        result_time: Some(at("2027-02-14T11:00:00.25Z")),
        notes: save("first line\nsecond\tline"),
        lab_isolate: Some(Box::new(isolate)),
        epic_care_order_number: text("66190"),
        ..LabResult::default()
    };
    let order = LabOrder {
        lab_results: vec![report, culture],
        questions: Questions::from_iter([
            ("Which site?".to_owned(), text("left \"heel\"")),
            ("Fasting?".to_owned(), None),
        ]),
        order_control_id: text("OC"),
        epic_care_order_number: InterchangeValue::Delete(text("66190")),
        lab_specimen_number: text("27B104433"),
        specimen_type: save("SWAB"),
        collection_date_time: Some(at("2027-02-13T18:20:00Z")),
        status_change_time: Some(at("2027-02-14T11:00:00Z")),
        sample_received_time: InterchangeValue::delete(),
        mrn: text("51200784"),
        test_battery_local_code: text("WCUL"),
        test_battery_coding_system: text("WIN_PATH"),
        ..LabOrder::default()
    };
    message("0000412995_02", "WinPath", order)
}

#[test]
fn a_lab_order_with_report_culture_and_cancelled_number() {
    assert_same(
        &lab_order(),
        r#"
{"@class":"P.lab.LabOrderMsg","sourceMessageId":"0000412995_02","sourceSystem":"WinPath",
"labResultMsgs":[{"@class":"P.lab.LabResultMsg","mimeType":"PDF","testItemLocalCode":"RPT",
"testItemCodingSystem":"","observationSubId":"","numericValue":U,"stringValue":U,
"byteValue":{"@class":"P.InterchangeValue","value":"JVBERi0xLjcK//4=","status":"SAVE"},"units":U,
"referenceLow":U,"referenceHigh":{"@class":"P.InterchangeValue","value":0.83,"status":"SAVE"},
"abnormalFlag":D,"resultOperator":null,"resultStatus":"CORRECTED","resultTime":null,"notes":U,
"labIsolate":null,"epicCareOrderNumber":null},
{"@class":"P.lab.LabResultMsg","mimeType":"LAB_ISOLATE","testItemLocalCode":"","testItemCodingSystem":"",
"observationSubId":"1","numericValue":U,"stringValue":U,"byteValue":U,"units":U,"referenceLow":U,
"referenceHigh":U,"abnormalFlag":D,"resultOperator":null,"resultStatus":"UNKNOWN",
"resultTime":1802602800.250000000,
"notes":{"@class":"P.InterchangeValue","value":"first line\nsecond\tline","status":"SAVE"},
"labIsolate":{"@class":"P.lab.LabIsolateMsg","epicCareOrderNumber":"66190","isolateId":"1",
"isolateCode":"STAU","isolateName":null,
"cultureType":{"@class":"P.InterchangeValue","value":"aerobic \\ anaerobic","status":"SAVE"},
"quantity":U,"clinicalInformation":U,
"sensitivities":[{"@class":"P.lab.LabResultMsg","mimeType":"NUMERIC","testItemLocalCode":"VANC",
"testItemCodingSystem":"","observationSubId":"",
"numericValue":{"@class":"P.InterchangeValue","value":2.0,"status":"SAVE"},"stringValue":U,"byteValue":U,
"units":U,"referenceLow":U,"referenceHigh":U,
"abnormalFlag":{"@class":"P.InterchangeValue","value":"S","status":"SAVE"},"resultOperator":"<",
"resultStatus":"UNKNOWN","resultTime":null,"notes":U,"labIsolate":null,"epicCareOrderNumber":null}]},
"epicCareOrderNumber":"66190"}],
"questions":{"Which site?":"left \"heel\"","Fasting?":null},"orderControlId":"OC",
"epicCareOrderNumber":{"@class":"P.InterchangeValue","value":"66190","status":"DELETE"},
"labSpecimenNumber":"27B104433",
"specimenType":{"@class":"P.InterchangeValue","value":"SWAB","status":"SAVE"},"collectionMethod":U,
"sampleSite":U,"collectionDateTime":1802542800.000000000,"statusChangeTime":1802602800.000000000,
"orderDateTime":U,"sampleReceivedTime":D,"requestedDateTime":U,"labDepartment":"","orderStatus":null,
"resultStatus":null,"mrn":"51200784","visitNumber":null,"testBatteryLocalCode":"WCUL",
"testBatteryCodingSystem":"WIN_PATH","parentObservationIdentifier":"","parentSubId":"",
"clinicalInformation":U}
"#,
    );
}

#[test]
fn a_form() {
    let filed = Some(at("2027-02-14T12:00:00Z"));
    let score = FormAnswer {
        source_message_id: text("HLV_ID$90211"),
        question_id: text("SCORE#12"),
        context: text("ENCOUNTER"),
        filed_date_time: filed,
        numeric_value: InterchangeValue::Save(12_500_000.0),
        utc_date_time_value: save_instant("2027-02-14T11:59:30Z"),
        date_value: InterchangeValue::Save(date("2027-02-28")),
        boolean_value: InterchangeValue::Save(false),
        ..FormAnswer::default()
    };
    let form = Form {
        form_id: text("2120"),
        form_instance_id: text("NOTE_CSN$6051"),
        first_filed_date_time: filed,
        mrn: text("51200784"),
        answers: vec![score],
        ..Form::default()
    };
    assert_same(
        &Message { source_system: text("clarity"), ..Message::of(form) },
        r#"
{"@class":"P.form.FormMsg","sourceMessageId":null,"sourceSystem":"clarity","formId":"2120",
"formInstanceId":"NOTE_CSN$6051","firstFiledDatetime":1802606400.000000000,"visitNumber":null,
"mrn":"51200784","formAnswerMsgs":[{"@class":"P.form.FormAnswerMsg","sourceMessageId":"HLV_ID$90211",
"questionId":"SCORE#12","context":"ENCOUNTER","filedDatetime":1802606400.000000000,
"numericValue":{"@class":"P.InterchangeValue","value":1.25E7,"status":"SAVE"},"stringValue":U,
"utcDatetimeValue":{"@class":"P.InterchangeValue","value":1802606370.000000000,"status":"SAVE"},
"dateValue":{"@class":"P.InterchangeValue","value":[2027,2,28],"status":"SAVE"},
"booleanValue":{"@class":"P.InterchangeValue","value":false,"status":"SAVE"}}]}
"#,
    );
}

#[test]
fn a_flowsheet() {
    let flowsheet = Flowsheet {
        mrn: text("51200784"),
        interface_id: text("301060"),
        visit_number: text("730011902"),
        source_application: text("EPIC"),
        is_real_time: Some(true),
        value_type: Some(ValueType::Time),
        numeric_value: InterchangeValue::Save(-0.0005),
        string_value: InterchangeValue::delete(),
        time_value: InterchangeValue::Save(NaiveTime::from_hms_milli_opt(6, 5, 0, 8).unwrap()),
        comment: save("re-checked \u{1b}"),
        observation_time: Some(at("2027-02-14T06:05:00Z")),
        ..Flowsheet::default()
    };
    assert_same(
        &message("0000413001$03", "EPIC", flowsheet),
        r#"
{"@class":"P.visit_observations.Flowsheet","sourceMessageId":"0000413001$03","sourceSystem":"EPIC",
"sourceObservationType":"flowsheet","mrn":"51200784","interfaceId":"301060","visitNumber":"730011902",
"sourceApplication":"EPIC","isRealTime":true,"flowsheetId":null,"valueType":"TIME",
"numericValue":{"@class":"P.InterchangeValue","value":-5.0E-4,"status":"SAVE"},"stringValue":D,
"dateValue":U,"timeValue":{"@class":"P.InterchangeValue","value":[6,5,0,8000000],"status":"SAVE"},
"comment":{"@class":"P.InterchangeValue","value":"re-checked \u001B","status":"SAVE"},"unit":U,
"observationTime":1802585100.000000000,"updatedTime":null}
"#,
    );
}

#[test]
fn a_waveform() {
    let waveform = Waveform {
        observation_time: Some(at("2027-02-14T06:05:00.02Z")),
        source_location_string: text("UCHT03ICURM09"),
        mapped_location_string: text("T03^T03 SR09^SR09-09"),
        source_stream_id: text("59912"),
        mapped_stream_description: text("Airway Volume Waveform"),
        sampling_rate: 50,
        unit: text("mL"),
        numeric_values: InterchangeValue::Save(vec![0.5, -12.25, 3.0, f64::NEG_INFINITY]),
        ..Waveform::default()
    };
    assert_same(
        &Message { source_message_id: text("51cc0e_1_4"), ..Message::of(waveform) },
        r#"
{"@class":"P.visit_observations.WaveformMessage","sourceMessageId":"51cc0e_1_4","sourceSystem":null,
"sourceObservationType":"waveform","observationTime":1802585100.020000000,
"sourceLocationString":"UCHT03ICURM09","mappedLocationString":"T03^T03 SR09^SR09-09",
"sourceStreamId":"59912","mappedStreamDescription":"Airway Volume Waveform","samplingRate":50,"unit":"mL",
"numericValues":{"@class":"P.InterchangeValue","value":[0.5,-12.25,3.0,"-Infinity"],"status":"SAVE"}}
"#,
    );
}

#[test]
fn a_sample_that_is_no_number_stays_one() {
    let body = wire(
        r#"{"@class":"P.visit_observations.WaveformMessage","samplingRate":null,
"numericValues":{"@class":"P.InterchangeValue","value":["NaN",1,"2.5"],"status":"SAVE"}}"#,
    );
    let Payload::Waveform(waveform) = Message::from_json(body.as_bytes()).unwrap().payload else { panic!() };
    assert_eq!(waveform.sampling_rate, 0);
    let written = String::from_utf8(Message::of(*waveform).to_json()).unwrap();
    assert!(written.contains(r#""value":["NaN",1.0,2.5]"#), "{written}");
}

#[test]
fn content_is_compared_without_the_id_of_the_source() {
    let (one, mut other) = (discharge(), discharge());
    other.source_message_id = text("0000000001");
    assert!(one.same_content(&other));
    other.source_system = None;
    assert!(!one.same_content(&other));
}

#[test]
fn valid_from_prefers_when_it_happened() {
    let Payload::Adt(mut adt) = discharge().payload else { panic!("no ADT message") };
    assert_eq!(adt.valid_from(), Some(at("2026-04-03T07:29:00.125Z")));
    adt.event_occurred_date_time = None;
    assert_eq!(adt.valid_from(), Some(at("2026-04-03T07:30:15Z")));
    adt.recorded_date_time = None;
    assert_eq!(adt.valid_from(), None);
}
