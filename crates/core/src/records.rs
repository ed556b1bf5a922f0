//! What the pipeline writes about each message beside the patient data: the effect log, and the rejects.

use std::time::Duration;

use emap_interchange::Message;
use emap_star::{
    Instant, MessageScope, SessionError,
    rows::{EtlMessageReject, EtlPerMessageLogging},
};

use crate::{
    incoming::Incoming,
    outcome::{Outcome, Report},
    rules::logged_time,
};

/// Characters that the effect log keeps of an identifier.
const LOGGED_IDENTIFIER: usize = 255;

/// When a message was worked on, and for how long.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Timing {
    pub(crate) started: Instant,
    pub(crate) ended: Instant,
    pub(crate) took: Duration,
}

/// Notes in the effect log how a decoded message ended. Times are UTC.
pub(crate) fn log_effect(
    rows: &mut MessageScope<'_>,
    message: &Message,
    report: &Report,
    timing: Timing,
) -> Result<(), SessionError> {
    let succeeded = report.outcome == Outcome::Success;
    let row = EtlPerMessageLogging {
        id: rows.next_id()?,
        source_id: message.source_message_id.as_deref().map(|id| storable(id, LOGGED_IDENTIFIER)),
        message_type: Some(message.class_name().to_owned()),
        message_datetime: logged_time(message).map(|at| at.naive_utc()),
        processing_start_time: Some(timing.started.naive_utc()),
        processing_end_time: Some(timing.ended.naive_utc()),
        process_message_duration: succeeded
            .then(|| i64::try_from(timing.took.as_nanos()).unwrap_or(i64::MAX)),
        error: Some(report.outcome.is_error()),
        message: report.reason.as_deref().map(|reason| storable(reason, usize::MAX)),
        stack_trace: report.reason.as_ref().map(|_| report.outcome.as_str().to_owned()),
    };
    rows.put(row)
}

/// Keeps a message that ended in an error, as it came.
pub(crate) fn keep_reject(
    rows: &mut MessageScope<'_>,
    incoming: &Incoming,
    reason: &str,
    at: Instant,
) -> Result<(), SessionError> {
    let message = incoming.message.as_ref().ok();
    let row = EtlMessageReject {
        source_id: incoming.source_id().map(|id| storable(id, usize::MAX)),
        message_type: message.map(|message| message.class_name().to_owned()),
        ..EtlMessageReject::new(
            rows.next_id()?,
            storable(&incoming.queue, usize::MAX),
            storable(reason, usize::MAX),
            storable(&String::from_utf8_lossy(&incoming.body), usize::MAX),
            at,
        )
    };
    rows.put(row)
}

/// A text that any text column takes: cut to so many characters, U+0000 shown as the replacement character. Bodies may
/// have many megabytes, so no more memory is taken than the text needs.
fn storable(text: &str, characters: usize) -> String {
    // A text has no more characters than bytes.
    let cut = if text.len() > characters { text.char_indices().nth(characters) } else { None };
    let text = cut.map_or(text, |(end, _)| &text[..end]);
    if text.contains('\0') { text.replace('\0', "\u{fffd}") } else { text.to_owned() }
}
