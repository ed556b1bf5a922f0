//! Observations and their kinds.

use chrono::{DateTime, Utc};
use emap_interchange::{Flowsheet, FlowsheetMetadata};
use emap_star::{
    Session, SessionError,
    rows::{
        ObservationByKey, ObservationByType, ObservationKey, ObservationTypeByApplicationId,
        ObservationTypeByInterfaceId,
    },
};

use super::{ids, visits_of};
use crate::repositories::visit_observations;

/// What messages call kinds of observation, and what was observed of them.
#[derive(Debug, Default)]
pub(super) struct Flowsheets {
    interface_ids: Vec<String>,
    application_ids: Vec<String>,
    observed: Vec<Observed>,
    /// Pairs of identifiers that are to mean one kind.
    mapped: Vec<(Kind, Kind)>,
}

/// One identifier of a kind of observation.
#[derive(Debug, Clone)]
enum Kind {
    Interface(String),
    Application(String),
}

#[derive(Debug)]
struct Observed {
    encounter: String,
    kind: Kind,
    at: DateTime<Utc>,
}

impl Flowsheets {
    pub(super) fn announce(&mut self, message: &Flowsheet) {
        let kind = self.kind(message.interface_id.as_ref(), message.flowsheet_id.as_ref());
        if let (Some(encounter), Some(kind), Some(at)) =
            (message.visit_number.clone(), kind, message.observation_time)
        {
            self.observed.push(Observed { encounter, kind, at });
        }
    }

    pub(super) fn announce_metadata(&mut self, message: &FlowsheetMetadata) {
        let interface = self.kind(message.interface_id.as_ref(), None);
        let application = self.kind(None, message.flowsheet_id.as_ref());
        self.mapped.extend(interface.zip(application));
    }

    /// Notes the identifier by which the kind will be looked up.
    fn kind(&mut self, interface_id: Option<&String>, application_id: Option<&String>) -> Option<Kind> {
        let given = |id: Option<&String>| id.filter(|id| !id.is_empty()).cloned();
        let kind = match (given(interface_id), given(application_id)) {
            (Some(id), _) => Kind::Interface(id),
            (None, Some(id)) => Kind::Application(id),
            (None, None) => return None,
        };
        match kind.clone() {
            Kind::Interface(id) => self.interface_ids.push(id),
            Kind::Application(id) => self.application_ids.push(id),
        }
        Some(kind)
    }

    /// Reads the kinds, what was observed of them, and what mappings will move. The visits are known already.
    pub(super) fn prefetch(&self, session: &mut Session) -> Result<(), SessionError> {
        session.prefetch::<ObservationTypeByInterfaceId>(self.interface_ids.iter().cloned())?;
        session.prefetch::<ObservationTypeByApplicationId>(self.application_ids.iter().cloned())?;
        session.prefetch::<ObservationByKey>(
            self.observed.iter().flat_map(|o| o.keys(session)).collect::<Vec<_>>(),
        )?;
        self.prefetch_mapped(session)
    }

    fn prefetch_mapped(&self, session: &mut Session) -> Result<(), SessionError> {
        let mut moves = Vec::new();
        for (interface, application) in &self.mapped {
            for from in interface.types(session) {
                moves.extend(
                    application.types(session).into_iter().filter(|to| *to != from).map(|to| (from, to)),
                );
            }
        }
        session.prefetch::<ObservationByType>(moves.iter().map(|(from, _)| *from))?;
        let mut taken = Vec::new();
        for (from, to) in moves {
            taken.extend(
                session
                    .in_memory_rows::<ObservationByType>(&from)
                    .map(|value| visit_observations::key_under(value, to)),
            );
        }
        session.prefetch::<ObservationByKey>(taken)
    }
}

impl Kind {
    /// Rows of this identifier, of whatever family.
    fn types(&self, session: &Session) -> Vec<i64> {
        match self {
            Self::Interface(id) => ids(session.in_memory_rows::<ObservationTypeByInterfaceId>(id), |row| {
                row.visit_observation_type_id
            }),
            Self::Application(id) => {
                ids(session.in_memory_rows::<ObservationTypeByApplicationId>(id), |row| {
                    row.visit_observation_type_id
                })
            }
        }
    }
}

impl Observed {
    fn keys(&self, session: &Session) -> Vec<ObservationKey> {
        let kinds = self.kind.types(session);
        visits_of(session, &self.encounter)
            .into_iter()
            .flat_map(|visit| kinds.iter().map(move |kind| (visit, *kind)))
            .map(|(hospital_visit_id, visit_observation_type_id)| ObservationKey {
                hospital_visit_id,
                visit_observation_type_id,
                observation_datetime: self.at,
            })
            .collect()
    }
}
