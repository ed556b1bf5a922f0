//! A proxy in front of a RabbitMQ server that understands where an AMQP 0-9-1 frame begins and ends.
//!
//! ```no_run
//! use emap_test_support::faults::amqp::{Fault, Kind, Proxy};
//! use emap_test_support::faults::plan::Action;
//!
//! let proxy = Proxy::start(([127, 0, 0, 1], 5672).into())?;
//! // The broker has the third message, and its confirm is lost with the connection.
//! proxy.arm(Fault::at_client(Kind::BASIC_PUBLISH, Action::LoseAnswer).nth(3));
//! // One confirm is lost, and the connection goes on.
//! proxy.arm(Fault::at_server(Kind::BASIC_ACK, Action::Swallow));
//! // The broker goes silent when a consumer begins.
//! proxy.arm(Fault::at_client(Kind::BASIC_CONSUME, Action::Silence));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! - *Lose answer* of a publish (any of its frames) waits for the confirm that covers it; in a channel without
//!   confirms, and at messages that have no answer, the connection is cut after the frame.
//! - *Refuse* is `connection.close` with the chosen reply code.
//! - *Swallow* takes the content of a message along with its method. A swallowed publish shifts the numbers of the
//!   confirms after it, which no network does; it is meant for confirms, acknowledgements and heartbeats.

mod conversation;
mod frame;

pub use self::frame::{Filter, Kind, ReplyCode};

use std::{io, net::SocketAddr};

use self::conversation::Connection;
use super::{plan, proxy};

/// The proxy.
pub type Proxy = proxy::Proxy<Filter, ReplyCode>;
/// What happens instead of passing a frame on.
pub type Action = plan::Action<ReplyCode>;
/// A fault at a frame.
pub type Fault = plan::Fault<Filter, ReplyCode>;
/// All faults of one proxy.
pub type FaultPlan = plan::FaultPlan<Filter, ReplyCode>;

impl Proxy {
    /// Starts on a free port of 127.0.0.1, in front of the server with that address; nothing happens until a plan is
    /// armed.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        Self::start_for::<Connection>(server)
    }
}
