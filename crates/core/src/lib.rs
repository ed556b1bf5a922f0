//! Reconciles interchange messages with the star database.
//!
//! ```text
//! consumer ─► engine ─► rules: processors ─► controllers ─► repositories ─► star::Session
//! ```

mod assign;
mod bodies;
mod changes;
mod clock;
pub mod commands;
mod engine;
mod failure;
pub mod hospital_service;
mod incoming;
mod intake;
pub mod movement;
pub mod orders;
mod outcome;
mod partitions;
mod phases;
mod precision;
mod records;
mod replay;
mod rules;
mod run;
mod scope;
pub mod settings;
mod settling;
mod source;
mod tally;
mod worker;

pub use self::{
    bodies::{RemovedBodies, remove_bodies},
    clock::Clock,
    engine::{Engine, Unavailable},
    incoming::Incoming,
    outcome::{Outcome, Report},
    phases::{Phase, PhaseTimes},
    replay::{ReplayError, ReplaySettings, ReplaySummary, replay},
    rules::Rules,
    run::{RunError, run},
    settings::CoreSettings,
    tally::Tally,
};
