//! Pathology: orders with questions, reports as text and as documents.

mod report;

use emap_interchange::{LabOrder, Questions};

use super::{
    message::LabMessage,
    order::{add_life, order_number, requested, specimen_number},
};
use crate::{notes, orders::Order, reasons::Failure, values::plain_or_empty};

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let questions = if message.has_results() {
        Questions::default()
    } else {
        notes::questions(&order.notes, notes::ARROW)?.questions
    };
    let mut lab_order = requested(message, order)?;
    add_life(&mut lab_order, message, &order.orc)?;
    let (specimen, number) = (specimen_number(&order.orc), plain_or_empty(order.orc.placer_number()));
    // One of its two systems puts the number of the sample in the place of the order's.
    if number != specimen {
        lab_order.epic_care_order_number = order_number(number, lab_order.order_control_id.as_deref());
    }
    lab_order.lab_specimen_number = Some(specimen);
    lab_order.test_battery_local_code = lab_order.test_battery_local_code.map(battery);
    lab_order.questions = questions;
    if message.has_results() {
        let result_time = message.received.clock.event(order.obr.changed_at())?;
        lab_order.lab_results = report::results(message, order, result_time);
    }
    Ok(lab_order)
}

/// The two batteries that the laboratory's systems call by different codes.
fn battery(code: String) -> String {
    match code.as_str() {
        "H" => "UH".to_owned(),
        "C" => "UC".to_owned(),
        _ => code,
    }
}
