//! A proxy in front of a PostgreSQL server that understands where a message begins and ends.
//!
//! ```no_run
//! use std::time::Duration;
//! use emap_test_support::faults::plan::{Action, Fault};
//! use emap_test_support::faults::postgres::{Filter, Proxy, SqlState};
//!
//! let proxy = Proxy::start(([127, 0, 0, 1], 5432).into())?;
//! // The answer of the third COMMIT is lost; the transaction is committed.
//! proxy.arm(Fault::at_client(Filter::statement("COMMIT"), Action::LoseAnswer).nth(3));
//! // Every INSERT is refused: the disk is full.
//! proxy.arm(Fault::at_client(Filter::statement("INSERT"), Action::Refuse(SqlState::DISK_FULL)).always());
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Protocol 3.0, see "Frontend/Backend Protocol" in PostgreSQL's manual. A request for encryption is answered with "no"
//! by the proxy itself.
//!
//! **A refused message** fails on the server as well: the proxy sends something in its place that cannot succeed, and
//! puts the chosen SQLSTATE into the server's own error. So the state of the transaction, the messages that the
//! server ignores up to the next Sync, and ReadyForQuery are those of a real error. A refused COMMIT (as a simple query)
//! rolls back. States after which a server closes the connection (`57P01` …) do so here; so does any refusal before the
//! session has begun.

mod conversation;
mod message;
mod refusal;

pub use self::{
    message::{Filter, Kind},
    refusal::SqlState,
};

use std::{io, net::SocketAddr};

use self::conversation::Session;
use super::{plan, proxy};

/// The proxy.
pub type Proxy = proxy::Proxy<Filter, SqlState>;
/// What happens instead of passing a message on.
pub type Action = plan::Action<SqlState>;
/// A fault at a message.
pub type Fault = plan::Fault<Filter, SqlState>;
/// All faults of one proxy.
pub type FaultPlan = plan::FaultPlan<Filter, SqlState>;

impl Proxy {
    /// Starts on a free port of 127.0.0.1, in front of the server with that address; nothing happens until a plan is
    /// armed.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn start(server: SocketAddr) -> io::Result<Self> {
        Self::start_for::<Session>(server)
    }
}
