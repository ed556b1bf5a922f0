//! One connection to RabbitMQ.

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

use super::{kit::Kit, socket::Socket, wire::Wire};
use crate::{
    byte_budget::ByteBudget,
    transport::{config::BrokerConfig, link::LinkError},
};

/// Longest wait for a connection, or for an answer while one is set up.
const PATIENCE: Duration = Duration::from_secs(20);
/// AMQP's code for "there is no such queue".
const NOT_FOUND: u16 = 404;
/// AMQP's code for what the account may not do, or only one may do at a time.
const ACCESS_REFUSED: u16 = 403;
/// AMQP's code for a command that makes no sense to the broker, such as the declaration of an unknown kind of exchange.
const COMMAND_INVALID: u16 = 503;
/// AMQP's code for what goes beyond a limit of the broker, such as the size of a message.
const PRECONDITION_FAILED: u16 = 406;

/// An open connection and the news about it.
pub(crate) struct Session {
    pub(crate) connection: Connection,
    events: Pin<Box<dyn Stream<Item = Event> + Send>>,
    /// Whether the broker has said that it takes nothing at present: memory or disk are short.
    pub(crate) blocked: bool,
    /// Ends the stream, and with it the thread that `lapin` reads it with.
    _stream: DropGuard,
}

impl std::fmt::Debug for Session {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Session").field("blocked", &self.blocked).finish_non_exhaustive()
    }
}

impl Session {
    /// Connects. `budget` is charged for what is delivered. Losing the future leaves nothing behind.
    pub(crate) async fn open(
        config: &BrokerConfig,
        budget: Option<Arc<ByteBudget>>,
    ) -> Result<Self, LinkError> {
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
    pub(crate) async fn lost(&mut self) -> LinkError {
        loop {
            if let Err(error) = self.news().await {
                return error;
            }
        }
    }

    /// Waits for the next thing that happens to the connection; an error if that is its end.
    pub(crate) async fn news(&mut self) -> Result<(), LinkError> {
        match self.events.next().await {
            // What goes wrong with one queue costs a channel; the user of that channel gets the error.
            Some(Event::Error(error)) if !error.is_amqp_soft_error() => return Err(error.into()),
            Some(Event::ConnectionBlocked(_)) => self.blocked = true,
            Some(Event::ConnectionUnblocked) => self.blocked = false,
            Some(_) => {}
            None => return Err(LinkError::Closed),
        }
        if self.connection.status().connected() { Ok(()) } else { Err(LinkError::Closed) }
    }

    pub(crate) async fn close(self) {
        // If it fails, the broker still notices that we are gone.
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

pub(crate) fn is_not_found(error: &lapin::Error) -> bool {
    has_code(error, NOT_FOUND)
}

pub(crate) fn is_precondition_failed(error: &lapin::Error) -> bool {
    has_code(error, PRECONDITION_FAILED)
}

/// The broker does not know this kind of exchange.
pub(crate) fn is_unknown_kind(error: &lapin::Error) -> bool {
    has_code(error, COMMAND_INVALID)
}

/// Another consumer has the queue for itself, or would have to share it.
pub(crate) fn is_in_use(error: &lapin::Error) -> bool {
    // The code is also that of missing rights.
    has_code(error, ACCESS_REFUSED) && error.to_string().contains("exclusive use")
}

fn has_code(error: &lapin::Error, code: u16) -> bool {
    matches!(error.kind(), ErrorKind::ProtocolError(error) if error.get_id() == code)
}

pub(crate) async fn patiently<T>(
    attempt: impl Future<Output = Result<T, LinkError>>,
) -> Result<T, LinkError> {
    match tokio::time::timeout(PATIENCE, attempt).await {
        Ok(result) => result,
        Err(_) => Err(LinkError::Silent(PATIENCE.as_secs())),
    }
}
