//! What a private broker is started with.

use std::path::PathBuf;

/// How a private server is started.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Where queues and messages are kept for next time; `None`: a temporary directory, deleted at the end.
    pub data_dir: Option<PathBuf>,
    /// More lines for the broker's configuration (`rabbitmq.conf`), such as limits or a TLS listener.
    pub configuration: String,
    /// Without the plugins that an instance's broker has.
    pub bare: bool,
}
