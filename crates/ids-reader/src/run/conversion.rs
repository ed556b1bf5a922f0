//! What becomes of a row of the store: messages, nothing on purpose, or a reject.

use std::sync::Arc;

use chrono::Utc;
use emap_feed::{Convert, Output, Refusal};
use emap_ids::{IdsRow, Reject, RowText};
use emap_interchange::Message;
use emap_queue::GivenUp;

use crate::{Converter, Header, Outcome, ReaderSettings};

use super::figures::Figures;

/// Converts rows in their order.
pub(super) struct Conversion {
    converter: Converter,
    figures: Arc<Figures>,
}

/// Why a row gives nothing, in words and as a label of metrics.
struct Reason {
    words: String,
    label: &'static str,
}

impl Reason {
    fn new(words: impl Into<String>, label: &'static str) -> Self {
        Self { words: words.into(), label }
    }
}

impl Conversion {
    pub(super) fn new(settings: &ReaderSettings, figures: &Arc<Figures>) -> Self {
        Self { converter: Converter::new(settings.conversion()), figures: Arc::clone(figures) }
    }

    /// The messages of a row, none of one that is skipped; or its reject.
    pub(super) fn messages(&mut self, row: &IdsRow) -> Result<Vec<Message>, Reject> {
        self.figures.row_read();
        let text = text(row).map_err(|reason| self.reject(row, None, &reason))?;
        let conversion = self.converter.convert(&source_id(row.unid), text);
        match conversion.outcome {
            Outcome::Messages(messages) => {
                self.figures.converted(messages.len());
                Ok(messages)
            }
            Outcome::Skipped { reason } => {
                tracing::debug!(unid = row.unid, %reason, "skipped");
                self.figures.skipped(reason.label());
                Ok(Vec::new())
            }
            Outcome::Rejected { reason } => {
                let reason = Reason::new(reason.to_string(), reason.label());
                Err(self.reject(row, conversion.header.as_ref(), &reason))
            }
        }
    }

    /// The reject of a row whose messages cannot be sent.
    pub(super) fn refused(&self, row: &IdsRow, refusal: &Refusal) -> Reject {
        let label = match refusal {
            Refusal::Panicked(_) => "panic",
            Refusal::TooLarge { .. } => "too large",
        };
        self.reject(row, None, &Reason::new(refusal.to_string(), label))
    }

    fn reject(&self, row: &IdsRow, header: Option<&Header>, reason: &Reason) -> Reject {
        tracing::error!(unid = row.unid, reason = reason.words, "rejected");
        self.figures.rejected(reason.label);
        let of_header =
            |part: fn(&Header) -> &String| header.map(part).filter(|text| !text.is_empty()).cloned();
        Reject {
            unid: row.unid,
            message_type: of_header(|header| &header.message_type),
            trigger_event: of_header(|header| &header.trigger),
            sender: of_header(|header| &header.sender),
            reason: reason.words.clone(),
            rejected_at: Utc::now(),
        }
    }
}

impl Convert for Conversion {
    type Item = IdsRow;
    type Record = Reject;

    fn convert(&mut self, row: &IdsRow, output: &mut Output<Reject>) {
        match self.messages(row) {
            Ok(messages) => send(row, &messages, output),
            Err(reject) => output.record(reject),
        }
    }

    fn refuse(&mut self, row: &IdsRow, refusal: &Refusal) -> Option<Reject> {
        Some(self.refused(row, refusal))
    }

    fn given_up(message: &GivenUp) -> Option<Reject> {
        rejected_by_broker(message)
    }
}

/// Adds the messages of a row, by the ids that they have, else by that of the row.
pub(super) fn send<R>(row: &IdsRow, messages: &[Message], output: &mut Output<R>) {
    for message in messages {
        match &message.source_message_id {
            Some(id) => output.message(id, message),
            None => output.message(&source_id(row.unid), message),
        }
    }
}

/// The reject of a row with a message that the broker does not take; its other messages are on the queue. The message's
/// id begins with the row's number.
pub(super) fn rejected_by_broker(message: &GivenUp) -> Option<Reject> {
    let digits = message.correlation_id.split(|character: char| !character.is_ascii_digit()).next()?;
    Some(Reject {
        unid: digits.parse().ok()?,
        message_type: None,
        trigger_event: None,
        sender: None,
        reason: format!("{} ({} bytes)", message.reason, message.bytes),
        rejected_at: Utc::now(),
    })
}

fn text(row: &IdsRow) -> Result<&[u8], Reason> {
    match &row.text {
        RowText::Text(text) if text.iter().any(|byte| !byte.is_ascii_whitespace()) => Ok(text),
        RowText::Text(_) => Err(Reason::new("hl7message is empty", "empty")),
        RowText::Missing => Err(Reason::new("hl7message is null", "null")),
        RowText::Unreadable(words) => {
            Err(Reason::new(format!("hl7message cannot be read: {words}"), "unreadable"))
        }
    }
}

/// The id of a row's messages; numbers beyond 32 bits only get longer.
fn source_id(unid: i64) -> String {
    i32::try_from(unid).map_or_else(|_| format!("{unid:010}"), crate::message_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_the_broker_refuses_is_a_reject_of_its_row() {
        let reason = emap_queue::GivenUpReason::AboveBrokersLimit;
        let message = GivenUp { correlation_id: "0000000042_03#2".to_owned(), bytes: 17, reason };
        let reject = rejected_by_broker(&message).unwrap();
        assert_eq!(reject.unid, 42);
        assert!(
            reject.reason.contains("max_message_size") && reject.reason.ends_with("(17 bytes)"),
            "{reject:?}"
        );
    }

    #[test]
    fn numbers_of_any_size_give_an_id() {
        assert_eq!(source_id(42), "0000000042");
        assert_eq!(source_id(12_345_678_901), "12345678901");
    }
}
