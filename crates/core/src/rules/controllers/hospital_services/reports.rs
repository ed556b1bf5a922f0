//! What was reported of a visit, and its rows.

use emap_star::rows::HospitalServiceEvent;

use crate::{
    failure::Failure,
    hospital_service::{Fact, FactKind},
    rules::repositories::hospital_services,
    scope::Scope,
};

/// A fact, and the place that it is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Report {
    /// The place as `department^room^bed`; none if the message names none.
    pub(super) place: Option<String>,
    /// What happened there.
    pub(super) fact: Fact,
}

impl Report {
    fn repeats(&self, other: &Self) -> bool {
        self.place == other.place && self.fact.repeats(&other.fact)
    }
}

/// All that was reported of the visit.
pub(super) fn known(scope: &mut Scope<'_, '_>, encounter: &str) -> Result<Vec<Report>, Failure> {
    Ok(hospital_services::reported(scope.rows, encounter)?.into_iter().filter_map(of_row).collect())
}

/// Adds a report to the known ones. Of a repeat that was recorded later its service counts from now on.
pub(super) fn note(scope: &mut Scope<'_, '_>, encounter: &str, report: &Report) -> Result<(), Failure> {
    let known = hospital_services::reported(scope.rows, encounter)?
        .into_iter()
        .find(|row| of_row(row).is_some_and(|known| known.repeats(report)))
        .cloned();
    let row = match known {
        Some(row) => {
            let Some(Report { mut fact, .. }) = of_row(&row) else { return Ok(()) };
            if !fact.absorb(&report.fact) {
                return Ok(());
            }
            HospitalServiceEvent { hospital_service: fact.service, recorded_datetime: fact.recorded, ..row }
        }
        None => HospitalServiceEvent {
            hospital_service: report.fact.service.clone(),
            location_string: report.place.clone(),
            recorded_datetime: report.fact.recorded,
            source_id: scope.source.message_id.map(str::to_owned),
            ..HospitalServiceEvent::new(
                scope.rows.next_id()?,
                scope.rows.stored_from(),
                encounter.to_owned(),
                report.fact.at,
                report.fact.kind.as_str().to_owned(),
            )
        },
    };
    scope.rows.put(row)?;
    Ok(())
}

/// Removes all that was reported of the visit, and returns it.
pub(super) fn take(scope: &mut Scope<'_, '_>, encounter: &str) -> Result<Vec<Report>, Failure> {
    let rows: Vec<HospitalServiceEvent> =
        hospital_services::reported(scope.rows, encounter)?.into_iter().cloned().collect();
    for row in &rows {
        scope.rows.delete::<HospitalServiceEvent>(row.hospital_service_event_id, scope.message_time);
    }
    Ok(rows.iter().filter_map(of_row).collect())
}

fn of_row(row: &HospitalServiceEvent) -> Option<Report> {
    let fact = Fact {
        kind: FactKind::from_name(&row.event_type)?,
        at: row.event_datetime,
        service: row.hospital_service.clone(),
        recorded: row.recorded_datetime,
    };
    Some(Report { place: row.location_string.clone(), fact })
}
