//! What the orders of all laboratories have in common.

use emap_hl7::strip;
use emap_interchange::{InterchangeValue, LabOrder};

use super::message::LabMessage;
use crate::{
    orders::{Order, OrderMessage},
    reasons::RejectReason,
    values::{identifier, leading_trimmed, plain_or_empty, trailing_trimmed},
    views::{Obr, Orc},
};

/// Patient, visit and everything of the OBR segment. An order without a time of collection cannot be placed.
pub(super) fn requested(message: &LabMessage, order: &Order) -> Result<LabOrder, RejectReason> {
    let lab_order = requested_at_any_time(message, order)?;
    if lab_order.collection_date_time.is_none() {
        return Err(RejectReason::CollectionTime(order.obr.collected_at().place()));
    }
    Ok(lab_order)
}

/// As [`requested`], for orders without a sample.
pub(super) fn requested_at_any_time(message: &LabMessage, order: &Order) -> Result<LabOrder, RejectReason> {
    let (obr, clock) = (&order.obr, message.received.clock);
    Ok(LabOrder {
        collection_date_time: clock.event(obr.collected_at())?,
        requested_date_time: clock.wrapped_event(obr.requested_at())?,
        clinical_information: clinical_information(obr),
        specimen_type: InterchangeValue::from_hl7(Some(plain_or_empty(obr.specimen()))),
        collection_method: InterchangeValue::from_hl7(Some(collection_method(obr))),
        status_change_time: clock.event(obr.changed_at())?,
        lab_department: Some(plain_or_empty(obr.department())),
        result_status: Some(plain_or_empty(obr.result_status())),
        parent_observation_identifier: Some(plain_or_empty(obr.parent_observation())),
        parent_sub_id: Some(plain_or_empty(obr.parent_sub_id())),
        test_battery_local_code: Some(plain_or_empty(obr.service_code())),
        test_battery_coding_system: Some(message.system.as_str().to_owned()),
        mrn: identifier(message.orders.pid.mrn()),
        visit_number: Some(visit_number(message)),
        ..LabOrder::default()
    })
}

/// Answers to orders have no visit segment.
fn visit_number(message: &LabMessage) -> String {
    let of_visit = match message.kind {
        OrderMessage::OrrO02 => None,
        _ => identifier(message.orders.pv1.visit_number()),
    };
    of_visit.or_else(|| identifier(message.orders.pid.account_number())).unwrap_or_default()
}

/// All parts of the method, separated by commas: an `&` in it is rarely meant as a separator.
fn collection_method(obr: &Obr) -> String {
    let parts = obr.collection_method().subcomponents().enumerate().map(|(index, part)| match index {
        0 => trailing_trimmed(part),
        _ => plain_or_empty(part),
    });
    parts.filter(|part| !strip(part).is_empty()).collect::<Vec<_>>().join(", ")
}

/// What the clinician wrote, else the reasons given for the order.
fn clinical_information(obr: &Obr) -> InterchangeValue<String> {
    let written = leading_trimmed(obr.clinical_information());
    if !written.is_empty() {
        return InterchangeValue::from_hl7(Some(written));
    }
    let reasons: Vec<_> = obr.reasons().map(|reason| leading_trimmed(reason.component(2).value())).collect();
    InterchangeValue::from_hl7(Some(strip(&reasons.join("\n"))))
}

/// Adds what the ORC segment says of the order's life: control code, status and the times that follow from the two.
///
/// Fails without a control code, as then nothing is known of what happened.
pub(super) fn add_life(
    lab_order: &mut LabOrder,
    message: &LabMessage,
    orc: &Orc,
) -> Result<(), RejectReason> {
    if orc.control().is_absent() {
        return Err(RejectReason::NoControl(orc.control_place()));
    }
    let control = plain_or_empty(orc.control());
    let changed_at = message.received.clock.wrapped_event(orc.changed_at())?;
    let happened_at = changed_at.saved().copied();
    match control.as_str() {
        "NW" | "SN" => {
            lab_order.order_date_time = changed_at;
            lab_order.status_change_time = happened_at;
        }
        "NA" | "CR" | "CA" | "OC" => lab_order.status_change_time = happened_at,
        "SC" => {
            if lab_order.result_status.as_deref() == Some(RECEIVED) {
                lab_order.sample_received_time = changed_at;
            }
            lab_order.status_change_time = lab_order.status_change_time.or(happened_at);
        }
        _ => {}
    }
    lab_order.order_control_id = Some(control);
    lab_order.order_status = Some(plain_or_empty(orc.status()));
    Ok(())
}

/// Status of an order whose sample is in the laboratory.
const RECEIVED: &str = "I";

/// The laboratory's number of the sample: of the order, else of its group.
pub(super) fn specimen_number(orc: &Orc) -> String {
    let own = plain_or_empty(orc.filler_number());
    if own.is_empty() { plain_or_empty(orc.group_number()) } else { own }
}

/// The hospital's number of an order; a cancelled order's is to be taken away.
pub(super) fn order_number(number: String, control: Option<&str>) -> InterchangeValue<String> {
    match control {
        Some("CA" | "CR" | "OC") => InterchangeValue::Delete(Some(number)),
        _ => InterchangeValue::from_hl7(Some(number)),
    }
}

/// Point-of-care devices send one time for all that happens to a sample after it was taken.
pub(super) fn set_all_times(
    lab_order: &mut LabOrder,
    message: &LabMessage,
    obr: &Obr,
) -> Result<(), RejectReason> {
    let received_at = message.received.clock.wrapped_event(obr.received_at())?;
    lab_order.status_change_time = received_at.saved().copied();
    lab_order.order_date_time = received_at.clone();
    lab_order.sample_received_time = received_at;
    Ok(())
}
