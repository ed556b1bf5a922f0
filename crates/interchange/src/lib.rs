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
mod features;
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

pub use self::{
    adt::{Adt, AdtEvent, Pending},
    advance_decision::AdvanceDecision,
    codes::{
        ConditionAction, EpicRecordStatus, LabResultStatus, LabsMetadataType, OrderCodingSystem,
        PatientClass, PendingType, ValueType,
    },
    condition::{Condition, ConditionKind},
    consult::{ConsultMetadata, ConsultRequest},
    features::{Feature, FeatureError, Features, Generation},
    flowsheet::{Flowsheet, FlowsheetMetadata},
    form::{Form, FormAnswer, FormMetadata, FormQuestionMetadata},
    lab::{LabIsolate, LabMetadata, LabOrder, LabResult},
    location::{BedMetadata, DepartmentMetadata, LocationMetadata, RoomMetadata},
    message::{Message, Payload},
    research_opt_out::ResearchOptOut,
    types::{Instant, Questions},
    value::InterchangeValue,
    waveform::{Waveform, WaveformHighFreq, WaveformLowFreq},
    wire::{DecodeError, Position, Problem},
};
