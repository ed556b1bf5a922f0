//! Who the patient is: names, birth, death, sex, ethnicity, postcode.

use emap_interchange::Adt;
use emap_star::rows::{CoreDemographic, MrnId};

use crate::{
    assign::Assign,
    failure::Failure,
    rules::{repositories::identity, settings::Rules},
    scope::Scope,
};

/// Creates the demographics of a live identifier from any source; a trusted source that is newer than the last change
/// updates them.
pub(crate) fn update_demographics(
    scope: &mut Scope<'_, '_>,
    live_mrn_id: MrnId,
    message: &Adt,
) -> Result<(), Failure> {
    let known = identity::demographics(scope.rows, live_mrn_id)?.cloned();
    if let Some(known) = &known
        && (!scope.source.is_trusted()? || known.valid_from >= scope.message_time)
    {
        return Ok(());
    }
    let mut row = scope.open(known, |id| CoreDemographic::new(id, live_mrn_id))?;
    assign(&mut row, scope.rules, message);
    scope.rows.save(row)?;
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
