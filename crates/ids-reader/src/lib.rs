//! Reads HL7 from the message store and publishes interchange messages.
//!
//! [`Converter`] turns one HL7 message into interchange messages: text → segments ([`emap_hl7`]) → routing by message type,
//! trigger and sender → one module per family of messages, each built from typed views over segments.

mod acceptance;
mod adt;
mod advance_decisions;
mod clock;
mod coding_system;
pub mod commands;
mod conditions;
mod consults;
mod convert;
mod ethnicity;
pub mod explain;
mod flowsheets;
mod labs;
mod location;
mod notes;
mod orders;
mod patients;
mod reasons;
mod received;
mod requests;
mod router;
pub mod run;
mod segments;
mod settings;
mod values;
mod views;

pub use self::{
    coding_system::CodingSystem,
    convert::{Conversion, ConversionOutcome, ConvertSettings, Converter, Header, message_id},
    reasons::{PartialReject, RejectReason, SkipReason},
    settings::ReaderSettings,
};
