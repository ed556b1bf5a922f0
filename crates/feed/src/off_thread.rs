//! Work that blocks or computes, kept off the asynchronous threads.

use std::{
    panic::resume_unwind,
    sync::{Arc, Mutex, PoisonError},
};

/// Something that is only ever used on threads for blocking work, by one call at a time.
pub(crate) struct OffThread<T>(Arc<Mutex<T>>);

impl<T: Send + 'static> OffThread<T> {
    pub(crate) fn new(subject: T) -> Self {
        Self(Arc::new(Mutex::new(subject)))
    }

    /// Runs `work` to its end, even if the future is dropped; a later call then waits for it. A panic goes on in the
    /// caller.
    pub(crate) async fn call<A: Send + 'static>(&self, work: impl FnOnce(&mut T) -> A + Send + 'static) -> A {
        let subject = Arc::clone(&self.0);
        let call = tokio::task::spawn_blocking(move || {
            // A panic ends the feed, so what it may have left half done is not used any more.
            work(&mut subject.lock().unwrap_or_else(PoisonError::into_inner))
        });
        match call.await.map_err(tokio::task::JoinError::try_into_panic) {
            Ok(answer) => answer,
            Err(Ok(panic)) => resume_unwind(panic),
            // The runtime is being dropped, and with it this future.
            Err(Err(_)) => std::future::pending().await,
        }
    }
}
