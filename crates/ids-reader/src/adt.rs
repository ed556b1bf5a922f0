//! What happens to patients, visits and identities, from admission to merge; and what other messages imply about
//! patient and visit.

mod event;
mod patient;
mod segments;

use emap_interchange::{Adt, AdtEvent, Message, Payload};

use self::segments::{Layout, Segments};
use crate::{
    orders::Orders,
    reasons::{Failure, RejectReason, SkipReason},
    received::Received,
    values::plain,
    views::Evn,
};

/// The message that an ADT trigger stands for. None, however good or bad, if its receivers would not know it.
pub(crate) fn event(received: &Received, trigger: &str) -> Result<Message, Failure> {
    if let Some(feature) = event::feature_of(trigger).filter(|feature| !received.features.has(*feature)) {
        return Err(SkipReason::FeatureOff(feature).into());
    }
    let segments = Segments::find(received.message, Layout::of_trigger(trigger));
    let event = event::of_trigger(trigger, &segments, received.clock)?;
    Ok(message(received, &segments, event)?)
}

/// What an ADT message about something else says of patient and visit.
pub(crate) fn implied(received: &Received) -> Result<Message, RejectReason> {
    let segments = Segments::find(received.message, Layout::Visit);
    message(received, &segments, AdtEvent::ImpliedAdtMessage)
}

/// What an order or result says of patient and visit.
pub(crate) fn implied_by_orders(received: &Received, orders: &Orders) -> Result<Message, RejectReason> {
    message(received, &Segments::of_orders(orders), AdtEvent::ImpliedAdtMessage)
}

fn message(received: &Received, segments: &Segments, event: AdtEvent) -> Result<Message, RejectReason> {
    received.require_sender()?;
    // Read in any case: a message that cannot say when it was written is damaged.
    received.recorded_at(None)?;
    let recorded_date_time = received.recorded_at(segments.evn.as_ref())?;
    let evn = segments.evn.clone().unwrap_or_else(Evn::missing);
    let about_event = Adt {
        recorded_date_time,
        event_reason_code: plain(evn.reason_code()),
        event_occurred_date_time: received.clock.event(evn.occurred_at())?,
        event,
        ..Adt::default()
    };
    let adt = patient::describe(about_event, segments, received.clock)?;
    Ok(received.message(Payload::Adt(Box::new(adt))))
}
