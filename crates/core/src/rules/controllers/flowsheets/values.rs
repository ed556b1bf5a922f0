//! Values that were observed during visits.

use emap_interchange::{Flowsheet, ValueType};
use emap_star::{
    RowState,
    rows::{HospitalVisitId, ObservationKey, VisitObservation},
};

use super::kinds::{self, Names};
use crate::{
    assign::Assign,
    failure::{Cause, Failure, required},
    rules::repositories::flowsheets,
    scope::Scope,
};

/// Notes the value; the scope's time is that of the observation, newer is what was updated later. A deletion clears the value, the row stays.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    hospital_visit_id: HospitalVisitId,
    message: &Flowsheet,
) -> Result<(), Failure> {
    let value_type = required(message.value_type, "value type")?;
    let observed_at = scope.message_time;
    let scope = &mut scope.at(required(message.updated_time, "updatedTime")?);
    let names = Names::new(
        message.interface_id.as_deref(),
        message.flowsheet_id.as_deref(),
        message.source_observation_type.as_deref(),
    )?;
    let kind_id = kinds::get_or_create(scope, names)?;
    let key = ObservationKey {
        hospital_visit_id,
        visit_observation_type_id: kind_id,
        observation_datetime: observed_at,
    };
    let mut observation = open(scope, &key)?;
    if !observation.message_should_update(scope.message_time) {
        return Ok(());
    }
    assign_value(&mut observation, value_type, message)?;
    message.unit.assign_to(&mut observation.unit);
    message.comment.assign_to(&mut observation.comment);
    scope.rows.save(observation)?;
    let is_real_time = message.is_real_time.unwrap_or_default();
    kinds::note_observation(scope, kind_id, is_real_time)
}

/// Only the column of the value's type is touched.
fn assign_value(
    observation: &mut VisitObservation,
    value_type: ValueType,
    message: &Flowsheet,
) -> Result<(), Failure> {
    match value_type {
        ValueType::Numeric => message.numeric_value.assign_to(&mut observation.value_as_real),
        ValueType::Text => message.string_value.assign_to(&mut observation.value_as_text),
        ValueType::Date => message.date_value.assign_to(&mut observation.value_as_date),
        _ => {
            return Err(Cause::RequiredDataMissing("a number, a text or a date as the value type").into());
        }
    }
    Ok(())
}

fn open(scope: &mut Scope<'_, '_>, key: &ObservationKey) -> Result<RowState<VisitObservation>, Failure> {
    let source_system = scope.source.system()?;
    let known = flowsheets::by_key(scope.rows, key)?.cloned();
    let observation = scope.open(known, |id| {
        VisitObservation::new(
            id,
            key.observation_datetime,
            source_system.to_owned(),
            key.hospital_visit_id,
            key.visit_observation_type_id,
        )
    })?;
    Ok(observation)
}
