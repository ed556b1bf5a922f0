//! Problems: diagnoses and whatever else is on a patient's problem list.

use emap_hl7::{Field, Segment};
use emap_interchange::{Condition, ConditionAction, ConditionKind, InterchangeValue, Message};

use super::patient::{Patient, messages};
use crate::{
    reasons::RejectReason,
    received::Received,
    values::{date, identifier, instant, plain_or_empty, whole_number, wrapped, wrapped_date},
    views::{Nte, Prb, Pv1},
};

/// Parts of a problem that have notes of their own: observations, goals, orders.
const WITH_NOTES: [&str; 4] = ["OBX", "GOL", "ORC", "OBR"];

/// The problems of a message, in its order.
pub(crate) fn problems(received: &Received) -> Result<Vec<Message>, RejectReason> {
    let mut problems = Vec::new();
    for patient in Patient::all(received) {
        let visit_number = InterchangeValue::from_option(visit_number(&patient));
        for (position, segment) in patient.segments.iter().enumerate() {
            if segment.is(Prb::NAME) {
                let problem = problem(received, &patient, &Prb::of(segment))?;
                let comment = comment(&patient.segments[position + 1..]);
                problems.push(Condition { visit_number: visit_number.clone(), comment, ..problem });
            }
        }
    }
    Ok(messages(received, problems))
}

/// An in-patient's stands with the visit, an out-patient's with the patient.
fn visit_number(patient: &Patient) -> Option<String> {
    let visit = patient.segments_named(Pv1::NAME).next();
    let of_visit = visit.and_then(|visit| identifier(Pv1::of(visit).visit_number()));
    of_visit.or_else(|| identifier(patient.pid.account_number()))
}

fn problem(received: &Received, patient: &Patient, prb: &Prb) -> Result<Condition, RejectReason> {
    let action = action(prb.action())?;
    let updated_date_time = instant(prb.updated_at(), received.zone)?;
    let epic_condition_id = InterchangeValue::Save(whole_number(prb.id())?);
    let (added_date, resolved_date) = (date(prb.added_on())?, date(prb.resolved_on())?);
    Ok(Condition {
        action: Some(action),
        updated_date_time,
        condition_code: Some(plain_or_empty(prb.code())),
        condition_name: wrapped(prb.name()),
        epic_condition_id,
        status: wrapped(prb.status()),
        onset_date: wrapped_date(prb.began_on())?,
        ..patient.condition(ConditionKind::PatientProblem { added_date, resolved_date })
    })
}

fn action(field: Field) -> Result<ConditionAction, RejectReason> {
    let action = field.value().as_text().and_then(ConditionAction::from_hl7_code);
    action.ok_or_else(|| RejectReason::ConditionAction(field.place()))
}

/// The notes of a problem, which follow it. Each line has a blank before it, the first one too: receivers know it so.
fn comment(after: &[Segment]) -> InterchangeValue<String> {
    let is_other =
        |segment: &Segment| segment.is(Prb::NAME) || WITH_NOTES.iter().any(|name| segment.is(name));
    let own = after.iter().take_while(|segment| !is_other(segment));
    let notes = own.filter(|segment| segment.is(Nte::NAME)).map(Nte::of);
    let lines = notes.flat_map(|note| note.lines()).filter_map(|line| line.value().literal());
    let comment: String = lines.flat_map(|line| [" ".into(), line]).collect();
    InterchangeValue::from_option(Some(comment).filter(|comment| !comment.is_empty()))
}
