//! Stays derived from facts: examples, every order of them, every short sequence, generated streams.

mod examples;
mod notation;
mod orders;
mod reconciling;
mod seeding;
mod sequences;
mod streams;
