//! Consuming with acknowledgement. Queues are never declared here, only looked for.

use std::sync::Arc;

use futures::StreamExt;
use lapin::{
    Channel, Connection,
    options::{BasicAckOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions, QueueDeclareOptions},
    types::{AMQPValue, FieldTable},
};

use super::{
    frames::{ORIGIN_HEADER, TYPE_HEADER},
    session::{Session, patiently},
};
use crate::{
    byte_budget::ByteBudget,
    consumer::delivery::Delivery,
    transport::{
        config::BrokerConfig,
        link::{Consume, LinkError, Tap},
    },
};

/// A connection with one channel per queue, so that "all before this one" is about one queue.
pub(crate) struct Consuming {
    session: Session,
}

impl Consuming {
    pub(super) async fn open(config: &BrokerConfig, budget: Arc<ByteBudget>) -> Result<Self, LinkError> {
        Ok(Self { session: Session::open(config, Some(budget)).await? })
    }
}

impl Consume for Consuming {
    type Tap = QueueTap;

    async fn open(&mut self, queue: &str, prefetch: u16) -> Result<QueueTap, LinkError> {
        patiently(QueueTap::open(&self.session.connection, queue, prefetch)).await
    }

    async fn lost(&mut self) -> LinkError {
        self.session.lost().await
    }

    async fn close(self) {
        self.session.close().await;
    }
}

/// The consumer of one queue on its channel.
pub(crate) struct QueueTap {
    channel: Channel,
    consumer: lapin::Consumer,
}

impl QueueTap {
    async fn open(connection: &Connection, queue: &str, prefetch: u16) -> Result<Self, LinkError> {
        let channel = connection.create_channel().await?;
        let passive = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        channel.queue_declare(queue.into(), passive, FieldTable::default()).await?;
        channel.basic_qos(prefetch, BasicQosOptions::default()).await?;
        let options = BasicConsumeOptions::default();
        let consumer = channel.basic_consume(queue.into(), "".into(), options, FieldTable::default()).await?;
        Ok(Self { channel, consumer })
    }
}

impl Tap for QueueTap {
    async fn next(&mut self) -> Option<(u64, Delivery)> {
        let received = self.consumer.next().await?.ok()?;
        Some((received.delivery_tag, delivery(received)))
    }

    async fn acknowledge(&mut self, tag: u64, multiple: bool) -> Result<(), LinkError> {
        Ok(self.channel.basic_ack(tag, BasicAckOptions { multiple }).await?)
    }

    async fn reject(&mut self, tag: u64) -> Result<(), LinkError> {
        Ok(self.channel.basic_nack(tag, BasicNackOptions { multiple: false, requeue: false }).await?)
    }

    async fn close(self) {
        let _ = patiently(async { Ok(self.channel.close(200, "done".into()).await?) }).await;
    }
}

pub(crate) fn delivery(received: lapin::message::Delivery) -> Delivery {
    let properties = &received.properties;
    let header = |name: &str| match properties.headers().as_ref()?.inner().get(name)? {
        AMQPValue::LongString(text) => Some(text.to_string()),
        _ => None,
    };
    Delivery {
        content_type: properties.content_type().as_ref().map(ToString::to_string),
        content_encoding: properties.content_encoding().as_ref().map(ToString::to_string),
        type_header: header(TYPE_HEADER),
        origin: header(ORIGIN_HEADER),
        redelivered: received.redelivered,
        body: received.data,
    }
}
