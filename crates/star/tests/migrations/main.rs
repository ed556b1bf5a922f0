//! The migrations against a real PostgreSQL: empty schemas, schemas of another program, many at once.

// A failure to set the stage is a failed test.
#![allow(clippy::unwrap_used)]

mod adoption;
mod catalogue;
mod database;
mod dictionary;
mod fresh;
mod live;
mod naming;
mod progress;
mod rights;
