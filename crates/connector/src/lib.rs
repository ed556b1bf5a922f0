//! The connector: one receiver for the hospital's HL7, and the way out for observations and documents.
//!
//! ```text
//!  HTTP (api) ─┐                                            ┌─► outbox ─► publisher ─► exchange
//!              ├─► receipt: read, check, answer ─► store ───┤
//!  MLLP (mllp) ┘   (validation, actions)         receiving  └─► message store (IDS)
//!
//!  HTTP (api) ───► oru, documents ─► store: deliveries ─► sending ─► adapter (HL7) or soap (CDA)
//! ```
//!
//! A message is acknowledged when the transaction with its row, what is to be published and the message store's row is
//! committed.

mod actions;
mod adapter;
pub mod api;
pub mod commands;
mod ids_row;
mod lenient_base64;
mod logging;
mod mllp;
mod new_message;
pub mod oru;
mod outside;
mod patients;
mod publisher;
mod python_json;
mod receipt;
mod refusal;
mod room;
mod run;
mod scope;
mod sending;
mod service;
mod settings;
mod soap;
mod store;
pub mod token;
mod transformer;
mod trustomer;
mod validation;

pub use self::{
    patients::Identifiers,
    refusal::{Refusal, Unexpected},
    run::{RunError, run, serve},
    settings::ConnectorSettings,
    store::messages::{Status, StoredMessage},
};
