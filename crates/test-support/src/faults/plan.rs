//! What is to happen, and at which message.

use std::time::Duration;

/// Who sends a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// The program that has connected to the proxy.
    Client,
    /// The server behind the proxy.
    Server,
}

/// What the messages are numbered within.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counting {
    /// All connections of the proxy since the plan was armed.
    PerProxy,
    /// Each connection by itself.
    PerConnection,
}

/// What the proxy does instead of passing a message on.
///
/// `R`: what a server of this protocol refuses with, an SQLSTATE or a reply code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action<R> {
    /// Closes both ends; the message is lost.
    Cut,
    /// Holds this message and everything after it, in both directions and with the connection open, for so long or
    /// (`None`) until `Proxy::release`. Then all of it goes on.
    Stall(Option<Duration>),
    /// As [`Action::Stall`] until released, for every connection of the proxy, new ones too.
    StallAll,
    /// Passes the message on so much later; the other direction is not held.
    Delay(Duration),
    /// The message alone is lost; the connection goes on.
    Swallow,
    /// This message and all that come after it, in both directions, are read and thrown away: a peer that
    /// acknowledges at the level of TCP and never answers.
    Silence,
    /// Passes the message on, waits for the complete answer, loses it and closes the client's end: what was asked
    /// for is done, and the client does not learn it. For a message of the server, the same as [`Action::Cut`].
    LoseAnswer,
    /// The server refuses: see the protocol's own module. For a message of the server, the same as
    /// [`Action::Cut`].
    Refuse(R),
}

impl<R> Action<R> {
    /// A word for tables.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Cut => "cut",
            Self::Stall(_) => "stall",
            Self::StallAll => "stall all",
            Self::Delay(_) => "delay",
            Self::Swallow => "swallow",
            Self::Silence => "silence",
            Self::LoseAnswer => "lose answer",
            Self::Refuse(_) => "refuse",
        }
    }
}

/// One fault: at the N-th message that fits, do something.
///
/// `F`: which messages fit; each protocol has its own filter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault<F, R> {
    side: Side,
    filter: F,
    nth: u64,
    counting: Counting,
    times: u64,
    action: Action<R>,
}

impl<F, R> Fault<F, R> {
    /// At the first message of that side that fits, once.
    pub fn at(side: Side, filter: impl Into<F>, action: Action<R>) -> Self {
        Self { side, filter: filter.into(), nth: 1, counting: Counting::PerProxy, times: 1, action }
    }

    /// At the first message of the client that fits, once.
    pub fn at_client(filter: impl Into<F>, action: Action<R>) -> Self {
        Self::at(Side::Client, filter, action)
    }

    /// At the first message of the server that fits, once.
    pub fn at_server(filter: impl Into<F>, action: Action<R>) -> Self {
        Self::at(Side::Server, filter, action)
    }

    /// At the N-th message that fits, counted from 1.
    #[must_use]
    pub fn nth(mut self, nth: u64) -> Self {
        self.nth = nth;
        self
    }

    /// Counted in each connection by itself.
    #[must_use]
    pub fn per_connection(mut self) -> Self {
        self.counting = Counting::PerConnection;
        self
    }

    /// At so many messages: the N-th and those that fit after it, or, counted per connection, at the N-th of so many
    /// connections.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// At every message from the N-th on (per connection: at the N-th of every connection).
    #[must_use]
    pub fn always(self) -> Self {
        self.times(u64::MAX)
    }

    pub(super) fn side(&self) -> Side {
        self.side
    }

    pub(super) fn filter(&self) -> &F {
        &self.filter
    }

    pub(super) fn counting(&self) -> Counting {
        self.counting
    }

    pub(super) fn action(&self) -> &Action<R> {
        &self.action
    }

    /// Whether the fault happens at the message with this number, after it has happened so many times.
    pub(super) fn is_due(&self, number: u64, happened: u64) -> bool {
        let here = match self.counting {
            Counting::PerProxy => number >= self.nth,
            Counting::PerConnection => number == self.nth,
        };
        here && happened < self.times
    }
}

/// Faults of one proxy; the first that is due at a message happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FaultPlan<F, R>(Vec<Fault<F, R>>);

impl<F, R> FaultPlan<F, R> {
    /// Nothing happens.
    pub fn none() -> Self {
        Self(Vec::new())
    }

    /// With one more fault.
    #[must_use]
    pub fn and(mut self, fault: Fault<F, R>) -> Self {
        self.0.push(fault);
        self
    }

    pub(super) fn faults(&self) -> &[Fault<F, R>] {
        &self.0
    }
}

impl<F, R> Default for FaultPlan<F, R> {
    fn default() -> Self {
        Self::none()
    }
}

impl<F, R> From<Fault<F, R>> for FaultPlan<F, R> {
    fn from(fault: Fault<F, R>) -> Self {
        Self(vec![fault])
    }
}

/// A fault that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Since the proxy was started.
    pub at: Duration,
    /// Which connection, counted from 1.
    pub connection: u64,
    /// Who sent the message.
    pub side: Side,
    /// Its number among all messages of that side, counted from 1 since the plan was armed.
    pub position: u64,
    /// The kind of the message; never its content.
    pub message: String,
    /// What was done: [`Action::name`].
    pub action: &'static str,
}

/// How many messages went by since the plan was armed: the positions a sweep has to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Positions {
    /// Messages of clients.
    pub client: u64,
    /// Messages of the server.
    pub server: u64,
    /// Connections that were opened.
    pub connections: u64,
}

impl Positions {
    /// Every side and number, to be tried one after the other.
    pub fn all(self) -> impl Iterator<Item = (Side, u64)> {
        let client = (1..=self.client).map(|number| (Side::Client, number));
        client.chain((1..=self.server).map(|number| (Side::Server, number)))
    }
}
