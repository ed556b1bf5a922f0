//! Which speciality cares for a patient: each message leaves a report, and the rows of the visit follow from all reports.

mod reports;
mod rows;

use emap_interchange::{Adt, AdtEvent};

use self::reports::Report;
use crate::{
    failure::Failure,
    hospital_service::{Fact, FactKind},
    rules::repositories::visits,
    scope::Scope,
};

/// Notes what the message says about the speciality, and brings the rows of the visit into line. A visit that is not
/// known is not made known by it; what was said of it counts as soon as it is.
pub(crate) fn update(scope: &mut Scope<'_, '_>, message: &Adt) -> Result<(), Failure> {
    let encounter = message.visit_number.as_deref().filter(|number| !number.is_empty());
    let (Some(encounter), Some(fact)) = (encounter, fact_of(message, scope)) else { return Ok(()) };
    let place = message.full_location_string.saved().map(String::as_str);
    reports::note(scope, encounter, &Report { place: place.map(str::to_owned), fact })?;
    bring_into_line(scope, encounter)
}

/// Brings the rows of the visit into line with what was reported, after a movement of it was planned or called off.
pub(crate) fn bring_into_line(scope: &mut Scope<'_, '_>, encounter: &str) -> Result<(), Failure> {
    let reports = reports::known(scope, encounter)?;
    if reports.is_empty() {
        return Ok(());
    }
    match visits::by_encounter(scope.rows, encounter)?.map(|visit| visit.hospital_visit_id) {
        Some(visit) => rows::derive(scope, visit, &reports),
        None => Ok(()),
    }
}

/// What was reported of a visit goes with it when it gets another number.
pub(crate) fn renumber(scope: &mut Scope<'_, '_>, previous: &str, encounter: &str) -> Result<(), Failure> {
    if previous == encounter {
        return Ok(());
    }
    for report in reports::take(scope, previous)? {
        reports::note(scope, encounter, &report)?;
    }
    bring_into_line(scope, encounter)
}

/// What was reported of a visit is forgotten.
pub(crate) fn forget(scope: &mut Scope<'_, '_>, encounter: &str) -> Result<(), Failure> {
    reports::take(scope, encounter).map(|_| ())
}

/// What the message says; most messages say nothing.
fn fact_of(message: &Adt, scope: &Scope<'_, '_>) -> Option<Fact> {
    let recorded = message.recorded_date_time;
    if let AdtEvent::CancelAdmitPatient { cancelled_date_time } = &message.event {
        let at = (*cancelled_date_time)?;
        return Some(Fact { kind: FactKind::CancelAdmission, at, service: None, recorded });
    }
    let service = message.event.hospital_service().filter(|service| !service.is_unknown())?;
    let kind = match &message.event {
        AdtEvent::AdmitPatient { .. } => FactKind::Admission,
        _ => FactKind::Update,
    };
    Some(Fact { kind, at: scope.message_time, service: service.saved().cloned(), recorded })
}
