//! RabbitMQ, by the queue contract that all daemons and their peers share.

mod consume;
mod publish;

use super::{BrokerConfig, Connector, LinkError};
use futures::{Stream, StreamExt};
use lapin::uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo};
use lapin::{Connection, ConnectionProperties, ErrorKind, Event};
use std::pin::Pin;
use std::time::Duration;

/// Longest wait for a connection, or for an answer while one is set up.
const PATIENCE: Duration = Duration::from_secs(20);
/// Seconds of silence after which a peer is taken for dead.
const HEARTBEAT: u16 = 20;
/// The header that names the class of the body; peers write it, ours too.
const TYPE_HEADER: &str = "__TypeId__";

/// AMQP's code for "there is no such queue".
const NOT_FOUND: u16 = 404;

/// Connects to one RabbitMQ server.
#[derive(Clone)]
pub(crate) struct Amqp(pub(crate) BrokerConfig);

impl Connector for Amqp {
    type Publishing = publish::Publishing;
    type Consuming = consume::Consuming;

    async fn open_publishing(&self, queue: &str, length: u32) -> Result<publish::Publishing, LinkError> {
        patiently(publish::Publishing::open(&self.0, queue, length)).await
    }

    async fn open_consuming(&self) -> Result<consume::Consuming, LinkError> {
        patiently(consume::Consuming::open(&self.0)).await
    }
}

/// An open connection and the news about it.
struct Session {
    connection: Connection,
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
}

impl Session {
    async fn open(config: &BrokerConfig) -> Result<Self, LinkError> {
        let name = std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let properties = ConnectionProperties::default()
            .with_connection_name(name.unwrap_or_else(|| "emap".to_owned()).into());
        let connection = Connection::connect_uri(uri(config), properties).await?;
        let events = Box::pin(connection.events_listener());
        Ok(Self { connection, events })
    }

    /// Ends when the connection does.
    async fn lost(&mut self) -> LinkError {
        while let Some(event) = self.events.next().await {
            match event {
                // What goes wrong with one queue costs a channel; whoever uses that hears of it there.
                Event::Error(error) if error.is_amqp_soft_error() => {}
                Event::Error(error) => return error.into(),
                _ => {}
            }
            if !self.connection.status().connected() {
                break;
            }
        }
        LinkError::Closed
    }

    async fn close(self) {
        // Whatever goes wrong now: the broker notices that we are gone.
        let _ = patiently(async { Ok(self.connection.close(200, "done".into()).await?) }).await;
    }
}

fn uri(config: &BrokerConfig) -> AMQPUri {
    let userinfo = AMQPUserInfo { username: config.username.clone(), password: config.password.clone() };
    AMQPUri {
        scheme: AMQPScheme::AMQP,
        authority: AMQPAuthority { userinfo, host: config.host.clone(), port: config.port },
        vhost: config.virtual_host.clone(),
        query: AMQPQueryString { heartbeat: Some(HEARTBEAT), ..AMQPQueryString::default() },
    }
}

fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_id() == NOT_FOUND)
}

async fn patiently<T>(attempt: impl Future<Output = Result<T, LinkError>>) -> Result<T, LinkError> {
    match tokio::time::timeout(PATIENCE, attempt).await {
        Ok(result) => result,
        Err(_) => Err(LinkError::Silent(PATIENCE.as_secs())),
    }
}
