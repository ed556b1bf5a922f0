//! What is still in a queue, and a queue for what is published to an exchange.

use lapin::{
    Connection, ConnectionProperties, ExchangeKind,
    options::{BasicGetOptions, ExchangeDeclareOptions, QueueBindOptions, QueueDeclareOptions},
    types::FieldTable,
};

/// Bodies of the messages that are ready in a queue, in their order. They stay where they are. Consumers must have
/// ended, else what they hold is missing here.
///
/// # Errors
/// The broker's answer, for example that there is no such queue.
pub async fn bodies(url: &str, queue: &str) -> Result<Vec<Vec<u8>>, lapin::Error> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let mut bodies = Vec::new();
    while let Some(message) = channel.basic_get(queue.into(), BasicGetOptions::default()).await? {
        bodies.push(message.delivery.data);
    }
    // Nothing was acknowledged: everything goes back to its place.
    connection.close(200, "read".into()).await?;
    Ok(bodies)
}

/// Makes a durable queue for what is published to a topic exchange, which is made too if it is not there.
///
/// # Errors
/// The broker's answer.
pub async fn listen(url: &str, queue: &str, exchange: &str, routing_key: &str) -> Result<(), lapin::Error> {
    let connection = Connection::connect(url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    let durable = ExchangeDeclareOptions { durable: true, ..ExchangeDeclareOptions::default() };
    channel.exchange_declare(exchange.into(), ExchangeKind::Topic, durable, FieldTable::default()).await?;
    let durable = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    channel.queue_declare(queue.into(), durable, FieldTable::default()).await?;
    let (options, arguments) = (QueueBindOptions::default(), FieldTable::default());
    channel.queue_bind(queue.into(), exchange.into(), routing_key.into(), options, arguments).await?;
    connection.close(200, "listening".into()).await
}
