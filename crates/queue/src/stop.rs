//! Tells background tasks that they are to stop.

use tokio::sync::watch;

/// What a task listens to; clones hear the same.
#[derive(Clone)]
pub(crate) struct Stop(watch::Receiver<bool>);

impl Stop {
    /// The side that tells, and the side that hears.
    pub(crate) fn new() -> (watch::Sender<bool>, Self) {
        let (sender, receiver) = watch::channel(false);
        (sender, Self(receiver))
    }

    /// Ends when the task is to stop, or nobody is left to tell it.
    pub(crate) async fn told(&mut self) {
        let _ = self.0.wait_for(|stopped| *stopped).await;
    }
}
