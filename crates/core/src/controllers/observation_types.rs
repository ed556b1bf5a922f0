//! Kinds of observation: named by live messages with one identifier, by the warehouse with another, until a mapping
//! says that both mean the same.

use emap_interchange::FlowsheetMetadata;
use emap_star::{Instant, RowState, Session, rows::VisitObservationType};

use super::{opened::opened, visit_observations};
use crate::{
    assign::assign_if_null_or_newer, outcome::ProcessingError, repositories::visit_observation_types,
};

/// What a message calls a kind of observation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'m> {
    /// Identifier in HL7.
    interface_id: Option<&'m str>,
    /// Identifier in the source system's own database.
    application_id: Option<&'m str>,
    /// Family within which the identifiers are unique.
    family: &'m str,
}

impl<'m> Names<'m> {
    /// An empty text is no identifier: all that lacks one would be of one kind.
    pub(crate) fn new(
        interface_id: Option<&'m str>,
        application_id: Option<&'m str>,
        family: Option<&'m str>,
    ) -> Result<Self, ProcessingError> {
        let interface_id = interface_id.filter(|id| !id.is_empty());
        let application_id = application_id.filter(|id| !id.is_empty());
        if interface_id.is_none() && application_id.is_none() {
            return Err(ProcessingError::RequiredDataMissing("neither interfaceId nor flowsheetId"));
        }
        let family = family.ok_or(ProcessingError::Invalid("the message has no sourceObservationType"))?;
        Ok(Self { interface_id, application_id, family })
    }

    /// Both identifiers, in HL7 and in the source system, if the message gives both.
    pub(crate) fn pair(&self) -> Option<(&'m str, &'m str)> {
        self.interface_id.zip(self.application_id)
    }
}

/// The kind's primary key; the kind is created if nobody mentioned it before.
pub(crate) fn get_or_create(
    session: &mut Session,
    names: Names<'_>,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    if let Some(known) = find(session, names)? {
        return Ok(known.visit_observation_type_id);
    }
    let kind = open(session, names, None, message_time)?;
    let id = kind.visit_observation_type_id;
    session.save(kind)?;
    Ok(id)
}

/// A value of this kind was stored. Once live, a kind stays live.
pub(crate) fn note_observation(
    session: &mut Session,
    type_id: i64,
    is_real_time: bool,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let known = visit_observation_types::by_id(session, type_id)?;
    let is_real_time = Some(is_real_time || known.is_real_time == Some(true));
    if known.has_visit_observation == Some(true) && known.is_real_time == is_real_time {
        return Ok(());
    }
    let mut kind = RowState::existing(known.clone(), message_time);
    kind.has_visit_observation = Some(true);
    kind.is_real_time = is_real_time;
    session.save(kind)?;
    Ok(())
}

/// What the kind is called and is about.
pub(crate) fn describe(
    session: &mut Session,
    names: Names<'_>,
    message: &FlowsheetMetadata,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let known = find(session, names)?.cloned();
    let mut kind = open(session, names, known, message_time)?;
    let newer = kind.message_is_newer(message_time);
    assign_if_null_or_newer(&message.name, &mut kind.name, newer);
    assign_if_null_or_newer(&message.display_name, &mut kind.display_name, newer);
    assign_if_null_or_newer(&message.description, &mut kind.description, newer);
    assign_if_null_or_newer(&message.value_type, &mut kind.primary_data_type, newer);
    assign_if_null_or_newer(&message.creation_instant, &mut kind.creation_datetime, newer);
    session.save(kind)?;
    Ok(())
}

/// Both identifiers mean one kind. If each has a row so far, the warehouse's row stays and takes over the other's
/// observations.
pub(crate) fn map(
    session: &mut Session,
    interface_id: &str,
    application_id: &str,
    names: Names<'_>,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    if visit_observation_types::is_pair_known(session, interface_id, application_id)? {
        return Ok(());
    }
    let live = visit_observation_types::by_interface_id(session, interface_id, names.family)?.cloned();
    let warehouse =
        visit_observation_types::by_application_id(session, application_id, names.family)?.cloned();
    if let (Some(live), Some(warehouse)) = (&live, &warehouse) {
        let (from, to) = (live.visit_observation_type_id, warehouse.visit_observation_type_id);
        visit_observations::move_to_type(session, from, to, message_time)?;
        session.delete::<VisitObservationType>(from, message_time);
    }
    let mut kind = open(session, names, warehouse.or(live), message_time)?;
    kind.interface_id = Some(interface_id.to_owned());
    kind.id_in_application = Some(application_id.to_owned());
    session.save(kind)?;
    Ok(())
}

/// The kind by its identifier in HL7 if the message gives one, else by the other.
fn find<'s>(
    session: &'s mut Session,
    names: Names<'_>,
) -> Result<Option<&'s VisitObservationType>, ProcessingError> {
    Ok(match (names.interface_id, names.application_id) {
        (Some(id), _) => visit_observation_types::by_interface_id(session, id, names.family)?,
        (None, Some(id)) => visit_observation_types::by_application_id(session, id, names.family)?,
        (None, None) => None,
    })
}

fn open(
    session: &mut Session,
    names: Names<'_>,
    known: Option<VisitObservationType>,
    message_time: Instant,
) -> Result<RowState<VisitObservationType>, ProcessingError> {
    let kind = opened(session, known, message_time, |id, stored_from| VisitObservationType {
        visit_observation_type_id: id,
        stored_from,
        valid_from: message_time,
        creation_datetime: None,
        description: None,
        display_name: None,
        has_visit_observation: Some(false),
        id_in_application: names.application_id.map(str::to_owned),
        interface_id: names.interface_id.map(str::to_owned),
        is_real_time: Some(false),
        name: None,
        primary_data_type: None,
        source_observation_type: names.family.to_owned(),
        standardised_code: None,
        standardised_vocabulary: None,
    })?;
    Ok(kind)
}
