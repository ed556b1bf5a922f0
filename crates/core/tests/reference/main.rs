//! Forms, places and opt-outs in, rows out: in memory, and the same on PostgreSQL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod batches;
mod beds;
mod departments;
mod feature;
mod forms;
mod messages;
mod opt_outs;
mod people_deleted;
mod rooms;
mod same_everywhere;
mod templates;
#[path = "../clinical/world.rs"]
mod world;
