//! Observations, conditions, requests and decisions.

mod advance_decisions;
mod allergies;
pub(crate) mod batches;
mod consults;
mod flowsheets;
mod infections;
mod mappings;
pub(crate) mod messages;
mod order_dependence;
mod problems;
pub(crate) mod streams;
mod unreadable;
