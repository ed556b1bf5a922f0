//! Problems: diagnoses and whatever else is on a patient's problem list.

use emap_hl7::{Segment, strip};
use emap_interchange::{Condition, ConditionAction, ConditionKind, InterchangeValue, Message};

use super::patient::{Patient, messages, readable};
use crate::{
    reasons::RejectReason,
    received::Received,
    segments::is_looked_through,
    values::{date, day, identifier, plain_or_empty, whole_number, wrapped, wrapped_date},
    views::{Nte, Prb, Pv1},
};

/// The problems of a message, in its order.
pub(crate) fn problems(received: &Received) -> Result<Vec<Message>, RejectReason> {
    let patients: Vec<_> = Patient::all(received).collect();
    let items = patients.iter().flat_map(|patient| {
        let visit_number = InterchangeValue::from_option(visit_number(patient));
        let problems = (1..).zip(patient.segments).filter(|(_, segment)| segment.is(Prb::NAME));
        problems.map(move |(position, segment)| {
            let prb = Prb::of(segment);
            let problem = problem(received, patient, &prb).map(|problem| {
                let comment = comment(&patient.segments[position..]);
                Condition { visit_number: visit_number.clone(), comment, ..problem }
            });
            (prb.id_place(), problem)
        })
    });
    Ok(messages(received, readable(received, items)?))
}

/// An in-patient's stands with the visit, an out-patient's with the patient.
fn visit_number(patient: &Patient) -> Option<String> {
    let visit = patient.segments_named(Pv1::NAME).next();
    let of_visit = visit.and_then(|visit| identifier(Pv1::of(visit).visit_number()));
    of_visit.or_else(|| identifier(patient.pid.account_number()))
}

fn problem(received: &Received, patient: &Patient, prb: &Prb) -> Result<Condition, RejectReason> {
    let action = action(prb)?;
    let updated_date_time = received.clock.event(prb.updated_at())?;
    let id = whole_number(&prb.id()).ok_or_else(|| RejectReason::Number(prb.id_place()))?;
    let (added_date, resolved_date) = (day(prb.added_on())?, date(prb.resolved_on())?);
    Ok(Condition {
        action: Some(action),
        updated_date_time,
        condition_code: Some(plain_or_empty(prb.code())),
        condition_name: wrapped(prb.name()),
        epic_condition_id: InterchangeValue::Save(id),
        status: wrapped(prb.status()),
        onset_date: wrapped_date(prb.began_on())?,
        ..patient.condition(ConditionKind::PatientProblem { added_date, resolved_date })
    })
}

fn action(prb: &Prb) -> Result<ConditionAction, RejectReason> {
    let action = prb.action().as_text().and_then(ConditionAction::from_hl7_code);
    action.ok_or_else(|| RejectReason::ConditionAction(prb.action_place()))
}

/// The notes of a problem, which follow it, up to a segment with notes of its own. Each line has a blank before it, the
/// first one too: receivers know it so.
fn comment(after: &[Segment]) -> InterchangeValue<String> {
    let own = after.iter().take_while(|segment| segment.is(Nte::NAME) || is_looked_through(segment.name()));
    let notes = own.filter(|segment| segment.is(Nte::NAME)).map(Nte::of);
    let mut comment = String::new();
    for line in notes.flat_map(|note| note.lines()) {
        comment.push(' ');
        comment.push_str(&line.value().literal().unwrap_or_default());
    }
    InterchangeValue::from_option(Some(comment).filter(|comment| !strip(comment).is_empty()))
}
