//! Publishing with confirms and consuming with acknowledgement, straight through the AMQP client.

use std::{collections::VecDeque, time::Instant};

use anyhow::{Context, ensure};
use emap_interchange::queues;
use emap_queue::BrokerConfig;
use futures::StreamExt;
use lapin::{
    BasicProperties, Channel, Confirmation, Connection, ConnectionProperties,
    options::{
        BasicAckOptions, BasicConsumeOptions, BasicPublishOptions, BasicQosOptions, ConfirmSelectOptions,
        QueueDeclareOptions,
    },
    types::{AMQPValue, FieldTable},
};

use crate::{figures::Measured, site::Site};

const QUEUE: &str = "raw";
/// Any class will do; this one is of usual length.
const TYPE_NAME: &str = "uk.ac.ucl.rits.inform.interchange.adt.TransferPatient";
/// Messages that may be unconfirmed, as many as the reader allows by default.
const UNCONFIRMED: usize = 1000;
const PREFETCH: u16 = 1500;
/// Messages acknowledged with one frame, as many as a batch of core.
const ACKNOWLEDGED: u64 = 500;

/// Beyond this many the rates no longer change.
const MOST_MESSAGES: u64 = 500_000;

/// Publishes as many messages as the stream has, then consumes them.
pub(crate) fn measure(site: &Site, bodies: &[Vec<u8>]) -> anyhow::Result<(Measured, Measured)> {
    let broker = site.fresh_broker()?;
    let (count, length) = (site.hospital.messages.min(MOST_MESSAGES), site.queue_length());
    tokio::runtime::Runtime::new().context("cannot start the runtime")?.block_on(async {
        let connection = connect(&broker).await?;
        let channel = connection.create_channel().await?;
        declare(&channel, QUEUE, length).await?;
        let begin = Instant::now();
        publish(&channel, bodies, count).await?;
        let published = Measured::new(count, begin.elapsed());
        let begin = Instant::now();
        // Kept until the connection is closed: a channel that is dropped closes itself, and both would meet.
        let _channel = consume(&connection, count).await?;
        let consumed = Measured::new(count, begin.elapsed());
        connection.close(200, "done".into()).await?;
        Ok((published, consumed))
    })
}

/// Makes the queue, as the reader would at its very first start: that has a pause of its own, which is not measured.
pub(crate) fn make_queue(site: &Site, broker: &BrokerConfig) -> anyhow::Result<()> {
    tokio::runtime::Runtime::new().context("cannot start the runtime")?.block_on(async {
        let connection = connect(broker).await?;
        let channel = connection.create_channel().await?;
        declare(&channel, queues::HL7_QUEUE, site.queue_length()).await?;
        Ok(connection.close(200, "done".into()).await?)
    })
}

async fn connect(broker: &BrokerConfig) -> lapin::Result<Connection> {
    let BrokerConfig { host, port, username, password, virtual_host, .. } = broker;
    let url = format!("amqp://{username}:{password}@{host}:{port}/{virtual_host}");
    Connection::connect(&url, ConnectionProperties::default()).await
}

/// As the publisher declares its queue.
async fn declare(channel: &Channel, queue: &str, length: u32) -> lapin::Result<()> {
    let mut arguments = FieldTable::default();
    arguments.insert("x-max-length".into(), AMQPValue::LongLongInt(length.into()));
    arguments.insert("x-overflow".into(), AMQPValue::LongString("reject-publish".into()));
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), options, arguments).await?;
    channel.confirm_select(ConfirmSelectOptions::default()).await
}

async fn publish(channel: &Channel, bodies: &[Vec<u8>], count: u64) -> anyhow::Result<()> {
    let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
    let properties = properties();
    let mut unconfirmed = VecDeque::with_capacity(UNCONFIRMED);
    for body in bodies.iter().cycle().take(usize::try_from(count)?) {
        if unconfirmed.len() == UNCONFIRMED
            && let Some(oldest) = unconfirmed.pop_front()
        {
            confirmed(oldest).await?;
        }
        let sent = channel.basic_publish("".into(), QUEUE.into(), options, body, properties.clone());
        unconfirmed.push_back(sent.await?);
    }
    for rest in unconfirmed {
        confirmed(rest).await?;
    }
    Ok(())
}

/// What the queues' contract asks of every message: the limit is that of such messages.
fn properties() -> BasicProperties {
    let mut headers = FieldTable::default();
    headers.insert("__TypeId__".into(), AMQPValue::LongString(TYPE_NAME.into()));
    BasicProperties::default()
        .with_content_type("application/json".into())
        .with_content_encoding("UTF-8".into())
        .with_delivery_mode(2)
        .with_priority(0)
        .with_headers(headers)
}

async fn confirmed(confirm: impl Future<Output = lapin::Result<Confirmation>>) -> anyhow::Result<()> {
    ensure!(matches!(confirm.await?, Confirmation::Ack(None)), "the broker refused a message");
    Ok(())
}

async fn consume(connection: &Connection, count: u64) -> anyhow::Result<Channel> {
    let channel = connection.create_channel().await?;
    channel.basic_qos(PREFETCH, BasicQosOptions::default()).await?;
    let options = BasicConsumeOptions::default();
    let mut consumer = channel.basic_consume(QUEUE.into(), "".into(), options, FieldTable::default()).await?;
    for number in 1..=count {
        let delivery = consumer.next().await.context("the broker closed the connection")??;
        if number % ACKNOWLEDGED == 0 || number == count {
            channel.basic_ack(delivery.delivery_tag, BasicAckOptions { multiple: true }).await?;
        }
    }
    Ok(channel)
}
