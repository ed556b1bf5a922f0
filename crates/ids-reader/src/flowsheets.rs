//! Flowsheets: what is charted at the bedside, one message for each value.

mod value;

use emap_interchange::{Flowsheet, Message, ValueType};

use self::value::{LeftOut, Value};
use crate::{
    notes::comments,
    orders::{Observation, Orders},
    reasons::RejectReason,
    received::Received,
    values::{identifier, plain_or_empty, wrapped},
    views::Obr,
};

/// The values on the chart, in the order of the message. One that cannot be used is left out and harms no other.
pub(crate) fn flowsheets(received: &Received, orders: &Orders) -> Result<Vec<Message>, RejectReason> {
    if orders.all.is_empty() {
        return Err(RejectReason::Missing(Obr::NAME));
    }
    let chart = Flowsheet {
        mrn: identifier(orders.pid.mrn()),
        visit_number: Some(identifier(orders.pv1.visit_number()).unwrap_or_default()),
        source_application: Some(received.sender().unwrap_or_default()),
        is_real_time: Some(true),
        updated_time: received.recorded_at(orders.evn.as_ref())?,
        ..Flowsheet::default()
    };
    let observations = orders.all.iter().flat_map(|order| &order.observations);
    let mut messages = Vec::new();
    // Those left out are counted too, and all orders are counted through: an id names one observation of the message.
    for (number, observation) in (1..).zip(observations) {
        match charted(received, &chart, observation) {
            Ok(flowsheet) => messages.push(received.numbered_message(number, flowsheet)),
            Err(LeftOut::Wrong(place, reason)) => received.leave_out(place, reason),
            Err(reason) => tracing::warn!(id = received.source_id, %reason, "flowsheet value left out"),
        }
    }
    Ok(messages)
}

/// The message about one value; `chart` holds what is the same for all.
fn charted(received: &Received, chart: &Flowsheet, observation: &Observation) -> Result<Flowsheet, LeftOut> {
    let obx = &observation.obx;
    let wrong = |reason| LeftOut::Wrong(obx.code_place(), reason);
    let value = value::read(obx)?;
    let comment = comments(&observation.notes);
    if value.is_unknown() && comment.is_unknown() {
        return Err(LeftOut::NoValue(obx.value().place()));
    }
    let flowsheet = Flowsheet {
        interface_id: Some(plain_or_empty(obx.code())),
        comment,
        unit: wrapped(obx.unit()),
        observation_time: received.clock.event(obx.observed_at()).map_err(wrong)?,
        ..chart.clone()
    };
    Ok(match value {
        Value::Number(number) => {
            Flowsheet { value_type: Some(ValueType::Numeric), numeric_value: number, ..flowsheet }
        }
        Value::Date(date) => Flowsheet { value_type: Some(ValueType::Date), date_value: date, ..flowsheet },
        Value::Text(text) => Flowsheet { value_type: Some(ValueType::Text), string_value: text, ..flowsheet },
    })
}
