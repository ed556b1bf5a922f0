//! Migrations of schemas that are in use: nobody is held up, whatever they wait for can be ended, and what was
//! interrupted is done again.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod at_once;
mod in_use;
mod left_out;
mod site;
mod stopped;
