//! The daemon: what changed in the sources → messages on the queue, with progress kept.
//!
//! How blocks become batches and confirms become progress is the subject of [`emap_feed`]; here is what is particular to
//! sources that are asked again and again: which part is asked for next (`processor`), what becomes of a record
//! (`conversion`), up to when a source is complete (`load_status`) and where progress is kept (`saved`).

mod application;
mod batch_processor;
mod conversion;
mod error;
mod figures;
mod load_status;
mod plan;
mod processor;
mod saved;

pub use self::{
    application::run,
    batch_processor::Finished,
    error::RunError,
    load_status::LoadStatus,
    plan::Plan,
    processor::{Item, Outcome, Processor},
};
