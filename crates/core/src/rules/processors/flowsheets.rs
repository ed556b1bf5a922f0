//! Flowsheets, and what their rows mean.

use emap_interchange::{Flowsheet, FlowsheetMetadata};

use super::patient;
use crate::{
    failure::{Failure, required},
    rules::controllers::flowsheets::{
        kinds::{self, Names},
        mapping, values,
    },
    scope::Context,
};

/// Patient, visit, then what was observed.
pub(crate) fn process(context: Context<'_, '_>, message: &Flowsheet) -> Result<(), Failure> {
    let observed_at = required(message.observation_time, "observationTime");
    let mut scope = context.at(observed_at.map_err(Failure::undoing_the_message)?);
    let visit = patient::visit(&mut scope, message.mrn.as_deref(), message.visit_number.as_deref())?;
    values::update(&mut scope, visit, message)
}

/// With one identifier: what a kind of observation is. With two: that both mean the same kind.
pub(crate) fn process_metadata(context: Context<'_, '_>, message: &FlowsheetMetadata) -> Result<(), Failure> {
    let mut scope = context.at(required(message.last_updated_instant, "lastUpdatedInstant")?);
    let names = Names::new(
        message.interface_id.as_deref(),
        message.flowsheet_id.as_deref(),
        message.source_observation_type.as_deref(),
    )?;
    match names.pair() {
        Some((interface_id, flowsheet_id)) => mapping::map(&mut scope, interface_id, flowsheet_id, names),
        None => kinds::describe(&mut scope, names, message),
    }
}
