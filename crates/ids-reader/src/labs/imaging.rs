//! Imaging: reports in parts, and single texts.

use emap_interchange::{Instant, InterchangeValue, LabOrder, LabResult, ValueType};

use super::{
    message::LabMessage,
    order::{add_life, requested_at_any_time, specimen_number},
    result::around_value,
    value,
};
use crate::{
    notes,
    orders::{Observation, Order},
    reasons::{Failure, RejectReason},
    values::{instant, leading_trimmed, plain_or_empty, strip},
    views::Obx,
};

/// Name of the codes.
const PACS: &str = "PACS";
/// Codes of the lines of a report, and the part of the report that they make up.
const PARTS: [(&str, &str); 4] =
    [(NARRATIVE, "NARRATIVE"), ("ADT", "ADDENDA"), ("IMP", "IMPRESSION"), (SIGNATURE, "SIGNATURE")];
const NARRATIVE: &str = "GDT";
const SIGNATURE: &str = "SIG";
/// A report that was signed ends with this line and two more, sent as if they were part of the narrative.
const SIGNED: &str = "Signed by:";
const SIGNATURE_LINES: usize = 3;

pub(super) fn order(message: &LabMessage, order: &Order) -> Result<LabOrder, Failure> {
    let questions = notes::questions(&order.notes, notes::EQUALS)?.questions;
    let mut lab_order = requested_at_any_time(message, order)?;
    add_life(&mut lab_order, message, &order.orc)?;
    let (specimen, number) =
        (specimen_number(&order.orc), leading_trimmed(order.orc.placer_number().value()));
    if number != specimen {
        lab_order.epic_care_order_number = InterchangeValue::from_hl7(Some(number));
    }
    lab_order.lab_specimen_number = Some(specimen);
    lab_order.questions = questions;
    let result_time = instant(order.obr.changed_at(), message.received.zone)?;
    lab_order.lab_results = results(message, &order.observations, result_time)?;
    Ok(lab_order)
}

/// Observations that give one result.
struct Entry<'o, 'a> {
    /// Name of the part of the report, else the identifier of the observation.
    name: String,
    /// Whether lines are collected; if not, there is one observation.
    collects: bool,
    lines: Vec<&'o Obx<'a>>,
}

/// Why an entry gives no result.
#[derive(Debug, thiserror::Error)]
enum LeftOut {
    #[error("no text")]
    DataType,
    #[error("a line with several values")]
    Repeated,
}

fn results(
    message: &LabMessage,
    observations: &[Observation],
    result_time: Option<Instant>,
) -> Result<Vec<LabResult>, RejectReason> {
    let mut results = Vec::new();
    for entry in entries(observations)? {
        match result(message, &entry) {
            Ok(result) => results.push(LabResult { result_time, ..result }),
            Err(reason) => {
                let place = entry.lines[0].value().place();
                tracing::warn!(id = message.received.source_id, %place, %reason, "result left out");
            }
        }
    }
    Ok(results)
}

/// The lines of each part of the report together; of other observations with the same identifier the last one. In the
/// order in which they begin.
fn entries<'o, 'a>(observations: &'o [Observation<'a>]) -> Result<Vec<Entry<'o, 'a>>, RejectReason> {
    let signature_from = observations.len().checked_sub(SIGNATURE_LINES);
    let signature_from = signature_from.filter(|&index| begins_signature(&observations[index].obx));
    let mut entries: Vec<Entry> = Vec::new();
    for (index, Observation { obx, .. }) in observations.iter().enumerate() {
        let identifier = match signature_from {
            Some(from) if index >= from => SIGNATURE.to_owned(),
            _ => identifier(obx),
        };
        let part = PARTS.iter().find(|(code, _)| *code == identifier).map(|(_, part)| (*part).to_owned());
        let collects = part.is_some();
        let name = part.unwrap_or(identifier);
        match entries.iter_mut().find(|entry| entry.name == name) {
            None => entries.push(Entry { name, collects, lines: vec![obx] }),
            Some(entry) if collects => entry.collect(obx)?,
            Some(entry) => (entry.collects, entry.lines) = (false, vec![obx]),
        }
    }
    Ok(entries)
}

impl<'o, 'a> Entry<'o, 'a> {
    /// A line more. An observation that calls itself by the name of a part leaves no room for the part's lines.
    fn collect(&mut self, obx: &'o Obx<'a>) -> Result<(), RejectReason> {
        if !self.collects {
            return Err(RejectReason::ReportPart(obx.code_place()));
        }
        self.lines.push(obx);
        Ok(())
    }

    fn is_part(&self) -> bool {
        PARTS.iter().any(|(_, part)| *part == self.name)
    }
}

fn begins_signature(obx: &Obx) -> bool {
    let line = obx.values().next().map(|line| value::text_of(&obx.data_type(), line));
    line.as_deref() == Some(SIGNED) && identifier(obx) == NARRATIVE
}

/// The code; report lines have theirs behind an empty first part.
fn identifier(obx: &Obx) -> String {
    let code = leading_trimmed(obx.code());
    if code.is_empty() { plain_or_empty(obx.second_code()) } else { code }
}

fn result(message: &LabMessage, entry: &Entry) -> Result<LabResult, LeftOut> {
    let first = entry.lines[0];
    if !matches!(first.data_type().as_text(), Some("ST" | "TX")) {
        return Err(LeftOut::DataType);
    }
    let mut result = around_value(message, first, None);
    result.test_item_coding_system = Some(PACS.to_owned());
    if !entry.is_part() {
        value::set_text(&mut result, first);
        return Ok(result);
    }
    let lines: Vec<_> = entry.lines.iter().map(|obx| line(obx)).collect::<Result<_, _>>()?;
    result.mime_type = Some(ValueType::Text);
    result.test_item_local_code = Some(entry.name.clone());
    result.string_value = InterchangeValue::from_hl7(Some(strip(&lines.join("\n"))));
    Ok(result)
}

fn line(obx: &Obx) -> Result<String, LeftOut> {
    let data_type = obx.data_type();
    let mut values = obx.values();
    let line = values.next().map(|line| value::text_of(&data_type, line)).unwrap_or_default();
    if values.next().is_some() { Err(LeftOut::Repeated) } else { Ok(line) }
}
