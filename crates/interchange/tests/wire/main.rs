//! Queue bodies: what is written, byte for byte, and what is accepted besides.

// A panic here is a failed test.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod bodies;
mod classes;
mod generations;
mod reading;
mod shorthand;
