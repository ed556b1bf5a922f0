//! Kinds of observation. Each identifier is unique within its family, which `source_observation_type` names.

use emap_star::{
    Session, SessionError,
    rows::{ObservationTypeByApplicationId, ObservationTypeByInterfaceId, VisitObservationType},
};

use super::only::only;

/// The kind with an identifier in HL7.
pub(crate) fn by_interface_id<'s>(
    session: &'s mut Session,
    id: &str,
    family: &str,
) -> Result<Option<&'s VisitObservationType>, SessionError> {
    let rows = session.find::<ObservationTypeByInterfaceId>(&id.to_owned())?;
    only(rows.into_iter().filter(|row| row.source_observation_type == family))
}

/// The kind with an identifier in the source system's own database.
pub(crate) fn by_application_id<'s>(
    session: &'s mut Session,
    id: &str,
    family: &str,
) -> Result<Option<&'s VisitObservationType>, SessionError> {
    let rows = session.find::<ObservationTypeByApplicationId>(&id.to_owned())?;
    only(rows.into_iter().filter(|row| row.source_observation_type == family))
}

/// Some kind, of whatever family, has both identifiers.
pub(crate) fn is_pair_known(
    session: &mut Session,
    interface_id: &str,
    application_id: &str,
) -> Result<bool, SessionError> {
    let rows = session.find::<ObservationTypeByInterfaceId>(&interface_id.to_owned())?;
    Ok(rows.iter().any(|row| row.id_in_application.as_deref() == Some(application_id)))
}

/// The kind with this primary key.
pub(crate) fn by_id(session: &mut Session, id: i64) -> Result<&VisitObservationType, SessionError> {
    session.get::<VisitObservationType>(id)
}
