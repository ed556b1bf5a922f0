//! The messages between readers and core, their wire forms, and the names of the queues they travel on.
//!
//! A reader turns what a hospital system says into [`Message`]s, core turns them into rows. Between
//! the two a message travels as JSON on a queue ([`Message::to_json`], [`Message::from_json`]); people
//! and tests write it as YAML ([`yaml`]). Both forms come from one declaration of each type.

mod adt;
mod advance_decision;
mod codes;
mod condition;
mod consult;
mod flowsheet;
mod form;
mod lab;
mod location;
mod message;
pub mod queues;
mod research_opt_out;
pub mod schema;
mod types;
mod value;
mod waveform;
mod wire;
pub mod yaml;

pub use adt::{Adt, AdtEvent};
pub use advance_decision::AdvanceDecision;
pub use codes::{
    ConditionAction, EpicRecordStatus, LabResultStatus, LabsMetadataType, OrderCodingSystem, PatientClass,
    PendingType, ValueType,
};
pub use condition::{Condition, ConditionKind};
pub use consult::{ConsultMetadata, ConsultRequest};
pub use flowsheet::{Flowsheet, FlowsheetMetadata};
pub use form::{Form, FormAnswer, FormMetadata, FormQuestionMetadata};
pub use lab::{LabIsolate, LabMetadata, LabOrder, LabResult};
pub use location::{BedMetadata, DepartmentMetadata, LocationMetadata, RoomMetadata};
pub use message::{Message, Payload};
pub use research_opt_out::ResearchOptOut;
pub use types::{Instant, Questions};
pub use value::InterchangeValue;
pub use waveform::Waveform;
pub use wire::{DecodeError, Position, Problem};
