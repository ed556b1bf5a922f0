//! The main laboratory: orders with questions, results one by one, cultures with what grew and its sensitivities.

mod isolates;
mod sensitivities;

pub(super) use self::sensitivities::combine;

use emap_interchange::{Instant, LabOrder, LabResult, Questions};

use super::{
    message::{IsolateKey, LabMessage},
    order::{add_life, order_number, requested, specimen_number},
    result::around_value,
    value,
};
use crate::{
    notes::{self, comments},
    orders::{Observation, Order},
    reasons::{Failure, RejectReason},
    values::plain_or_empty,
    views::{Obr, Obx, Orc},
};

/// The number of a sample without the digit for the kind of container that may follow it.
const SPECIMEN_DIGITS: usize = 9;

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let (orc, obr) = (&order.orc, &order.obr);
    let mut lab_order = requested(message, order)?;
    add_life(&mut lab_order, message, orc)?;
    lab_order.lab_specimen_number = Some(short_specimen_number(orc)?);
    let number = checked_order_number(orc, obr)?;
    lab_order.epic_care_order_number = order_number(number.clone(), lab_order.order_control_id.as_deref());
    if message.has_results() {
        let result_time = message.received.clock.event(obr.changed_at())?;
        let about = AboutOrder { number, result_time };
        lab_order.lab_results = results(message, order, &about)?;
    } else {
        lab_order.questions = questions(order)?;
    }
    Ok(lab_order)
}

fn questions(order: &Order) -> Result<Questions, RejectReason> {
    Ok(notes::questions(&order.notes, notes::WIN_PATH)?.questions)
}

fn short_specimen_number(orc: &Orc) -> Result<String, RejectReason> {
    let number = specimen_number(orc);
    match number.char_indices().nth(SPECIMEN_DIGITS) {
        Some((end, _)) => Ok(number[..end].to_owned()),
        None if number.chars().count() == SPECIMEN_DIGITS => Ok(number),
        None => Err(RejectReason::SpecimenNumber(orc.filler_number_place())),
    }
}

/// The hospital's number of the order, which both segments must agree about.
fn checked_order_number(orc: &Orc, obr: &Obr) -> Result<String, RejectReason> {
    let number = plain_or_empty(obr.placer_number());
    if plain_or_empty(orc.placer_number()) == number {
        Ok(number)
    } else {
        Err(RejectReason::OrderNumbers(obr.placer_number_place()))
    }
}

/// What every result takes over from its order.
struct AboutOrder {
    number: String,
    result_time: Option<Instant>,
}

fn results(message: &LabMessage, order: &Order, about: &AboutOrder) -> Result<Vec<LabResult>, RejectReason> {
    let mut results = isolates::Results::default();
    for observation in &order.observations {
        let obx = &observation.obx;
        match result(message, observation, about) {
            Ok(read) => results.add(read, obx)?,
            Err(reason @ RejectReason::IsolateCode(_)) => {
                let key = IsolateKey {
                    order_number: about.number.clone(),
                    code: plain_or_empty(obx.code()),
                    sub_id: plain_or_empty(obx.sub_id()),
                };
                message.leave_isolate_out(key, obx.value().place(), reason);
            }
            Err(reason) => return Err(reason),
        }
    }
    Ok(results.into_all())
}

fn result(
    message: &LabMessage,
    observation: &Observation,
    about: &AboutOrder,
) -> Result<LabResult, RejectReason> {
    let obx = &observation.obx;
    let mut result = around_value(message, obx, None);
    value::set_text_or_number(&mut result, obx);
    if isolates::is_isolate(obx) {
        isolates::set_isolate(&mut result, obx, &about.number)?;
    } else if is_coded(obx) {
        return Err(RejectReason::CodedValue(obx.value().place()));
    }
    result.result_time = about.result_time;
    result.notes = comments(&observation.notes);
    result.epic_care_order_number = Some(about.number.clone());
    Ok(result)
}

/// Whether there is a value that consists of code and name.
fn is_coded(obx: &Obx) -> bool {
    obx.data_type().is("CE") && !obx.value_is_missing()
}
