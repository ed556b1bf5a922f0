//! Reconciles interchange messages with the star database.
//!
//! ```text
//! consumer ─► engine ─► dispatch ─► processors ─► controllers ─► repositories ─► star::Session
//! ```

mod assign;
pub mod commands;
mod controllers;
mod dispatch;
mod engine;
pub mod movement;
pub mod orders;
mod outcome;
mod phases;
mod precision;
mod processors;
mod records;
mod replay;
mod repositories;
mod rules;
mod run;
pub mod settings;
mod source;
mod wanted;
mod worker;

pub use self::{
    engine::{DatabaseLost, Engine, Incoming},
    outcome::{Outcome, ProcessingError, Report},
    phases::{Phase, PhaseTimes},
    replay::{ReplayError, ReplaySettings, ReplaySummary, replay},
    rules::Rules,
    run::{RunError, Tally, run},
    settings::CoreSettings,
};
