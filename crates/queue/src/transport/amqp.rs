//! RabbitMQ, by the queue contract that all daemons and their peers share.
//!
//! `lapin` speaks AMQP. The bytes go through a stream of our own ([`wire`]), which limits the time without an answer
//! and the bytes held, and cleans what no sender should have sent.

mod consume;
mod frames;
mod kit;
mod publish;
mod socket;
mod tls;
mod wire;

use std::{
    io,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_rs::Runtime;
use futures::{Stream, StreamExt};
use lapin::{
    AsyncTcpStream, Connection, ConnectionProperties, ErrorKind, Event,
    uri::{AMQPAuthority, AMQPQueryString, AMQPScheme, AMQPUri, AMQPUserInfo},
};
use tokio_util::sync::{CancellationToken, DropGuard};

use self::{kit::Kit, socket::Socket, wire::Wire};
use super::{BrokerConfig, Connector, LinkError};
use crate::byte_budget::ByteBudget;

/// Longest wait for a connection, or for an answer while one is set up.
const PATIENCE: Duration = Duration::from_secs(20);
/// The header that names the class of the body; peers write it, ours too.
const TYPE_HEADER: &str = "__TypeId__";

/// AMQP's code for "there is no such queue".
const NOT_FOUND: u16 = 404;
/// AMQP's code for what goes beyond a limit of the broker, such as the size of a message.
const PRECONDITION_FAILED: u16 = 406;

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

/// An open connection and the news about it.
struct Session {
    connection: Connection,
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
    /// Whether the broker has said that it takes nothing at present: memory or disk are short.
    blocked: bool,
    /// Ends the stream, and with it the thread that `lapin` reads it with.
    _stream: DropGuard,
}

impl Session {
    /// Connects. `budget` is charged for what is delivered. Losing the future leaves nothing behind.
    async fn open(config: &BrokerConfig, budget: Option<Arc<ByteBudget>>) -> Result<Self, LinkError> {
        let name = std::env::current_exe().ok().and_then(|path| Some(path.file_name()?.to_str()?.to_owned()));
        let properties = ConnectionProperties::default()
            .with_connection_name(name.unwrap_or_else(|| "emap".to_owned()).into());
        let dropped = CancellationToken::new();
        let stream = dropped.clone().drop_guard();
        let socket = Socket::connect(config).await?;
        let wire = Mutex::new(Some(Wire::new(socket, config.silence, budget, dropped.cancelled_owned())));
        let connect = async move |_, _| match wire.lock().unwrap_or_else(PoisonError::into_inner).take() {
            Some(wire) => Ok(AsyncTcpStream::Plain(wire)),
            // Connections are not made anew below us.
            None => Err(io::Error::from(io::ErrorKind::NotConnected).into()),
        };
        let connection =
            Connection::connector(uri(config), Runtime::new(Kit::current()), connect, properties).await?;
        let events = Box::pin(connection.events_listener());
        Ok(Self { connection, events, blocked: false, _stream: stream })
    }

    /// Ends when the connection does.
    async fn lost(&mut self) -> LinkError {
        loop {
            if let Err(error) = self.news().await {
                return error;
            }
        }
    }

    /// Waits for the next thing that happens to the connection; an error if that is its end.
    async fn news(&mut self) -> Result<(), LinkError> {
        match self.events.next().await {
            // What goes wrong with one queue costs a channel; whoever uses that hears of it there.
            Some(Event::Error(error)) if !error.is_amqp_soft_error() => return Err(error.into()),
            Some(Event::ConnectionBlocked(_)) => self.blocked = true,
            Some(Event::ConnectionUnblocked) => self.blocked = false,
            Some(_) => {}
            None => return Err(LinkError::Closed),
        }
        if self.connection.status().connected() { Ok(()) } else { Err(LinkError::Closed) }
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
        query: AMQPQueryString { heartbeat: Some(heartbeat(config)), ..AMQPQueryString::default() },
    }
}

/// Seconds between signs of life: several fit into the silence that is allowed. The broker sends one every half of it.
fn heartbeat(config: &BrokerConfig) -> u16 {
    u16::try_from(config.silence.as_secs() / 2).unwrap_or(u16::MAX).max(1)
}

fn is_not_found(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_id() == NOT_FOUND)
}

fn is_precondition_failed(error: &lapin::Error) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_id() == PRECONDITION_FAILED)
}

async fn patiently<T>(attempt: impl Future<Output = Result<T, LinkError>>) -> Result<T, LinkError> {
    match tokio::time::timeout(PATIENCE, attempt).await {
        Ok(result) => result,
        Err(_) => Err(LinkError::Silent(PATIENCE.as_secs())),
    }
}
