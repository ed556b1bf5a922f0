//! What becomes of a row of the store: messages, nothing on purpose, or a reject.

use std::sync::Arc;

use chrono::Utc;
use emap_feed::{Convert, Output, Refusal};
use emap_ids::{IdsRow, Reject, RowText};
use emap_interchange::Message;
use emap_queue::GivenUp;
use emap_service::panics::planted;

use super::{
    arrival::{Arrived, Record},
    figures::Figures,
};
use crate::{
    convert::{ConversionOutcome, Converter, Header, message_id},
    reasons::{PartialReject, SkipReason},
    settings::ReaderSettings,
};

/// Converts rows in their order.
pub(super) struct Conversion {
    converter: Converter,
    figures: Arc<Figures>,
}

/// What a row gives.
#[derive(Default)]
pub(super) struct Sendable {
    pub(super) messages: Vec<Message>,
    /// Items that are left out.
    pub(super) partial: Option<Reject>,
}

/// Items of a message that a reject names: a report may have thousands of bad lines.
const MOST_ITEMS: usize = 20;

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

    /// The messages of a row, none of one that is skipped, and the reject of items that are left out; or the row's
    /// reject.
    pub(super) fn messages(&mut self, row: &IdsRow) -> Result<Sendable, Reject> {
        self.figures.row_read();
        let text = text(row).map_err(|reason| self.reject(row, None, &reason))?;
        planted(text);
        let conversion = self.converter.convert_stored(&message_id(row.unid), text, row.persist_datetime);
        let partial = Self::partial_reject(row, &conversion);
        match conversion.outcome {
            ConversionOutcome::Messages(messages) => {
                self.figures.converted(messages.len());
                Ok(Sendable { messages, partial })
            }
            ConversionOutcome::Skipped { reason } => {
                // What another setting would send is more than a detail.
                if matches!(reason, SkipReason::FeatureOff(_)) {
                    tracing::info!(unid = row.unid, %reason, "skipped");
                } else {
                    tracing::debug!(unid = row.unid, %reason, "skipped");
                }
                self.figures.skipped(reason.label());
                Ok(Sendable::default())
            }
            ConversionOutcome::Rejected { reason } => {
                let reason = Reason::new(reason.to_string(), reason.label());
                Err(self.reject(row, conversion.header.as_ref(), &reason))
            }
        }
    }

    /// The reject of items that are left out, with all places and reasons.
    fn partial_reject(row: &IdsRow, conversion: &crate::convert::Conversion) -> Option<Reject> {
        let first = conversion.partial.first()?;
        Figures::partially_rejected(first.reason.label());
        let words = |item: &PartialReject| format!("{}: {}", item.place, item.reason);
        let mut reasons: Vec<String> = conversion.partial.iter().take(MOST_ITEMS).map(words).collect();
        if conversion.partial.len() > MOST_ITEMS {
            reasons.push(format!("and {} more", conversion.partial.len() - MOST_ITEMS));
        }
        let reject = new_reject(row, conversion.header.as_ref(), reasons.join("; "));
        Some(Reject { partial: true, ..reject })
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
        new_reject(row, header, reason.words.clone())
    }
}

fn new_reject(row: &IdsRow, header: Option<&Header>, reason: String) -> Reject {
    let of_header = |part: fn(&Header) -> &String| header.map(part).filter(|text| !text.is_empty()).cloned();
    Reject {
        unid: row.unid,
        message_type: of_header(|header| &header.message_type),
        trigger_event: of_header(|header| &header.trigger),
        sender: of_header(|header| &header.sender),
        reason,
        rejected_at: Utc::now(),
        partial: false,
    }
}

impl Convert for Conversion {
    type Item = Arrived;
    type Record = Record;

    fn convert(&mut self, arrived: &Arrived, output: &mut Output<Record>) {
        let reject = match self.messages(&arrived.row) {
            Ok(Sendable { messages, partial }) => {
                send(&arrived.row, &messages, output);
                partial
            }
            Err(reject) => Some(reject),
        };
        if let Some(record) = Record::of(arrived, reject) {
            output.record(record);
        }
    }

    fn refuse(&mut self, arrived: &Arrived, refusal: &Refusal) -> Option<Record> {
        Record::of(arrived, Some(self.refused(&arrived.row, refusal)))
    }

    fn given_up(message: &GivenUp) -> Option<Record> {
        rejected_by_broker(message).map(|reject| Record { reject: Some(reject), gap: None })
    }
}

/// Adds the messages of a row, by the ids that they have, else by that of the row.
pub(super) fn send<R>(row: &IdsRow, messages: &[Message], output: &mut Output<R>) {
    for message in messages {
        match &message.source_message_id {
            Some(id) => output.message(id, message),
            None => output.message(&message_id(row.unid), message),
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
        partial: false,
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

    fn row(text: &str) -> IdsRow {
        let stored_at = "2024-01-05T10:31:00Z".parse().ok();
        let text = RowText::Text(text.as_bytes().to_vec());
        IdsRow { unid: 12_345_678_901, text, message_datetime: None, persist_datetime: stored_at }
    }

    fn conversion() -> Conversion {
        let converter = Converter::new(crate::ConvertSettings::default());
        Conversion { converter, figures: Arc::default() }
    }

    const ALLERGIES: &str =
        "MSH|^~\\&|EPIC||||20240105103000||ADT^A60|1|P|2.4\rPID|1||60020001\rIAM|1|Food|^NUTS|||A|17";

    #[test]
    fn items_that_are_left_out_are_one_partial_reject_of_the_row() {
        let bad = "\rIAM|2|Food|^MILK|||?|18";
        let found = conversion().messages(&row(&(ALLERGIES.to_owned() + bad))).unwrap();
        assert_eq!(found.messages.len(), 1);
        assert_eq!(found.messages[0].source_message_id.as_deref(), Some("12345678901$01"));
        let reject = found.partial.unwrap();
        assert!(reject.partial);
        assert_eq!((reject.unid, reject.trigger_event.as_deref()), (12_345_678_901, Some("A60")));
        assert_eq!(reject.reason, "IAM-7 (segment 4): IAM-6 (segment 4): unknown action");
        let many = conversion().messages(&row(&(ALLERGIES.to_owned() + &bad.repeat(30)))).unwrap();
        assert!(many.partial.unwrap().reason.ends_with("; and 10 more"));
    }

    #[test]
    fn the_time_of_the_row_counts() {
        assert!(conversion().messages(&row(ALLERGIES)).unwrap().partial.is_none());
        let ahead = conversion().messages(&row(&ALLERGIES.replace("20240105103000", "20260105103000")));
        assert!(
            ahead.is_err_and(|reject| !reject.partial && reject.reason.contains("more than a year after"))
        );
    }
}
