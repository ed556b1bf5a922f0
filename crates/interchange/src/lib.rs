//! The messages between readers and core, their wire forms, and the queues they travel on.
//!
//! A reader turns what a hospital system says into [`Message`]s, core turns them into rows. Between
//! the two a message travels as JSON on a queue ([`Message::to_json`], [`Message::from_json`]); people
//! and tests write it as YAML ([`yaml`]). Both forms come from one declaration of each type.
//!
//! [`Publisher`] and [`Consumer`] move bodies over a [`transport`]: RabbitMQ, or an in-process broker
//! with the same back-pressure, acknowledgement and redelivery rules.

mod adt;
mod codes;
mod consumer;
mod message;
mod publisher;
pub mod queues;
pub mod transport;
mod value;
mod wire;
pub mod yaml;

pub use adt::{Adt, AdtEvent};
pub use codes::{PatientClass, PendingType};
pub use consumer::{Consumer, ConsumerSettings, Delivered, Delivery, Ticket};
pub use message::{Message, Payload};
pub use publisher::{Batch, Outgoing, Publisher, PublisherSettings, SubmitError};
pub use transport::{BrokerConfig, Transport};
pub use value::InterchangeValue;
pub use wire::{DecodeError, Position, Problem};

/// A point in time, UTC, with nanosecond resolution.
pub type Instant = chrono::DateTime<chrono::Utc>;
