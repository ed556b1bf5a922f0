//! Where the patient was: each message adds a fact, and the visit's stays are derived from all facts.

mod facts;
mod movements;
mod place;
mod stays;
mod swap;

pub(crate) use self::{movements::update, place::get_or_create_place, swap::swap};
