//! Migrations of schemas that are in use: no other session is held up, every wait can be ended, and what was
//! interrupted is done again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod at_once;
mod in_use;
mod left_out;
mod site;
mod stopped;
