//! How a private PostgreSQL server is started.

use std::path::PathBuf;

use super::durability::Durability;

/// The superuser of a private server; connections from this machine need no password.
pub const USER: &str = "emap";

/// How a private server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where the data is kept for next time; `None`: a temporary directory, deleted at the end.
    pub data_dir: Option<PathBuf>,
    /// Whether committed data must survive a power cut.
    pub durability: Durability,
    /// More settings of `postgresql.conf`, by name; they take precedence over ours.
    pub settings: Vec<(String, String)>,
    /// TLS; `None`: all connections are plain.
    pub tls: Option<Tls>,
    /// Lines of `pg_hba.conf` that come before ours. Ours let everybody on this machine in without a password.
    pub access: String,
}

/// How a server proves who it is; all in PEM.
#[derive(Debug, Clone)]
pub struct Tls {
    /// The server's certificate.
    pub certificate: String,
    /// Its private key.
    pub key: String,
    /// Certificate of the authority that vouches for clients.
    pub authority: String,
}
