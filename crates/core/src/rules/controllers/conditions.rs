//! Problems, infections and allergies of patients, and the kinds of these.

pub(crate) mod allergies;
mod condition;
pub(crate) mod infections;
pub(crate) mod kinds;
pub(crate) mod problems;

pub(crate) use self::condition::Diagnosis;
