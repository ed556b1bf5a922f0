//! RabbitMQ, by the queue contract that all daemons and their peers share.
//!
//! `lapin` speaks AMQP. The bytes go through a stream of our own ([`wire`]), which limits the time without an answer
//! and the bytes held, and cleans what no sender should have sent.

pub(crate) mod consume;
pub(crate) mod frames;
mod kit;
pub(crate) mod publish;
pub(crate) mod session;
mod socket;
mod tls;
mod wire;

use std::sync::Arc;

use self::session::patiently;
use super::{
    config::BrokerConfig,
    link::{Connector, LinkError},
};
use crate::byte_budget::ByteBudget;

/// Connects to one RabbitMQ server.
#[derive(Clone)]
pub(crate) struct Amqp(pub(crate) BrokerConfig);

impl Connector for Amqp {
    type Publishing = publish::Publishing;
    type Consuming = consume::Consuming;

    async fn open_publishing(&self, queue: &str, length: u32) -> Result<publish::Publishing, LinkError> {
        patiently(publish::Publishing::open(&self.0, queue, length)).await
    }

    async fn open_consuming(&self, budget: Arc<ByteBudget>) -> Result<consume::Consuming, LinkError> {
        patiently(consume::Consuming::open(&self.0, budget)).await
    }
}
