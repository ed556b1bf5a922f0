//! Laboratories.

mod bad_input;
pub(crate) mod batches;
mod cancellations;
mod cultures;
mod deletion;
mod fixtures;
pub(crate) mod messages;
mod metadata;
mod order_dependence;
mod orders;
mod permutations;
mod questions;
mod results;
pub(crate) mod streams;
