//! Imaging.

use emap_interchange::{InterchangeValue::Save, LabOrder, LabResult, OrderCodingSystem, Payload};

use super::orders::{order, questions, text};
use crate::{
    event::Event,
    labs::{IMAGING_QUESTIONS, Imaging},
};

pub(super) fn report(event: &Event, imaging: &Imaging) -> Payload {
    let system = OrderCodingSystem::Pacs;
    let part = |name: &str, line: &str, words: &str| LabResult {
        observation_sub_id: Some(line.to_owned()),
        ..text(name, system.as_str(), words, event.at)
    };
    let sample = (format!("RAD{:08}", imaging.number), imaging.examined);
    LabOrder {
        lab_results: vec![
            part("NARRATIVE", "1", &imaging.narrative.join("\n")),
            part("IMPRESSION", "3", imaging.impression),
        ],
        questions: questions(&IMAGING_QUESTIONS),
        order_control_id: Some("RE".to_owned()),
        order_status: Some("F".to_owned()),
        epic_care_order_number: Save(imaging.number.to_string()),
        // When the examination was is not known, only when it was requested.
        collection_date_time: None,
        requested_date_time: Save(imaging.examined),
        lab_department: Some("DX".to_owned()),
        result_status: Some("F".to_owned()),
        ..order(event, system, imaging.code, sample)
    }
    .into()
}
