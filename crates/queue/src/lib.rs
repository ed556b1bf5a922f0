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
mod partitions;
mod publisher;
mod relay;
pub mod transport;

pub use self::{
    backoff::Backoff,
    consumer::{AddedQueue, BatchLimit, Consumer, ConsumerSettings, Delivered, Delivery, Ticket, Unreadable},
    exchange::{BoundQueue, BrokerError, Exchange, ExchangeMessage, ExchangePublisher, Topology},
    inspection::{Inspection, QueueState},
    partitions::Partitions,
    publisher::{
        Batch, DEFAULT_MAX_MESSAGE_BYTES, DEFAULT_QUEUE_LENGTH, GivenUp, GivenUpReason, Outgoing, Publisher,
        PublisherSettings, SubmitError,
    },
    relay::{Opened, Relay, Taken},
    transport::{BrokerConfig, BrokerTls, ClientCertificate, Transport},
};
