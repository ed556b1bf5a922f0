//! The queues between the daemons: filling them and emptying them.
//!
//! [`Publisher`] and [`Consumer`] move bodies over a [`transport`]: RabbitMQ, or an in-process broker
//! with the same back-pressure, acknowledgement and redelivery rules. What the bodies say, and what the
//! queues are called, is the subject of `emap_interchange`.

mod backoff;
mod byte_budget;
mod consumer;
mod exchange;
mod inspection;
mod publisher;
pub mod transport;

pub use self::{
    backoff::Backoff,
    consumer::{BatchLimit, Consumer, ConsumerSettings, Delivered, Delivery, Ticket, Unreadable},
    exchange::{BoundQueue, BrokerError, Exchange, ExchangeMessage, ExchangePublisher, Topology},
    inspection::{Inspection, QueueState},
    publisher::{
        Batch, DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_QUEUE_LENGTH, GivenUp, GivenUpReason, Outgoing, Publisher,
        PublisherSettings, SubmitError,
    },
    transport::{BrokerConfig, BrokerTls, ClientCertificate, Transport},
};
