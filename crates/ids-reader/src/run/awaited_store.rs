//! A database that is waited for: calls go on until they succeed or the work is to stop.

use emap_ids::{IdsError, IdsStore, ProgressStore};
use emap_service::cancellation::cancelled_within;
use emap_service::{Backoff, CancellationToken, Component};

/// What can get itself a new connection.
pub(crate) trait Reconnect: Send + 'static {
    fn reconnect(&mut self) -> Result<(), IdsError>;
}

impl Reconnect for IdsStore {
    fn reconnect(&mut self) -> Result<(), IdsError> {
        IdsStore::reconnect(self)
    }
}

impl Reconnect for ProgressStore {
    fn reconnect(&mut self) -> Result<(), IdsError> {
        ProgressStore::reconnect(self)
    }
}

/// A store whose blocking calls run on a thread of their own and are repeated while the database is away.
pub(crate) struct AwaitedStore<S> {
    /// `None` only while a call runs, and for ever if one panicked.
    store: Option<S>,
    component: Component,
    stop: CancellationToken,
}

impl<S: Reconnect> AwaitedStore<S> {
    pub(crate) fn new(store: S, component: Component, stop: CancellationToken) -> Self {
        Self { store: Some(store), component, stop }
    }

    /// The answer; `None` when the stop came before the database did. After the stop, a lost connection is renewed
    /// once and no more.
    pub(crate) async fn call<T: Send + 'static>(
        &mut self,
        question: impl FnMut(&mut S) -> Result<T, IdsError> + Send + 'static,
    ) -> Option<T> {
        let mut question = question;
        let mut delays = Backoff::seconds(1, 30);
        let mut last_try = false;
        loop {
            let (answer, returned) = self.once(question).await?;
            question = returned;
            match answer {
                Ok(answer) => {
                    self.component.up();
                    return Some(answer);
                }
                Err(error) => self.component.down(&error),
            }
            if last_try {
                return None;
            }
            last_try = cancelled_within(&self.stop, delays.pause()).await;
            question = self.reconnected(question).await?;
        }
    }

    async fn once<T: Send + 'static, Q>(&mut self, mut question: Q) -> Option<(Result<T, IdsError>, Q)>
    where
        Q: FnMut(&mut S) -> Result<T, IdsError> + Send + 'static,
    {
        let mut store = self.store.take()?;
        let call = tokio::task::spawn_blocking(move || {
            let answer = question(&mut store);
            (store, answer, question)
        });
        let (store, answer, question) = call.await.ok()?;
        self.store = Some(store);
        Some((answer, question))
    }

    /// Tries for a new connection; a failure shows in the next call.
    async fn reconnected<Q: Send + 'static>(&mut self, question: Q) -> Option<Q> {
        let mut store = self.store.take()?;
        let call = tokio::task::spawn_blocking(move || {
            let result = store.reconnect();
            (store, result)
        });
        let (store, result) = call.await.ok()?;
        self.store = Some(store);
        if let Err(error) = result {
            tracing::debug!(%error, "no new connection yet");
        }
        Some(question)
    }
}
