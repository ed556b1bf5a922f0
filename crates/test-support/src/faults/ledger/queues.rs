//! What is still in a queue.

use lapin::{Connection, ConnectionProperties, options::BasicGetOptions};

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
