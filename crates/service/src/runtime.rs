//! What a daemon works with besides its settings.

use emap_queue::Transport;
use tokio_util::sync::CancellationToken;

use crate::health::Health;

/// What every daemon's `run` is given; clones share it.
///
/// Every daemon has the same shape: `GROUPS` (its groups of settings), a type of settings that is read from them, and
/// `run(settings, runtime, progress) -> Result<Summary, Error>`, which ends with the cancellation or when all is done.
#[derive(Debug, Clone)]
pub struct Runtime {
    /// The broker.
    pub transport: Transport,
    /// Cancelled when the daemon is to finish what is on its way and end.
    pub cancel: CancellationToken,
    /// Where components report whether they work, by the names in [`components`](crate::health::components).
    pub health: Health,
}

impl Runtime {
    /// Over this transport, with a health registry and a token of its own: for the demo, benches and tests.
    pub fn new(transport: Transport) -> Self {
        Self { transport, cancel: CancellationToken::new(), health: Health::new() }
    }
}
