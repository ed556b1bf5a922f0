//! Observations, and their kinds. Each identifier of a kind is unique within its family, which
//! `source_observation_type` names.

use emap_interchange::{Flowsheet, FlowsheetMetadata, Instant};
use emap_star::{
    SessionError, UnitOfWork,
    rows::{
        HospitalVisit, ObservationByKey, ObservationByType, ObservationKey, ObservationTypeByApplicationId,
        ObservationTypeByInterfaceId, VisitObservation, VisitObservationType, VisitObservationTypeId,
    },
};

use super::{at_most_one::at_most_one, in_memory::ids_under, visits};

/// One identifier of a kind of observation.
#[derive(Debug, Clone, Copy)]
pub(crate) enum KindId<'m> {
    /// In HL7.
    Interface(&'m str),
    /// In the source system's own database.
    Application(&'m str),
}

impl<'m> KindId<'m> {
    /// By which a kind is looked up: the identifier in HL7 if there is one, else the other. An empty text is no
    /// identifier: all that lacks one would be of one kind.
    pub(crate) fn of(interface_id: Option<&'m str>, application_id: Option<&'m str>) -> Option<Self> {
        let given = |id: Option<&'m str>| id.filter(|id| !id.is_empty());
        given(interface_id).map(Self::Interface).or(given(application_id).map(Self::Application))
    }
}

/// The kind with an identifier, within a family.
pub(crate) fn kind_by_id<'s>(
    work: &'s mut UnitOfWork,
    id: KindId<'_>,
    family: &str,
) -> Result<Option<&'s VisitObservationType>, SessionError> {
    let rows = match id {
        KindId::Interface(id) => work.find::<ObservationTypeByInterfaceId>(&id.to_owned())?,
        KindId::Application(id) => work.find::<ObservationTypeByApplicationId>(&id.to_owned())?,
    };
    Ok(at_most_one(rows.into_iter().filter(|row| row.source_observation_type == family)))
}

/// Some kind, of whatever family, has both identifiers.
pub(crate) fn is_pair_known(
    work: &mut UnitOfWork,
    interface_id: &str,
    application_id: &str,
) -> Result<bool, SessionError> {
    let rows = work.find::<ObservationTypeByInterfaceId>(&interface_id.to_owned())?;
    Ok(rows.iter().any(|row| row.id_in_application.as_deref() == Some(application_id)))
}

/// The kind with this primary key.
pub(crate) fn kind(
    work: &mut UnitOfWork,
    id: VisitObservationTypeId,
) -> Result<&VisitObservationType, SessionError> {
    work.get::<VisitObservationType>(id)
}

/// What was observed of a kind, during a visit, at a time.
pub(crate) fn by_key<'s>(
    work: &'s mut UnitOfWork,
    key: &ObservationKey,
) -> Result<Option<&'s VisitObservation>, SessionError> {
    note_if_absent(work, key);
    work.find_one::<ObservationByKey>(key)
}

/// All values of a kind, and what their keys under another kind already mean, read with one question each.
pub(crate) fn moving(
    work: &mut UnitOfWork,
    from: VisitObservationTypeId,
    to: VisitObservationTypeId,
) -> Result<Vec<VisitObservation>, SessionError> {
    let values = work.children::<VisitObservationType, ObservationByType>(from)?;
    let values: Vec<_> = values.into_iter().cloned().collect();
    let keys: Vec<_> = values.iter().map(|value| key_under(value, to)).collect();
    for key in &keys {
        note_if_absent(work, key);
    }
    work.prefetch::<ObservationByKey>(keys)?;
    Ok(values)
}

/// The key that a value would have if it were of a kind.
pub(crate) fn key_under(
    value: &VisitObservation,
    visit_observation_type_id: VisitObservationTypeId,
) -> ObservationKey {
    ObservationKey {
        hospital_visit_id: value.hospital_visit_id,
        visit_observation_type_id,
        observation_datetime: value.observation_datetime,
    }
}

/// During a visit that the batch creates, or of a kind that it creates, nothing is stored.
fn note_if_absent(work: &mut UnitOfWork, key: &ObservationKey) {
    if work.is_new::<HospitalVisit>(key.hospital_visit_id)
        || work.is_new::<VisitObservationType>(key.visit_observation_type_id)
    {
        work.known_absent::<ObservationByKey>(key.clone());
    }
}

