//! Who the patient is: names, birth, death, sex, ethnicity, postcode.

use emap_interchange::Adt;
use emap_star::{Instant, RowState, Session, rows::CoreDemographic};

use crate::{
    assign::Assign, outcome::ProcessingError, repositories::core_demographics, rules::Rules, source::Source,
};

/// Creates the demographics of a live identifier from any source; a trusted source that is newer than the last change
/// updates them.
pub(crate) fn create_or_update(
    session: &mut Session,
    rules: Rules,
    live_mrn_id: i64,
    message: &Adt,
    source: Source<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let mut row = match core_demographics::of_mrn(session, live_mrn_id)?.cloned() {
        Some(known) => {
            if !source.is_trusted()? || known.valid_from >= message_time {
                return Ok(());
            }
            RowState::existing(known, message_time)
        }
        None => RowState::created(empty(session, live_mrn_id, message_time)?, message_time),
    };
    assign(&mut row, rules, message);
    session.save(row)?;
    Ok(())
}

fn assign(row: &mut CoreDemographic, rules: Rules, message: &Adt) {
    message.patient_given_name.assign_to(&mut row.firstname);
    message.patient_middle_name.assign_to(&mut row.middlename);
    message.patient_family_name.assign_to(&mut row.lastname);
    message.patient_birth_date.assign_to(&mut row.date_of_birth);
    message.patient_birth_date_time.assign_to(&mut row.datetime_of_birth);
    message.patient_sex.assign_to(&mut row.sex);
    message.patient_zip_or_postal_code.assign_to(&mut row.home_postcode);
    message.ethnic_group.assign_to(&mut row.ethnicity);
    message.patient_is_alive.assign_to(&mut row.alive);
    message.patient_death_date_time.clone().map(|at| rules.local_date(at)).assign_to(&mut row.date_of_death);
    message.patient_death_date_time.assign_to(&mut row.datetime_of_death);
}

fn empty(
    session: &mut Session,
    mrn_id: i64,
    valid_from: Instant,
) -> Result<CoreDemographic, ProcessingError> {
    Ok(CoreDemographic {
        core_demographic_id: session.next_id()?,
        stored_from: session.stored_from(),
        valid_from,
        mrn_id,
        alive: None,
        date_of_birth: None,
        date_of_death: None,
        datetime_of_birth: None,
        datetime_of_death: None,
        ethnicity: None,
        firstname: None,
        home_postcode: None,
        lastname: None,
        middlename: None,
        sex: None,
    })
}
