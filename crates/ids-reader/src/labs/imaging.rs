//! Imaging: reports in parts, and single texts.

use emap_hl7::strip;
use emap_interchange::{Instant, InterchangeValue, LabOrder, LabResult, ValueType};
use indexmap::{IndexMap, map::Entry as MapEntry};

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
    values::{plain, plain_or_empty},
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
    let (specimen, number) = (specimen_number(&order.orc), plain_or_empty(order.orc.placer_number()));
    if number != specimen {
        lab_order.epic_care_order_number = InterchangeValue::from_hl7(Some(number));
    }
    lab_order.lab_specimen_number = Some(specimen);
    lab_order.questions = questions;
    let result_time = message.received.clock.event(order.obr.changed_at())?;
    lab_order.lab_results = results(message, &order.observations, result_time);
    Ok(lab_order)
}

/// Observations that give one result.
struct Entry<'o, 'a> {
    /// Name of the part of the report; `None`: an observation of its own.
    part: Option<&'static str>,
    first: &'o Obx<'a>,
    /// The lines of a part after the first.
    more: Vec<&'o Obx<'a>>,
}

/// What an observation is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Subject {
    /// A line of a part of the report.
    Part(&'static str),
    /// Something else with this identifier.
    Other(String),
}

fn results(
    message: &LabMessage,
    observations: &[Observation],
    result_time: Option<Instant>,
) -> Vec<LabResult> {
    let mut results = Vec::new();
    for entry in entries(message, observations) {
        match result(message, &entry) {
            Ok(result) => results.push(LabResult { result_time, ..result }),
            Err(reason) => message.received.leave_out(entry.first.value().place(), reason),
        }
    }
    results
}

/// The lines of each part of the report together; of other observations with the same identifier the last one. In the
/// order in which they begin.
///
/// An observation that calls itself by the name of a part would be taken for the part: beside its lines it is left out.
fn entries<'o, 'a>(
    message: &LabMessage,
    observations: &'o [Observation<'a>],
) -> impl Iterator<Item = Entry<'o, 'a>> + use<'o, 'a> {
    let signature_from = observations.len().checked_sub(SIGNATURE_LINES);
    let signature_from = signature_from.filter(|&index| begins_signature(&observations[index].obx));
    let mut entries = IndexMap::<Subject, Entry>::new();
    for (index, Observation { obx, .. }) in observations.iter().enumerate() {
        let is_signature = signature_from.is_some_and(|from| index >= from);
        let subject = if is_signature { Subject::of_code(SIGNATURE.to_owned()) } else { Subject::of(obx) };
        let part = subject.part();
        match entries.entry(subject) {
            MapEntry::Vacant(place) => {
                place.insert(Entry { part, first: obx, more: Vec::new() });
            }
            MapEntry::Occupied(place) if part.is_some() => place.into_mut().more.push(obx),
            // Keeps the place of the first.
            MapEntry::Occupied(place) => place.into_mut().first = obx,
        }
    }
    for (_, part) in PARTS {
        if entries.contains_key(&Subject::Part(part))
            && let Some(entry) = entries.shift_remove(&Subject::Other(part.to_owned()))
        {
            let place = entry.first.code_place();
            message.leave_out(place.clone(), RejectReason::ReportPart(place));
        }
    }
    entries.into_values()
}

impl Subject {
    fn of(obx: &Obx) -> Self {
        Self::of_code(identifier(obx))
    }

    fn part(&self) -> Option<&'static str> {
        match self {
            Self::Part(part) => Some(part),
            Self::Other(_) => None,
        }
    }

    fn of_code(code: String) -> Self {
        let part = PARTS.iter().find(|(known, _)| *known == code);
        part.map_or(Self::Other(code), |(_, part)| Self::Part(part))
    }
}

fn begins_signature(obx: &Obx) -> bool {
    let line = obx.values().next().map(|line| value::text_of(&obx.data_type(), line));
    line.as_deref() == Some(SIGNED) && identifier(obx) == NARRATIVE
}

/// The code; report lines have theirs behind an empty first part.
fn identifier(obx: &Obx) -> String {
    plain(obx.code()).unwrap_or_else(|| plain_or_empty(obx.second_code()))
}

fn result(message: &LabMessage, entry: &Entry) -> Result<LabResult, RejectReason> {
    let first = entry.first;
    if !matches!(first.data_type().as_text(), Some("ST" | "TX")) {
        return Err(RejectReason::NoReport(first.data_type_place()));
    }
    let mut result = around_value(message, first, None);
    result.test_item_coding_system = Some(PACS.to_owned());
    let Some(part) = entry.part else {
        value::set_text(&mut result, first);
        return Ok(result);
    };
    let lines = std::iter::once(&first).chain(&entry.more).map(|obx| line(obx));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    result.mime_type = Some(ValueType::Text);
    result.test_item_local_code = Some(part.to_owned());
    result.string_value = InterchangeValue::from_hl7(Some(strip(&lines.join("\n"))));
    Ok(result)
}

fn line(obx: &Obx) -> Result<String, RejectReason> {
    let data_type = obx.data_type();
    let mut values = obx.values();
    let line = values.next().map(|line| value::text_of(&data_type, line)).unwrap_or_default();
    if values.next().is_some() { Err(RejectReason::RepeatedLine(obx.value().place())) } else { Ok(line) }
}
