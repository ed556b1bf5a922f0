//! How careful a private server is with its data.

/// Whether committed data must survive a power cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Durability {
    /// PostgreSQL's defaults: a committed transaction survives anything.
    Full,
    /// No waiting for the disk: survives a crash of the server, not of the machine.
    #[default]
    Test,
}

const ALWAYS: [(&str, &str); 6] = [
    ("shared_buffers", "192MB"),
    ("max_connections", "100"),
    ("max_locks_per_transaction", "256"),
    ("timezone", "UTC"),
    ("log_timezone", "UTC"),
    ("logging_collector", "off"),
];
/// Not `synchronous_commit=off`: without `fsync` it saves nothing, and a crash would lose the last commits.
const CARELESS: [(&str, &str); 3] = [("fsync", "off"), ("full_page_writes", "off"), ("max_wal_size", "2GB")];

impl Durability {
    /// Settings by name.
    pub(super) fn settings(self) -> impl Iterator<Item = (&'static str, &'static str)> {
        let more: &[_] = match self {
            Self::Full => &[],
            Self::Test => &CARELESS,
        };
        ALWAYS.iter().chain(more).copied()
    }
}
