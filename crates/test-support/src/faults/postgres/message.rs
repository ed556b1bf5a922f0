//! Messages, as far as a fault can be meant for them.

use crate::faults::{plan::Side, script::Filter as Fits};

/// The kind of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// SSLRequest or GSSENCRequest.
    EncryptionRequest,
    /// The beginning of a session.
    Startup,
    /// Cancels what another connection is doing.
    CancelRequest,
    /// A password, or what is sent in place of one.
    Password,
    /// Simple query.
    Query,
    /// Prepares a statement.
    Parse,
    /// Gives a prepared statement its values.
    Bind,
    /// Requests the description of a statement or a portal.
    Describe,
    /// Runs a portal.
    Execute,
    /// Ends a series of extended messages.
    Sync,
    /// Requests what there is so far.
    Flush,
    /// Forgets a statement or a portal.
    Close,
    /// Data of COPY, of either side.
    CopyData,
    /// End of the data of COPY, of either side.
    CopyDone,
    /// The client gives up COPY.
    CopyFail,
    /// The client leaves.
    Terminate,
    /// The server waits for the next query.
    ReadyForQuery,
    /// An error.
    Error,
    /// The end of a command.
    CommandComplete,
    /// A row.
    DataRow,
    /// Any other, by its first byte.
    Other(u8),
}

impl Kind {
    /// By the first byte of a message that has one.
    pub(super) fn of(side: Side, tag: u8) -> Self {
        match (side, tag) {
            (Side::Client, b'p') => Self::Password,
            (Side::Client, b'Q') => Self::Query,
            (Side::Client, b'P') => Self::Parse,
            (Side::Client, b'B') => Self::Bind,
            (Side::Client, b'D') => Self::Describe,
            (Side::Client, b'E') => Self::Execute,
            (Side::Client, b'S') => Self::Sync,
            (Side::Client, b'H') => Self::Flush,
            (Side::Client, b'C') => Self::Close,
            (Side::Client, b'f') => Self::CopyFail,
            (Side::Client, b'X') => Self::Terminate,
            (Side::Server, b'Z') => Self::ReadyForQuery,
            (Side::Server, b'E') => Self::Error,
            (Side::Server, b'C') => Self::CommandComplete,
            (Side::Server, b'D') => Self::DataRow,
            (_, b'd') => Self::CopyData,
            (_, b'c') => Self::CopyDone,
            (_, other) => Self::Other(other),
        }
    }
}

/// A message as filters see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::faults) struct Message {
    pub(super) kind: Kind,
    /// SQL that this message runs: of Query, or of the statement behind the portal of Execute.
    pub(super) runs: Option<String>,
}

/// Which messages a fault is meant for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    kind: Option<Kind>,
    /// In capitals.
    statement: Option<String>,
}

impl Filter {
    /// Every message.
    pub fn any() -> Self {
        Self::default()
    }

    /// Messages of that kind.
    pub fn kind(kind: Kind) -> Self {
        Self { kind: Some(kind), statement: None }
    }

    /// Messages that run a statement which holds this text, in capitals or not: Query, or Execute.
    pub fn statement(text: &str) -> Self {
        Self { kind: None, statement: Some(text.to_uppercase()) }
    }
}

impl From<Kind> for Filter {
    fn from(kind: Kind) -> Self {
        Self::kind(kind)
    }
}

impl Fits<Message> for Filter {
    fn fits(&self, message: &Message) -> bool {
        let text = |wanted: &String| {
            message.runs.as_ref().is_some_and(|statement| statement.to_uppercase().contains(wanted))
        };
        self.kind.is_none_or(|kind| kind == message.kind) && self.statement.as_ref().is_none_or(text)
    }
}
