//! The rules: what is known, compared with what a message says.

pub(crate) mod advance_decisions;
pub(crate) mod condition_types;
pub(crate) mod conditions;
pub(crate) mod consultations;
pub(crate) mod demographics;
pub(crate) mod forms;
pub(crate) mod hospital_visit;
pub(crate) mod labs;
pub(crate) mod observation_types;
mod opened;
pub(crate) mod patient_location;
pub(crate) mod pending_adt;
pub(crate) mod person;
pub(crate) mod places;
pub(crate) mod questions;
pub(crate) mod visit_observations;
