//! Movements of patients, and who is who.

mod bad_input;
pub(crate) mod batches;
mod deletion;
mod hospital_services;
mod hospital_visits;
mod identifiers;
mod locations;
mod merges;
mod moved_visits;
mod opt_outs;
mod order_dependence;
mod people;
mod planned_movements;
mod rows;
pub(crate) mod streams;
mod swaps;
