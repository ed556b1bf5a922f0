//! Requests for consultations, and the names of their kinds.

use emap_interchange::{ConsultMetadata, ConsultRequest};

use super::patient;
use crate::{
    failure::{Failure, required},
    rules::{
        controllers::{consults, questions},
        repositories::questions::Parent,
    },
    scope::Context,
};

/// Patient, visit, request, then the questions, which are answered also by a message too old for the request.
pub(crate) fn process(context: Context<'_, '_>, message: &ConsultRequest) -> Result<(), Failure> {
    let message_time = required(message.status_change_date_time, "statusChangeDatetime");
    let mut scope = context.at(message_time.map_err(Failure::undoing_the_message)?);
    let visit = patient::visit(&mut scope, message.mrn.as_deref(), message.visit_number.as_deref())?;
    let request = consults::update(&mut scope, visit, message)?;
    questions::answer(&mut scope, Parent::Consult(request), &message.questions)
}

/// What a kind of consultation is called.
pub(crate) fn process_metadata(context: Context<'_, '_>, message: &ConsultMetadata) -> Result<(), Failure> {
    let mut scope = context.at(required(message.last_updated_date, "lastUpdatedDate")?);
    consults::name_kind(&mut scope, message)
}
