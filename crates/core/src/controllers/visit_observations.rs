//! Values that were observed during visits.

use emap_interchange::{Flowsheet, ValueType};
use emap_star::{
    Instant, RowState, Session,
    rows::{ObservationKey, VisitObservation},
};

use super::{
    observation_types::{self, Names},
    opened::opened,
};
use crate::{assign::Assign, outcome::ProcessingError, repositories::visit_observations, source::Source};

/// Notes the observed value. A deletion clears the value, the row stays.
pub(crate) fn update(
    session: &mut Session,
    hospital_visit_id: i64,
    message: &Flowsheet,
    observed_at: Instant,
    source: Source<'_>,
) -> Result<(), ProcessingError> {
    let value_type = message.value_type.ok_or(ProcessingError::RequiredDataMissing("value type"))?;
    let message_time =
        message.updated_time.ok_or(ProcessingError::Invalid("the observation has no updatedTime"))?;
    let names = Names::new(
        message.interface_id.as_deref(),
        message.flowsheet_id.as_deref(),
        message.source_observation_type.as_deref(),
    )?;
    let type_id = observation_types::get_or_create(session, names, message_time)?;
    let key = ObservationKey {
        hospital_visit_id,
        visit_observation_type_id: type_id,
        observation_datetime: observed_at,
    };
    let mut observation = open(session, &key, source.system()?, message_time)?;
    if !observation.message_should_update(message_time) {
        return Ok(());
    }
    assign_value(&mut observation, value_type, message)?;
    message.unit.assign_to(&mut observation.unit);
    message.comment.assign_to(&mut observation.comment);
    session.save(observation)?;
    let is_real_time = message.is_real_time.unwrap_or_default();
    observation_types::note_observation(session, type_id, is_real_time, message_time)
}

/// Only the column of the value's type is touched.
fn assign_value(
    observation: &mut VisitObservation,
    value_type: ValueType,
    message: &Flowsheet,
) -> Result<(), ProcessingError> {
    match value_type {
        ValueType::Numeric => message.numeric_value.assign_to(&mut observation.value_as_real),
        ValueType::Text => message.string_value.assign_to(&mut observation.value_as_text),
        ValueType::Date => message.date_value.assign_to(&mut observation.value_as_date),
        _ => {
            return Err(ProcessingError::RequiredDataMissing("a number, a text or a date as the value type"));
        }
    }
    Ok(())
}

fn open(
    session: &mut Session,
    key: &ObservationKey,
    source_system: &str,
    message_time: Instant,
) -> Result<RowState<VisitObservation>, ProcessingError> {
    let known = visit_observations::by_key(session, key)?.cloned();
    let observation = opened(session, known, message_time, |id, stored_from| VisitObservation {
        visit_observation_id: id,
        stored_from,
        valid_from: message_time,
        comment: None,
        observation_datetime: key.observation_datetime,
        source_system: source_system.to_owned(),
        unit: None,
        value_as_date: None,
        value_as_real: None,
        value_as_text: None,
        hospital_visit_id: key.hospital_visit_id,
        visit_observation_type_id: key.visit_observation_type_id,
    })?;
    Ok(observation)
}

/// The values of one kind turn out to be of another. Where both kinds have a value of one visit and time, the one that
/// was changed last stays.
pub(super) fn move_to_type(
    session: &mut Session,
    from: i64,
    to: i64,
    moved_at: Instant,
) -> Result<(), ProcessingError> {
    let moving: Vec<VisitObservation> =
        visit_observations::of_type(session, from)?.into_iter().cloned().collect();
    let new_key = |value: &VisitObservation| visit_observations::key_under(value, to);
    visit_observations::prefetch(session, moving.iter().map(new_key).collect())?;
    for value in moving {
        if let Some(other) = visit_observations::by_key(session, &new_key(&value))? {
            let other_is_newer = other.valid_from >= value.valid_from;
            let older = if other_is_newer { value.visit_observation_id } else { other.visit_observation_id };
            session.delete::<VisitObservation>(older, moved_at);
            if other_is_newer {
                continue;
            }
        }
        let mut value = RowState::existing(value, moved_at);
        value.visit_observation_type_id = to;
        session.save(value)?;
    }
    Ok(())
}
