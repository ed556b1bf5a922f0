//! Care for a server that is not ours: few queries at once, a pause after each, quiet hours, no hammering.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use emap_service::Backoff;
use futures::{FutureExt, future::BoxFuture};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, sleep},
};

use super::{
    database::{Database, Query},
    error::SourceError,
    rows::Rows,
};
use crate::column::FoundColumn;

/// How long a source is left alone after it refused a login.
const LOGIN_PAUSES: (u64, u64) = (60, 600);

/// Queries that may run at once. They are let in by turns, in the order in which they ask.
#[derive(Debug, Clone)]
pub struct Gate {
    permits: Arc<Semaphore>,
    pause: Duration,
}

impl Gate {
    /// So many at once, with a pause after each.
    pub fn new(most: usize, pause: Duration) -> Self {
        Self { permits: Arc::new(Semaphore::new(most.max(1))), pause }
    }

    async fn enter(&self) -> Pass {
        match Arc::clone(&self.permits).acquire_owned().await {
            Ok(permit) => Pass { permit: Some(permit), pause: self.pause },
            // Nothing ever closes it.
            Err(_) => std::future::pending().await,
        }
    }
}

/// The right to run a query; given back after the pause.
#[derive(Debug)]
struct Pass {
    permit: Option<OwnedSemaphorePermit>,
    pause: Duration,
}

impl Drop for Pass {
    fn drop(&mut self) {
        if let (Some(permit), Ok(runtime)) = (self.permit.take(), tokio::runtime::Handle::try_current())
            && !self.pause.is_zero()
        {
            let pause = self.pause;
            runtime.spawn(async move {
                sleep(pause).await;
                drop(permit);
            });
        }
    }
}

/// A database behind its gate.
pub struct Guarded<D> {
    database: D,
    gate: Gate,
    refused: Mutex<Refused>,
}

/// What is known of refused logins.
struct Refused {
    /// Until when the server is not asked again, and what it said.
    until: Option<(Instant, SourceError)>,
    pauses: Backoff,
}

impl<D: Database> Guarded<D> {
    /// Puts a gate in front of a database.
    pub fn new(database: D, gate: Gate) -> Self {
        let pauses = Backoff::seconds(LOGIN_PAUSES.0, LOGIN_PAUSES.1);
        Self { database, gate, refused: Mutex::new(Refused { until: None, pauses }) }
    }

    /// The refusal of a short while ago.
    fn still_refused(&self) -> Option<SourceError> {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (until, error) = refused.until.as_ref()?;
        (Instant::now() < *until).then(|| error.clone())
    }

    fn noted<T>(&self, answer: Result<T, SourceError>) -> Result<T, SourceError> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        match &answer {
            Err(error) if error.is_login_refused() => {
                refused.until = Some((Instant::now() + refused.pauses.pause(), error.clone()));
            }
            _ => {
                refused.until = None;
                refused.pauses.reset();
            }
        }
        drop(refused);
        answer
    }
}

impl<D: Database> Database for Guarded<D> {
    fn open(&self, query: Query) -> BoxFuture<'_, Result<Rows, SourceError>> {
        async move {
            let pass = self.gate.enter().await;
            if let Some(error) = self.still_refused() {
                return Err(error);
            }
            let rows = self.noted(self.database.open(query).await)?;
            Ok(held(rows, pass))
        }
        .boxed()
    }

    fn describe(&self, query: Query) -> BoxFuture<'_, Result<Vec<FoundColumn>, SourceError>> {
        async move {
            let _pass = self.gate.enter().await;
            match self.still_refused() {
                Some(error) => Err(error),
                None => self.noted(self.database.describe(query).await),
            }
        }
        .boxed()
    }
}

/// The rows, with the pass held until they end.
fn held(mut rows: Rows, pass: Pass) -> Rows {
    let (sender, guarded) = Rows::channel();
    tokio::spawn(async move {
        sender.forward(&mut rows).await;
        drop((rows, pass));
    });
    guarded
}
