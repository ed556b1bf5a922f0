//! Short ways to say what laboratories say.

pub(crate) use crate::messages::{asked, at, text};

use emap_interchange::{
    InterchangeValue::{self, Save},
    LabIsolate, LabMetadata, LabOrder, LabResult, LabResultStatus, LabsMetadataType, Message,
    OrderCodingSystem, Payload, ValueType,
};

use crate::messages::from;

/// From the laboratory's own system.
pub(crate) fn lab(content: impl Into<Payload>) -> Message {
    from("LAB", content)
}

/// From the system in which clinicians order.
pub(crate) fn ward(content: impl Into<Payload>) -> Message {
    from("WARD", content)
}

/// Battery `BAT` on specimen `S1` of patient `M1` during visit `V1`, without a number; its status is of this time.
pub(crate) fn order(time: &str) -> LabOrder {
    LabOrder {
        mrn: Some("M1".to_owned()),
        visit_number: Some("V1".to_owned()),
        lab_specimen_number: Some("S1".to_owned()),
        test_battery_local_code: Some("BAT".to_owned()),
        test_battery_coding_system: Some("WIN_PATH".to_owned()),
        lab_department: Some("CHEM".to_owned()),
        collection_date_time: Some(at("07:50")),
        status_change_time: Some(at(time)),
        ..LabOrder::default()
    }
}

/// The same with a number of the ordering system.
pub(crate) fn numbered(number: &str, time: &str) -> LabOrder {
    LabOrder { epic_care_order_number: text(number), ..order(time) }
}

/// The order with this number is cancelled.
pub(crate) fn cancelled(number: &str, time: &str) -> LabOrder {
    LabOrder { epic_care_order_number: InterchangeValue::Delete(Some(number.to_owned())), ..order(time) }
}

/// The order with these results.
pub(crate) fn with_results(results: Vec<LabResult>, order: LabOrder) -> LabOrder {
    LabOrder { lab_results: results, ..order }
}

pub(crate) fn number(code: &str, value: f64, time: &str) -> LabResult {
    LabResult {
        mime_type: Some(ValueType::Numeric),
        numeric_value: Save(value),
        units: text("mmol/L"),
        ..result(code, time)
    }
}

pub(crate) fn words(code: &str, value: &str, time: &str) -> LabResult {
    LabResult { mime_type: Some(ValueType::Text), string_value: text(value), ..result(code, time) }
}

pub(crate) fn pdf(code: &str, value: &[u8], time: &str) -> LabResult {
    LabResult { mime_type: Some(ValueType::Pdf), byte_value: Save(value.to_vec()), ..result(code, time) }
}

/// What grew, reported under the test `CULT`.
pub(crate) fn culture(isolate: LabIsolate, time: &str) -> LabResult {
    LabResult {
        mime_type: Some(ValueType::LabIsolate),
        lab_isolate: Some(Box::new(isolate)),
        ..result("CULT", time)
    }
}

/// An isolate and its responses to agents.
pub(crate) fn isolate(id: &str, code: &str, responses: &[(&str, &str)]) -> LabIsolate {
    let response = |(agent, flag): &(&str, &str)| LabResult {
        string_value: text(agent),
        abnormal_flag: text(flag),
        ..LabResult::default()
    };
    LabIsolate {
        isolate_id: Some(id.to_owned()),
        isolate_code: Some(code.to_owned()),
        isolate_name: Some(format!("organism {code}")),
        sensitivities: responses.iter().map(response).collect(),
        ..LabIsolate::default()
    }
}

fn result(code: &str, time: &str) -> LabResult {
    LabResult {
        test_item_local_code: Some(code.to_owned()),
        result_status: Some(LabResultStatus::Final),
        result_time: Some(at(time)),
        ..LabResult::default()
    }
}

/// Sodium, potassium, a comment and a report, all of one time.
pub(crate) fn four_results(time: &str) -> Vec<LabResult> {
    vec![
        LabResult { abnormal_flag: text("H"), ..number("NA", 151.0, time) },
        number("K", 4.5, time),
        words("NOTE", "slightly haemolysed", time),
        pdf("REP", b"%PDF one", time),
    ]
}

/// What a code of the central laboratory means.
pub(crate) fn named(kind: LabsMetadataType, code: &str, name: &str, time: &str) -> Message {
    lab(LabMetadata {
        short_code: Some(code.to_owned()),
        coding_system: Some(OrderCodingSystem::WinPath),
        name: Some(name.to_owned()),
        labs_metadata_type: Some(kind),
        valid_from: Some(at(time)),
    })
}
