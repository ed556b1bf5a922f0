//! The one way to wait for a server: attempt, report, pause, attempt again.

use std::{fmt::Display, future::ready, panic::resume_unwind, time::Duration};

use emap_queue::Backoff;
use tokio::{runtime::Handle, task::spawn_blocking, time::Instant};
use tokio_util::sync::CancellationToken;

use crate::{cancellation::cancelled_within, health::Component};

/// Why an operation did not succeed.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum GaveUp<E> {
    /// The program is to stop.
    #[error("stopped before it succeeded")]
    Cancelled,
    /// The last attempt's error: another attempt is of no use, or the time is over.
    #[error(transparent)]
    Failed(#[from] E),
}

/// Repeats an operation until it succeeds, the program is to stop, the time is over, or an error says that
/// another attempt is of no use.
///
/// The component is up after a success and down with the error's text after a failure. A change of that is logged by the
/// component, so an outage gives one line and not one for each attempt.
///
/// ```no_run
/// # use emap_service::{Backoff, Component, Retry, GaveUp};
/// # use tokio_util::sync::CancellationToken;
/// # async fn connect() -> std::io::Result<()> { Ok(()) }
/// # async fn example(star: &Component, cancel: &CancellationToken) -> Result<(), GaveUp<std::io::Error>> {
/// Retry::new(star, cancel, Backoff::seconds(1, 60)).run(connect, |_| true).await
/// # }
/// ```
#[derive(Debug)]
#[must_use = "nothing is attempted before it runs"]
pub struct Retry {
    component: Component,
    cancel: CancellationToken,
    backoff: Backoff,
    limit: Option<Duration>,
    last_attempt: bool,
}

impl Retry {
    /// Without a limit of time; a cancellation ends it between two attempts.
    pub fn new(component: &Component, cancel: &CancellationToken, backoff: Backoff) -> Self {
        let (component, cancel) = (component.clone(), cancel.clone());
        Self { component, cancel, backoff, limit: None, last_attempt: false }
    }

    /// No attempt begins later than this after the first.
    pub fn at_most(mut self, limit: Duration) -> Self {
        self.limit = Some(limit);
        self
    }

    /// After a failure, a cancellation cuts the pause short for one more attempt instead of ending it: for what must be
    /// saved on the way out.
    pub fn with_last_attempt(mut self) -> Self {
        self.last_attempt = true;
        self
    }

    /// Runs the operation until it gives something. `may_pass` says of an error whether another attempt may help.
    ///
    /// # Errors
    /// [`GaveUp`].
    pub async fn run<T, E: Display, F: Future<Output = Result<T, E>>>(
        mut self,
        mut operation: impl FnMut() -> F,
        may_pass: impl Fn(&E) -> bool,
    ) -> Result<T, GaveUp<E>> {
        let deadline = self.limit.and_then(|limit| Instant::now().checked_add(limit));
        loop {
            let error = match operation().await {
                Ok(value) => {
                    self.component.up();
                    return Ok(value);
                }
                Err(error) => error,
            };
            self.component.down(&error);
            if !may_pass(&error) {
                return Err(GaveUp::Failed(error));
            }
            // An operation that was stopped while it waited has not failed, even if the time is over too.
            if self.cancel.is_cancelled() && !self.last_attempt {
                return Err(GaveUp::Cancelled);
            }
            let pause = self.backoff.pause();
            if deadline.is_some_and(|deadline| Instant::now() + pause > deadline) {
                return Err(GaveUp::Failed(error));
            }
            if cancelled_within(&self.cancel, pause).await && !std::mem::take(&mut self.last_attempt) {
                return Err(GaveUp::Cancelled);
            }
        }
    }

    /// The same for an operation that blocks, on a thread that may block. A tokio runtime must be entered there
    /// (`spawn_blocking` does; another thread calls `Handle::enter`).
    ///
    /// # Errors
    /// As [`Retry::run`].
    pub fn run_blocking<T, E: Display>(
        self,
        mut operation: impl FnMut() -> Result<T, E>,
        may_pass: impl Fn(&E) -> bool,
    ) -> Result<T, GaveUp<E>> {
        Handle::current().block_on(self.run(|| ready(operation()), may_pass))
    }

