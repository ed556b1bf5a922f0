//! The rules: what is known, compared with what a message says.

pub(crate) mod demographics;
pub(crate) mod hospital_visit;
pub(crate) mod patient_location;
pub(crate) mod person;
