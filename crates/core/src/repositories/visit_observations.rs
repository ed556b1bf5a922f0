//! Observed values.

use emap_star::{
    Session, SessionError,
    rows::{
        HospitalVisit, ObservationByKey, ObservationByType, ObservationKey, VisitObservation,
        VisitObservationType,
    },
};

/// What was observed of a kind, during a visit, at a time.
pub(crate) fn by_key<'s>(
    session: &'s mut Session,
    key: &ObservationKey,
) -> Result<Option<&'s VisitObservation>, SessionError> {
    note_if_absent(session, key);
    session.find_one::<ObservationByKey>(key)
}

/// All values of a kind.
pub(crate) fn of_type(session: &mut Session, type_id: i64) -> Result<Vec<&VisitObservation>, SessionError> {
    session.children::<VisitObservationType, ObservationByType>(type_id)
}

/// The key that a value would have if it were of a kind.
pub(crate) fn key_under(value: &VisitObservation, visit_observation_type_id: i64) -> ObservationKey {
    ObservationKey {
        hospital_visit_id: value.hospital_visit_id,
        visit_observation_type_id,
        observation_datetime: value.observation_datetime,
    }
}

/// Makes all of these known with one question.
pub(crate) fn prefetch(session: &mut Session, keys: Vec<ObservationKey>) -> Result<(), SessionError> {
    for key in &keys {
        note_if_absent(session, key);
    }
    session.prefetch::<ObservationByKey>(keys)
}

/// During a visit that the batch creates, or of a kind that it creates, nothing is stored.
fn note_if_absent(session: &mut Session, key: &ObservationKey) {
    if session.is_new::<HospitalVisit>(key.hospital_visit_id)
        || session.is_new::<VisitObservationType>(key.visit_observation_type_id)
    {
        session.known_absent::<ObservationByKey>(key.clone());
    }
}
