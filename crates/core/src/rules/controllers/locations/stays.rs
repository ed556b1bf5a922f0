//! The stays of a visit and their rows.

use emap_star::{Instant, RowState, rows::LocationVisit};

use crate::{
    failure::Failure,
    movement::{self, Stay},
    rules::repositories::locations,
    scope::Scope,
};

/// The stays of the visit: the rows, and what they say.
pub(super) fn stored(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
) -> Result<(Vec<LocationVisit>, Vec<Stay<i64>>), Failure> {
    let rows: Vec<LocationVisit> =
        locations::stays_of(scope.session, hospital_visit_id)?.into_iter().cloned().collect();
    let stays = rows.iter().map(stay_of_row).collect();
    Ok((rows, stays))
}

fn stay_of_row(row: &LocationVisit) -> Stay<i64> {
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
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    stays: &[Stay<i64>],
    changed_at: Instant,
) -> Result<(), Failure> {
    let (rows, stored) = stored(scope, hospital_visit_id)?;
    let changes = movement::reconcile(&stored, stays);
    for row in changes.delete {
        scope.session.delete::<LocationVisit>(rows[row].location_visit_id, changed_at);
    }
    for (row, stay) in changes.update {
        let mut row = RowState::existing(rows[row].clone(), changed_at);
        fill(&mut row, &stay);
        scope.session.save(row)?;
    }
    for stay in changes.insert {
        let mut row = RowState::created(empty(scope, hospital_visit_id, changed_at)?, changed_at);
        fill(&mut row, &stay);
        scope.session.save(row)?;
    }
    Ok(())
}

fn fill(row: &mut LocationVisit, stay: &Stay<i64>) {
    row.location_id = stay.place;
    row.admission_datetime = Some(stay.admission);
    row.discharge_datetime = stay.discharge;
    row.inferred_admission = stay.inferred_admission;
    row.inferred_discharge = stay.inferred_discharge;
}

fn empty(
    scope: &mut Scope<'_>,
    hospital_visit_id: i64,
    valid_from: Instant,
) -> Result<LocationVisit, Failure> {
    Ok(LocationVisit {
        location_visit_id: scope.session.next_id()?,
        stored_from: scope.session.stored_from(),
        valid_from,
        hospital_visit_id,
        location_id: 0,
        parent_location_visit_id: None,
        admission_datetime: None,
        discharge_datetime: None,
        inferred_admission: false,
        inferred_discharge: false,
    })
}
