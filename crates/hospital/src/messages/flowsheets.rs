//! Flowsheets: a message for each value.

use emap_interchange::{
    Flowsheet,
    InterchangeValue::{self, Save},
    Payload, ValueType,
};

use crate::{
    event::Event,
    flowsheets::{COMMENT, Charting, Sheet, Value},
};

pub(super) fn values(event: &Event, sheet: &Sheet) -> Vec<Payload> {
    sheet.values.iter().map(|charting| value(event, sheet, charting).into()).collect()
}

fn value(event: &Event, sheet: &Sheet, charting: &Charting) -> Flowsheet {
    let flowsheet = Flowsheet {
        mrn: event.mrn(),
        visit_number: event.visit_number(),
        source_application: Some(event.sender().to_owned()),
        is_real_time: Some(true),
        interface_id: Some(charting.code.to_string()),
        comment: InterchangeValue::from_option(charting.has_comment.then(|| COMMENT.join("\n"))),
        unit: InterchangeValue::from_hl7(Some(charting.unit)),
        observation_time: Some(sheet.observed),
        updated_time: Some(event.at),
        ..Flowsheet::default()
    };
    match &charting.value {
        Value::Number(number) => Flowsheet {
            value_type: Some(ValueType::Numeric),
            numeric_value: Save(number.value()),
            ..flowsheet
        },
        Value::Text(text) => {
            Flowsheet { value_type: Some(ValueType::Text), string_value: Save(text.clone()), ..flowsheet }
        }
    }
}
