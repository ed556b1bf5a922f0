//! The stays of a visit and their rows.

use emap_star::{
    Instant, RowState,
    rows::{HospitalVisitId, LocationId, LocationVisit},
};

use crate::{
    failure::Failure,
    movement::{self, Stay},
    rules::repositories::locations,
    scope::Scope,
};

/// The stays of the visit: the rows, and what they say.
pub(super) fn stored(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
) -> Result<(Vec<LocationVisit>, Vec<Stay<LocationId>>), Failure> {
    let rows: Vec<LocationVisit> =
        locations::stays_of(scope.rows, hospital_visit_id)?.into_iter().cloned().collect();
    let stays = rows.iter().map(stay_of_row).collect();
    Ok((rows, stays))
}

fn stay_of_row(row: &LocationVisit) -> Stay<LocationId> {
    Stay {
        place: row.location_id,
        // Stores that other software filled may lack it; the earliest known time then stands in.
        admission: row.admission_datetime.or(row.discharge_datetime).unwrap_or(row.valid_from),
        discharge: row.discharge_datetime,
        inferred_admission: row.inferred_admission || row.admission_datetime.is_none(),
        inferred_discharge: row.inferred_discharge,
    }
}

/// Changes the rows that differ from the stays. `changed_at`: hospital time from which changed rows hold.
pub(super) fn apply(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    stays: &[Stay<LocationId>],
    changed_at: Instant,
) -> Result<(), Failure> {
    let (rows, stored) = stored(scope, hospital_visit_id)?;
    let changes = movement::reconcile(&stored, stays);
    for row in changes.delete {
        scope.rows.delete::<LocationVisit>(rows[row].location_visit_id, changed_at);
    }
    for (row, stay) in changes.update {
        let mut row = RowState::existing(rows[row].clone(), changed_at);
        fill(&mut row, &stay);
        scope.rows.save(row)?;
    }
    for stay in changes.insert {
        let id = scope.rows.next_id()?;
        let mut row = LocationVisit::new(id, false, false, hospital_visit_id, stay.place);
        fill(&mut row, &stay);
        let row = RowState::created(row, changed_at);
        scope.rows.save(row)?;
    }
    Ok(())
}

fn fill(row: &mut LocationVisit, stay: &Stay<LocationId>) {
    row.location_id = stay.place;
    row.admission_datetime = Some(stay.admission);
    row.discharge_datetime = stay.discharge;
    row.inferred_admission = stay.inferred_admission;
    row.inferred_discharge = stay.inferred_discharge;
}
