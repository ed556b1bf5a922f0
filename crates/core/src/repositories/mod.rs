//! Questions about one table each, in the words of the field. No rule lives here.

pub(crate) mod core_demographics;
pub(crate) mod hospital_visits;
pub(crate) mod location_events;
pub(crate) mod location_visits;
pub(crate) mod locations;
pub(crate) mod mrn_to_lives;
pub(crate) mod mrns;
