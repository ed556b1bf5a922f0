//! What happens to patients, visits and identities, from admission to merge; and what other messages imply about
//! patient and visit.

mod event;
mod patient;
mod segments;

use emap_interchange::{Adt, AdtEvent, Message, Payload};

use crate::convert::{Failure, Received, RejectReason};
use crate::values::plain;
use crate::views::Evn;
use segments::{Segments, Subject};

/// The message that an ADT trigger stands for.
pub(crate) fn event(received: &Received, trigger: &str) -> Result<Message, Failure> {
    let segments = Segments::find(received.message, Subject::of_trigger(trigger));
    let event = event::of_trigger(trigger, &segments, received.zone)?;
    Ok(message(received, &segments, event)?)
}

/// What a message about something else says of patient and visit.
pub(crate) fn implied(received: &Received) -> Result<Message, RejectReason> {
    let is_adt = received.msh.message_type().is("ADT");
    let subject = if is_adt { Subject::Visit } else { Subject::OrderOrResult };
    let segments = Segments::find(received.message, subject);
    message(received, &segments, AdtEvent::ImpliedAdtMessage)
}

fn message(received: &Received, segments: &Segments, event: AdtEvent) -> Result<Message, RejectReason> {
    let source_system = plain(received.msh.sending_application()).ok_or(RejectReason::NoSender)?;
    let written_at = crate::values::instant(received.msh.written_at(), received.zone)?;
    let recorded_at = match &segments.evn {
        Some(evn) => crate::values::instant(evn.recorded_at(), received.zone)?,
        None => written_at,
    };
    let evn = segments.evn.clone().unwrap_or_else(Evn::missing);
    let about_event = Adt {
        recorded_date_time: recorded_at,
        event_reason_code: plain(evn.reason_code()),
        event_occurred_date_time: crate::values::instant(evn.occurred_at(), received.zone)?,
        event,
        ..Adt::default()
    };
    let adt = patient::describe(about_event, segments, received.zone)?;
    Ok(Message {
        source_message_id: Some(received.source_id.to_owned()),
        source_system: Some(source_system),
        payload: Payload::Adt(Box::new(adt)),
    })
}
