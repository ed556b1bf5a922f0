//! Kinds of observation: named by live messages with one identifier, by the warehouse with another, until a mapping
//! says that both mean the same.

use emap_interchange::FlowsheetMetadata;
use emap_star::{
    RowState,
    rows::{VisitObservationType, VisitObservationTypeId},
};

use crate::{
    assign::assign_if_null_or_newer,
    failure::{Failure, required},
    rules::repositories::flowsheets::{self, KindId},
    scope::Scope,
};

/// What a message calls a kind of observation.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Names<'m> {
    /// That by which the kind is looked up.
    id: KindId<'m>,
    /// Identifier in HL7.
    interface_id: Option<&'m str>,
    /// Identifier in the source system's own database.
    application_id: Option<&'m str>,
    /// Family within which the identifiers are unique.
    pub(super) family: &'m str,
}

impl<'m> Names<'m> {
    /// An empty text is no identifier: all that lacks one would be of one kind.
    pub(crate) fn new(
        interface_id: Option<&'m str>,
        application_id: Option<&'m str>,
        family: Option<&'m str>,
    ) -> Result<Self, Failure> {
        let interface_id = interface_id.filter(|id| !id.is_empty());
        let application_id = application_id.filter(|id| !id.is_empty());
        let id = required(KindId::of(interface_id, application_id), "neither interfaceId nor flowsheetId")?;
        let family = required(family, "sourceObservationType")?;
        Ok(Self { id, interface_id, application_id, family })
    }

    /// Both identifiers, in HL7 and in the source system, if the message gives both.
    pub(crate) fn pair(&self) -> Option<(&'m str, &'m str)> {
        self.interface_id.zip(self.application_id)
    }
}

/// The kind's primary key; a kind that no message mentioned before is created.
pub(crate) fn get_or_create(
    scope: &mut Scope<'_, '_>,
    names: Names<'_>,
) -> Result<VisitObservationTypeId, Failure> {
    if let Some(known) = flowsheets::kind_by_id(scope.rows, names.id, names.family)? {
        return Ok(known.visit_observation_type_id);
    }
    let kind = open(scope, names, None)?;
    let id = kind.visit_observation_type_id;
    scope.rows.save(kind)?;
    Ok(id)
}

/// A value of this kind was stored. Once live, a kind stays live.
pub(crate) fn note_observation(
    scope: &mut Scope<'_, '_>,
    kind_id: VisitObservationTypeId,
    is_real_time: bool,
) -> Result<(), Failure> {
    let known = flowsheets::kind(scope.rows, kind_id)?;
    let is_real_time = Some(is_real_time || known.is_real_time == Some(true));
    if known.has_visit_observation == Some(true) && known.is_real_time == is_real_time {
        return Ok(());
    }
    let mut kind = RowState::existing(known.clone(), scope.message_time);
    kind.has_visit_observation = Some(true);
    kind.is_real_time = is_real_time;
    scope.rows.save(kind)?;
    Ok(())
}

/// What the kind is called and is about.
pub(crate) fn describe(
    scope: &mut Scope<'_, '_>,
    names: Names<'_>,
    message: &FlowsheetMetadata,
) -> Result<(), Failure> {
    let known = flowsheets::kind_by_id(scope.rows, names.id, names.family)?.cloned();
    let mut kind = open(scope, names, known)?;
    let newer = kind.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut kind.name, newer);
    assign_if_null_or_newer(&message.display_name, &mut kind.display_name, newer);
    assign_if_null_or_newer(&message.description, &mut kind.description, newer);
    assign_if_null_or_newer(&message.value_type, &mut kind.primary_data_type, newer);
    assign_if_null_or_newer(&message.creation_instant, &mut kind.creation_datetime, newer);
    scope.rows.save(kind)?;
    Ok(())
}

/// Opens a kind as it is known, or else as a new one with these names.
pub(super) fn open(
    scope: &mut Scope<'_, '_>,
    names: Names<'_>,
    known: Option<VisitObservationType>,
) -> Result<RowState<VisitObservationType>, Failure> {
    let kind = scope.open(known, |id| VisitObservationType {
        has_visit_observation: Some(false),
        id_in_application: names.application_id.map(str::to_owned),
        interface_id: names.interface_id.map(str::to_owned),
        is_real_time: Some(false),
        ..VisitObservationType::new(id, names.family.to_owned())
    })?;
    Ok(kind)
}