/// What messages call kinds of observation, and what was observed of them.
#[derive(Debug, Default)]
pub(crate) struct Announced {
    interface_ids: Vec<String>,
    application_ids: Vec<String>,
    observed: Vec<Observed>,
    /// Identifiers in HL7 and in the source system that are to mean one kind.
    mapped: Vec<(String, String)>,
}

#[derive(Debug)]
struct Observed {
    encounter: String,
    kind: OwnedKindId,
    at: Instant,
}

#[derive(Debug)]
enum OwnedKindId {
    Interface(String),
    Application(String),
}

impl Announced {
    pub(crate) fn add(&mut self, message: &Flowsheet) {
        let kind = self.add_kind(message.interface_id.as_deref(), message.flowsheet_id.as_deref());
        if let (Some(encounter), Some(kind), Some(at)) =
            (message.visit_number.clone(), kind, message.observation_time)
        {
            self.observed.push(Observed { encounter, kind, at });
        }
    }

    pub(crate) fn add_metadata(&mut self, message: &FlowsheetMetadata) {
        let interface = self.add_kind(message.interface_id.as_deref(), None);
        let application = self.add_kind(None, message.flowsheet_id.as_deref());
        if let (Some(OwnedKindId::Interface(interface)), Some(OwnedKindId::Application(application))) =
            (interface, application)
            && message.source_observation_type.is_some()
        {
            self.mapped.push((interface, application));
        }
    }

    fn add_kind(&mut self, interface_id: Option<&str>, application_id: Option<&str>) -> Option<OwnedKindId> {
        let kind = KindId::of(interface_id, application_id)?;
        Some(match kind {
            KindId::Interface(id) => {
                self.interface_ids.push(id.to_owned());
                OwnedKindId::Interface(id.to_owned())
            }
            KindId::Application(id) => {
                self.application_ids.push(id.to_owned());
                OwnedKindId::Application(id.to_owned())
            }
        })
    }

    /// The kinds, what was observed of them during the visits, which are known already, and what mappings will move.
    pub(crate) fn read(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        work.prefetch::<ObservationTypeByInterfaceId>(self.interface_ids.iter().cloned())?;
        work.prefetch::<ObservationTypeByApplicationId>(self.application_ids.iter().cloned())?;
        let keys: Vec<_> = self.observed.iter().flat_map(|observed| observed.keys(work)).collect();
        work.prefetch::<ObservationByKey>(keys)?;
        self.read_mapped(work)
    }

    /// Two identifiers turn out to mean one kind.
    pub(crate) fn will_map(&self, work: &UnitOfWork) -> bool {
        self.mapped.iter().any(|(interface, application)| {
            let mut kinds = work.in_memory_rows::<ObservationTypeByInterfaceId>(interface);
            kinds.all(|kind| kind.id_in_application.as_ref() != Some(application))
        })
    }

    fn read_mapped(&self, work: &mut UnitOfWork) -> Result<(), SessionError> {
        let mut moves = Vec::new();
        for (interface, application) in &self.mapped {
            for from in ids_under::<ObservationTypeByInterfaceId>(work, [interface]) {
                let targets = ids_under::<ObservationTypeByApplicationId>(work, [application]);
                moves.extend(targets.into_iter().filter(|to| *to != from).map(|to| (from, to)));
            }
        }
        work.prefetch::<ObservationByType>(moves.iter().map(|(from, _)| *from))?;
        let mut taken = Vec::new();
        for (from, to) in moves {
            let values = work.in_memory_rows::<ObservationByType>(&from);
            taken.extend(values.map(|value| key_under(value, to)));
        }
        work.prefetch::<ObservationByKey>(taken)
    }
}

impl Observed {
    fn keys(&self, work: &UnitOfWork) -> Vec<ObservationKey> {
        let kinds = match &self.kind {
            OwnedKindId::Interface(id) => ids_under::<ObservationTypeByInterfaceId>(work, [id]),
            OwnedKindId::Application(id) => ids_under::<ObservationTypeByApplicationId>(work, [id]),
        };
        let mut keys = Vec::new();
        for hospital_visit_id in visits::in_memory(work, [&self.encounter]) {
            keys.extend(kinds.iter().map(|kind| ObservationKey {
                hospital_visit_id,
                visit_observation_type_id: *kind,
                observation_datetime: self.at,
            }));
        }
        keys
    }
}
