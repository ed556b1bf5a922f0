//! The wish to stop, as a token that any task can look at or wait for.

use std::sync::Arc;
use tokio::sync::watch;

/// Cloneable; once triggered it stays triggered. All clones see the same state.
#[derive(Debug, Clone)]
pub struct Shutdown {
    sender: Arc<watch::Sender<bool>>,
}

impl Default for Shutdown {
    fn default() -> Self {
        Self::new()
    }
}

impl Shutdown {
    /// A token that nobody has triggered yet.
    pub fn new() -> Self {
        Self { sender: Arc::new(watch::Sender::new(false)) }
    }

    /// Asks everybody who holds this token to stop.
    pub fn trigger(&self) {
        self.sender.send_replace(true);
    }

    /// Whether somebody has asked for the stop.
    pub fn is_triggered(&self) -> bool {
        *self.sender.borrow()
    }

    /// Returns when the stop is asked for; at once if it has been already.
    pub async fn wait(&self) {
        let mut receiver = self.sender.subscribe();
        // The sender lives as long as `self`, so the error (sender gone) cannot happen here.
        let _ = receiver.wait_for(|triggered| *triggered).await;
    }

    /// Waits for `duration` or for the stop, whichever comes first; true when it is the stop.
    pub async fn wait_at_most(&self, duration: std::time::Duration) -> bool {
        tokio::time::timeout(duration, self.wait()).await.is_ok()
    }

    /// Triggers this token at the first SIGTERM or SIGINT. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// When the operating system refuses the signal handlers.
    pub fn trigger_on_signals(&self) -> std::io::Result<()> {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        let token = self.clone();
        tokio::spawn(async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "stopping");
            token.trigger();
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[tokio::test]
    async fn clones_share_the_trigger() {
        let token = Shutdown::new();
        let waiting = tokio::spawn({
            let token = token.clone();
            async move { token.wait().await }
        });
        assert!(!token.is_triggered());
        token.clone().trigger();
        waiting.await.unwrap();
        assert!(token.is_triggered());
        token.wait().await;
    }

    #[tokio::test]
    async fn waiting_at_most_tells_what_came_first() {
        let token = Shutdown::new();
        assert!(!token.wait_at_most(Duration::from_millis(1)).await);
        token.trigger();
        assert!(token.wait_at_most(Duration::from_secs(60)).await);
    }
}
