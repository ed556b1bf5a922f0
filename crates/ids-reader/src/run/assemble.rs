//! From rows of the store to what is sent: conversion, ids for confirms, rejects.

use std::collections::HashSet;

use chrono::Utc;
use emap_ids::{IdsRow, Reject, RowText};
use emap_interchange::{Message, Outgoing};

use super::figures::Figures;
use crate::{ConversionOutcome, Converter, Header};

/// What some rows give.
#[derive(Default)]
pub(crate) struct Assembled {
    pub(crate) outgoing: Vec<Outgoing>,
    pub(crate) rejects: Vec<Reject>,
}

/// Converts the rows in their order.
pub(crate) fn assemble(converter: &mut Converter, rows: &[IdsRow], figures: &Figures) -> Assembled {
    let mut assembled = Assembled::default();
    for row in rows {
        figures.row_read();
        add_row(&mut assembled, converter, row, figures);
    }
    assembled
}

fn add_row(assembled: &mut Assembled, converter: &mut Converter, row: &IdsRow, figures: &Figures) {
    let text = match &row.text {
        RowText::Text(text) if text.iter().any(|byte| !byte.is_ascii_whitespace()) => text,
        RowText::Text(_) => return reject(assembled, row, None, "hl7message is empty", "empty", figures),
        RowText::Missing => return reject(assembled, row, None, "hl7message is null", "null", figures),
        RowText::Unreadable(reason) => {
            let reason = format!("hl7message cannot be read: {reason}");
            return reject(assembled, row, None, &reason, "unreadable", figures);
        }
    };
    let source_id = source_id(row.unid);
    let conversion = converter.convert(&source_id, text);
    match conversion.outcome {
        ConversionOutcome::Messages(messages) => {
            figures.converted(messages.len());
            add_messages(&mut assembled.outgoing, &source_id, &messages);
        }
        ConversionOutcome::Skipped { reason } => {
            tracing::debug!(unid = row.unid, %reason, "skipped");
            figures.skipped(reason.label());
        }
        ConversionOutcome::Rejected { reason } => {
            let (words, label) = (reason.to_string(), reason.label());
            reject(assembled, row, conversion.header.as_ref(), &words, label, figures);
        }
    }
}

/// The id of a row's messages; numbers beyond 32 bits only get longer.
fn source_id(unid: i64) -> String {
    crate::message_id(unid)
}

fn reject(
    assembled: &mut Assembled,
    row: &IdsRow,
    header: Option<&Header>,
    reason: &str,
    label: &'static str,
    figures: &Figures,
) {
    tracing::error!(unid = row.unid, reason, "rejected");
    figures.rejected(label);
    let of_header = |part: fn(&Header) -> &String| header.map(part).filter(|text| !text.is_empty()).cloned();
    assembled.rejects.push(Reject {
        unid: row.unid,
        message_type: of_header(|header| &header.message_type),
        trigger_event: of_header(|header| &header.trigger),
        sender: of_header(|header| &header.sender),
        reason: reason.to_owned(),
        rejected_at: Utc::now(),
    });
}

/// Confirms are told apart by id. Ids of different rows differ by their number; within a row the same id may occur
/// twice, then a running suffix makes the difference.
fn add_messages(outgoing: &mut Vec<Outgoing>, source_id: &str, messages: &[Message]) {
    let mut taken = HashSet::new();
    for message in messages {
        // The colon separates the id from that of the batch.
        let id = message.source_message_id.as_deref().unwrap_or(source_id).replace(':', "_");
        let id = if messages.len() == 1 { id } else { unused(id, &mut taken) };
        outgoing.push(Outgoing {
            correlation_id: id,
            type_name: message.class_name(),
            body: message.to_json(),
        });
    }
}

fn unused(id: String, taken: &mut HashSet<String>) -> String {
    let candidates = std::iter::once(id.clone()).chain((2..).map(|number| format!("{id}#{number}")));
    let mut free = candidates.filter(|candidate| !taken.contains(candidate));
    let free = free.next().unwrap_or(id);
    taken.insert(free.clone());
    free
}

#[cfg(test)]
mod tests {
    use super::*;
    use emap_interchange::{Adt, Payload};

    fn message(id: Option<&str>) -> Message {
        Message {
            source_message_id: id.map(str::to_owned),
            source_system: None,
            payload: Payload::Adt(Box::<Adt>::default()),
        }
    }

    #[test]
    fn ids_within_a_row_are_made_unique_and_free_of_colons() {
        let mut outgoing = Vec::new();
        let messages = [
            message(Some("7$01")),
            message(Some("7$01")),
            message(None),
            message(Some("a:b")),
            message(None),
        ];
        add_messages(&mut outgoing, "0000000007", &messages);
        let ids: Vec<&str> = outgoing.iter().map(|one| one.correlation_id.as_str()).collect();
        assert_eq!(ids, ["7$01", "7$01#2", "0000000007", "a_b", "0000000007#2"]);
    }

    #[test]
    fn numbers_of_any_size_give_an_id() {
        assert_eq!(source_id(42), "0000000042");
        assert_eq!(source_id(12_345_678_901), "12345678901");
    }
}
