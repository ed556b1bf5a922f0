//! Pathology.

use emap_interchange::{
    InterchangeValue::{self, Save},
    LabOrder, LabResult, LabResultStatus, OrderCodingSystem, Payload, ValueType,
};

use super::orders::{order, text};
use crate::{
    event::Event,
    labs::{DOCUMENT, Histology},
};

pub(super) fn report(event: &Event, histology: &Histology) -> Payload {
    let system = OrderCodingSystem::CoPath;
    let [control, order_status, status] =
        if histology.report.is_some() { ["RE", "CM", "F"] } else { ["SN", "IP", "I"] };
    let results = histology.report.map(|lines| {
        let report = text("TEXT", system.as_str(), &lines.join("\n"), event.at);
        let document = LabResult {
            mime_type: Some(ValueType::Pdf),
            observation_sub_id: Some("1".to_owned()),
            string_value: InterchangeValue::Unknown,
            byte_value: Save(DOCUMENT.0.to_vec()),
            result_status: Some(LabResultStatus::Unknown),
            ..text("PDF", system.as_str(), "", event.at)
        };
        vec![report, document]
    });
    let sample = (format!("UH{:08}", histology.number), histology.collected);
    LabOrder {
        lab_results: results.unwrap_or_default(),
        order_control_id: Some(control.to_owned()),
        order_status: Some(order_status.to_owned()),
        order_date_time: InterchangeValue::from_option(histology.report.is_none().then_some(event.at)),
        collection_method: Save("Skin biopsy".to_owned()),
        lab_department: Some("H".to_owned()),
        result_status: Some(status.to_owned()),
        ..order(event, system, "UH", sample)
    }
    .into()
}
