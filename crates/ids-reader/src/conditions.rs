//! Conditions of patients: allergies, infections and problems.

mod allergies;
mod infections;
mod patient;
mod problems;
mod sent;

pub(crate) use self::{
    allergies::allergies, infections::infections, problems::problems, sent::SentInfections,
};
