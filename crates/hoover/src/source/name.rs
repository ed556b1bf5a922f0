//! Which databases there are.

use std::fmt;

/// The name that the databases' administrators see.
pub const APPLICATION_NAME: &str = "EMAP hoover";

/// A database that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SourceName {
    /// The reporting database.
    Clarity,
    /// The warehouse.
    Caboodle,
    /// The message store, for form answers.
    Ids,
}

impl SourceName {
    /// As in messages, in the paths of queries and in the names of settings.
    pub fn text(self) -> &'static str {
        match self {
            Self::Clarity => "clarity",
            Self::Caboodle => "caboodle",
            Self::Ids => "ids",
        }
    }
}

impl fmt::Display for SourceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.text())
    }
}
