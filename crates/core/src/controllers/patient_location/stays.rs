//! The stays of a visit and their rows.

use emap_star::{Instant, RowState, Session, rows::LocationVisit};

use crate::{
    movement::{self, Stay},
    outcome::ProcessingError,
    repositories::location_visits,
};

/// The stays of the visit: the rows, and what they say.
pub(super) fn stored(
    session: &mut Session,
    hospital_visit_id: i64,
) -> Result<(Vec<LocationVisit>, Vec<Stay<i64>>), ProcessingError> {
    let rows: Vec<LocationVisit> =
        location_visits::of_visit(session, hospital_visit_id)?.into_iter().cloned().collect();
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
    session: &mut Session,
    hospital_visit_id: i64,
    stays: &[Stay<i64>],
    changed_at: Instant,
) -> Result<(), ProcessingError> {
    let (rows, stored) = stored(session, hospital_visit_id)?;
    let changes = movement::reconcile(&stored, stays);
    for row in changes.delete {
        session.delete::<LocationVisit>(rows[row].location_visit_id, changed_at);
    }
    for (row, stay) in changes.update {
        let mut row = RowState::existing(rows[row].clone(), changed_at);
        fill(&mut row, &stay);
        session.save(row)?;
    }
    for stay in changes.insert {
        let mut row = RowState::created(empty(session, hospital_visit_id, changed_at)?, changed_at);
        fill(&mut row, &stay);
        session.save(row)?;
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
    session: &mut Session,
    hospital_visit_id: i64,
    valid_from: Instant,
) -> Result<LocationVisit, ProcessingError> {
    Ok(LocationVisit {
        location_visit_id: session.next_id()?,
        stored_from: session.stored_from(),
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
