//! Stopping: SIGTERM and SIGINT cancel a token that every task looks at or waits for.

use std::{io, time::Duration};

use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// Cancels the token at the first SIGTERM or SIGINT. Must be called inside a tokio runtime.
///
/// # Errors
/// When the operating system refuses the signal handlers.
pub fn cancel_on_signals(token: &CancellationToken) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let token = token.clone();
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
        token.cancel();
    });
    Ok(())
}

/// Waits for `duration` or for the cancellation, whichever comes first; true when it is the cancellation.
pub async fn cancelled_within(token: &CancellationToken, duration: Duration) -> bool {
    timeout(duration, token.cancelled()).await.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_wait_ends_with_the_time_or_with_the_cancellation() {
        let token = CancellationToken::new();
        assert!(!cancelled_within(&token, Duration::from_millis(1)).await);
        let waiting = tokio::spawn({
            let token = token.clone();
            async move { cancelled_within(&token, Duration::from_secs(60)).await }
        });
        token.cancel();
        assert!(waiting.await.unwrap());
        assert!(cancelled_within(&token, Duration::from_secs(60)).await);
    }
}
