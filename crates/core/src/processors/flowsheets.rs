//! Flowsheets, and what their rows mean.

use emap_interchange::{Flowsheet, FlowsheetMetadata};
use emap_star::Session;

use super::patient;
use crate::{
    controllers::{
        observation_types::{self, Names},
        visit_observations,
    },
    outcome::ProcessingError,
    source::Source,
};

/// Patient, visit, then what was observed.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &Flowsheet,
) -> Result<(), ProcessingError> {
    let observed_at =
        message.observation_time.ok_or(ProcessingError::Invalid("the observation has no observationTime"))?;
    let (mrn, visit_number) = (message.mrn.as_deref(), message.visit_number.as_deref());
    let visit = patient::visit(session, source, mrn, visit_number, observed_at)?;
    visit_observations::update(session, visit, message, observed_at, source)
}

/// With one identifier: what a kind of observation is. With two: that both mean the same kind.
pub(crate) fn process_metadata(
    session: &mut Session,
    message: &FlowsheetMetadata,
) -> Result<(), ProcessingError> {
    let message_time = message
        .last_updated_instant
        .ok_or(ProcessingError::Invalid("the description has no lastUpdatedInstant"))?;
    let names = Names::new(
        message.interface_id.as_deref(),
        message.flowsheet_id.as_deref(),
        message.source_observation_type.as_deref(),
    )?;
    match names.pair() {
        Some((interface_id, flowsheet_id)) => {
            observation_types::map(session, interface_id, flowsheet_id, names, message_time)
        }
        None => observation_types::describe(session, names, message, message_time),
    }
}
