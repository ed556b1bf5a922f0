//! Questions about one table each, in the words of the field. No rule lives here.

pub(crate) mod advance_decision_types;
pub(crate) mod advance_decisions;
pub(crate) mod allergen_reactions;
pub(crate) mod condition_types;
pub(crate) mod condition_visits;
pub(crate) mod consultation_requests;
pub(crate) mod consultation_types;
pub(crate) mod core_demographics;
pub(crate) mod forms;
pub(crate) mod hospital_visits;
pub(crate) mod location_events;
pub(crate) mod location_visits;
pub(crate) mod locations;
pub(crate) mod mrn_to_lives;
pub(crate) mod mrns;
mod only;
pub(crate) mod patient_conditions;
pub(crate) mod planned_movements;
pub(crate) mod questions;
pub(crate) mod request_answers;
pub(crate) mod visit_observation_types;
pub(crate) mod visit_observations;