    /// The same, waited for by a task while the attempts are made on a thread that may block.
    ///
    /// # Errors
    /// As [`Retry::run`].
    pub async fn run_on_thread<T, E>(
        self,
        operation: impl FnMut() -> Result<T, E> + Send + 'static,
        may_pass: impl Fn(&E) -> bool + Send + 'static,
    ) -> Result<T, GaveUp<E>>
    where
        T: Send + 'static,
        E: Display + Send + 'static,
    {
        let attempts = spawn_blocking(move || self.run_blocking(operation, may_pass));
        attempts.await.unwrap_or_else(|broken| match broken.try_into_panic() {
            Ok(panic) => resume_unwind(panic),
            // Only the end of the whole runtime cancels such a task.
            Err(_) => Err(GaveUp::Cancelled),
        })
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;
    use crate::{Health, health::State};

    const SOON: Duration = Duration::from_millis(1);

    fn quick() -> Backoff {
        Backoff::new(SOON, SOON)
    }

    /// Fails `failures` times with its number, then succeeds with the number of attempts.
    struct Flaky {
        failures: u32,
        attempts: AtomicU32,
    }

    impl Flaky {
        fn new(failures: u32) -> Self {
            Self { failures, attempts: AtomicU32::new(0) }
        }

        fn attempt(&self) -> Result<u32, u32> {
            let attempt = self.attempts.fetch_add(1, Ordering::Relaxed) + 1;
            if attempt > self.failures { Ok(attempt) } else { Err(attempt) }
        }
    }

    #[tokio::test]
    async fn a_server_that_comes_back_is_waited_for_and_shown_as_up() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        let state = health.clone();
        // Spawned: what the loop gives must be able to move between threads.
        let waiting = tokio::spawn(async move {
            let mut attempts = 0;
            let operation = || {
                attempts += 1;
                let outcome = if attempts > 3 { Ok(attempts) } else { Err(attempts) };
                async move { outcome }
            };
            Retry::new(&star, &cancel, quick()).run(operation, |_| true).await
        });
        assert_eq!(waiting.await.unwrap(), Ok(4));
        assert!(state.is_ready());
    }

    #[tokio::test]
    async fn an_error_that_does_not_pass_ends_it_at_once_and_stays_visible() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        let flaky = Flaky::new(9);
        let outcome =
            Retry::new(&star, &cancel, quick()).run(|| ready(flaky.attempt()), |error| *error < 2).await;
        assert_eq!(outcome, Err(GaveUp::Failed(2)));
        assert_eq!(health.snapshot()["star"], State::Down("2".to_owned()));
    }

    #[tokio::test]
    async fn time_that_is_over_gives_the_last_error() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        let flaky = Flaky::new(9);
        let retry = Retry::new(&star, &cancel, Backoff::seconds(60, 60)).at_most(Duration::from_secs(10));
        assert_eq!(retry.run(|| ready(flaky.attempt()), |_| true).await, Err(GaveUp::Failed(1)));
    }

    #[tokio::test]
    async fn a_cancellation_counts_more_than_the_end_of_the_time() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        let retry = Retry::new(&star, &cancel, quick()).at_most(Duration::ZERO);
        cancel.cancel();
        assert_eq!(retry.run(|| ready(Err::<u32, u32>(1)), |_| true).await, Err(GaveUp::Cancelled));
        let retry = Retry::new(&star, &cancel, quick()).at_most(Duration::ZERO);
        assert_eq!(retry.run(|| ready(Err::<u32, u32>(1)), |_| false).await, Err(GaveUp::Failed(1)));
    }

    #[tokio::test]
    async fn a_cancellation_ends_the_pause() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        cancel.cancel();
        let flaky = Flaky::new(1);
        let endless = || Retry::new(&star, &cancel, Backoff::seconds(600, 600));
        assert_eq!(endless().run(|| ready(flaky.attempt()), |_| true).await, Err(GaveUp::Cancelled));
        let flaky = Flaky::new(1);
        let saved = endless().with_last_attempt().run(|| ready(flaky.attempt()), |_| true).await;
        assert_eq!(saved, Ok(2));
        let flaky = Flaky::new(2);
        let lost = endless().with_last_attempt().run(|| ready(flaky.attempt()), |_| true).await;
        assert_eq!(lost, Err(GaveUp::Cancelled));
    }

    #[tokio::test]
    async fn a_blocking_thread_waits_in_the_same_way() {
        let (health, cancel) = (Health::new(), CancellationToken::new());
        let star = health.component("star");
        let flaky = Flaky::new(2);
        let retry = Retry::new(&star, &cancel, quick());
        assert_eq!(retry.run_on_thread(move || flaky.attempt(), |_| true).await, Ok(3));
    }
}
