//! `emap setup`, `config`, `docker`, `doctor`, `status` and `validation` as an operator runs them, with a recorded `docker`.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod config;
mod docker;
mod doctor;
mod project;
mod report;
mod setup;
mod status;
mod validation;
