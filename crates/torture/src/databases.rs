//! Where the connector has its tables: it stores in one transaction, or in two.

use clap::ValueEnum;

/// The connector's databases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Databases {
    /// Messages, outbox and the message store are in one database: one transaction for each group of messages.
    One,
    /// The message store is in another database: two transactions, the harder case.
    Two,
}

impl Databases {
    /// Odd seeds have two, even ones one.
    pub(crate) fn of(seed: u64) -> Self {
        if seed.is_multiple_of(2) { Self::One } else { Self::Two }
    }

    /// As it is given on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::One => "one",
            Self::Two => "two",
        }
    }

    /// Text of the statement with which what the connector has stored is committed: a call that is a transaction by
    /// itself if there is no other.
    pub(crate) fn commits_with(self) -> &'static str {
        match self {
            Self::One => "connector_store",
            Self::Two => "COMMIT",
        }
    }
}
