//! Requests of the record system: orders that come one in a message, with questions, and can be called off.

use emap_interchange::Instant;

use crate::{
    notes::{self, Notes},
    orders::Orders,
    reasons::RejectReason,
    received::Received,
    values::{identifier, joined_codes, plain_or_empty, whole_number},
};

/// The record system calls an order off, for whatever reason.
const CALLED_OFF: &str = "OC";
/// It does so because the patient is discharged.
const DISCHARGE: &str = "DISCHAUTO";

/// What all requests have in common.
pub(crate) struct Request {
    /// Number in the record system.
    pub(crate) number: i64,
    pub(crate) mrn: Option<String>,
    /// Empty if the message names no visit.
    pub(crate) visit_number: String,
    /// Code of what is requested.
    pub(crate) code: String,
    /// Name of what is requested.
    pub(crate) name: String,
    pub(crate) changed_at: Option<Instant>,
    /// When it is to happen, or begin to hold.
    pub(crate) scheduled_at: Option<Instant>,
    pub(crate) notes: Notes,
    /// A member of staff called it off.
    pub(crate) cancelled: bool,
    /// It was called off because the patient is discharged.
    pub(crate) closed_due_to_discharge: bool,
}

/// The request of a message that holds exactly one.
pub(crate) fn request(received: &Received, orders: &Orders) -> Result<Request, RejectReason> {
    let order = orders.only()?;
    let (orc, obr) = (&order.orc, &order.obr);
    let number = whole_number(&orc.placer_number());
    let called_off = orc.control().is(CALLED_OFF);
    let at_discharge = received.msh.occasion().is(DISCHARGE);
    Ok(Request {
        number: number.ok_or_else(|| RejectReason::Number(orc.placer_number_place()))?,
        mrn: identifier(orders.pid.mrn()),
        visit_number: identifier(orders.pv1.visit_number()).unwrap_or_default(),
        code: joined_codes(obr.procedure()),
        name: plain_or_empty(obr.alternate_service_name()),
        changed_at: received.clock.event(orc.changed_at())?,
        scheduled_at: received.clock.plan(obr.scheduled_at())?,
        notes: notes::questions(&order.notes, notes::ARROW)?,
        cancelled: called_off && !at_discharge,
        closed_due_to_discharge: called_off && at_discharge,
    })
}
