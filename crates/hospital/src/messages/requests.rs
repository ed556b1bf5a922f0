//! Consult requests and advance decisions.

use emap_interchange::{AdvanceDecision, ConsultRequest, InterchangeValue, Payload, Questions};

use crate::{event::Event, requests::Request};

fn questions(request: &Request) -> Questions {
    let questions = request.questions.iter();
    questions.map(|(question, answer)| ((*question).to_owned(), Some((*answer).to_owned()))).collect()
}

pub(super) fn consult(event: &Event, request: &Request) -> Payload {
    ConsultRequest {
        epic_consult_id: request.number.try_into().ok(),
        mrn: event.mrn(),
        visit_number: event.visit_number(),
        consultation_type: Some(request.code.to_owned()),
        status_change_date_time: Some(event.at),
        scheduled_date_time: Some(request.scheduled),
        questions: questions(request),
        notes: InterchangeValue::Unknown,
        cancelled: request.is_called_off,
        closed_due_to_discharge: false,
    }
    .into()
}

pub(super) fn advance_decision(event: &Event, request: &Request) -> Payload {
    AdvanceDecision {
        advance_decision_number: request.number.try_into().ok(),
        mrn: event.mrn(),
        visit_number: event.visit_number(),
        advance_care_code: Some(request.code.to_owned()),
        advance_decision_type_name: Some(request.name.to_owned()),
        questions: questions(request),
        status_change_date_time: Some(event.at),
        requested_date_time: Some(request.scheduled),
        cancelled: request.is_called_off,
        closed_due_to_discharge: false,
    }
    .into()
}
