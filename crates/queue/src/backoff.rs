//! Pauses between attempts: each twice the one before, up to a maximum.

use std::time::Duration;

/// Longest pause between attempts to connect to a broker.
const RECONNECT_MAXIMUM: Duration = Duration::from_secs(5);

/// An endless series of pauses: `initial`, twice that, four times that … `maximum`, `maximum` …
///
/// ```
/// use emap_queue::Backoff;
/// use std::time::Duration;
/// let mut backoff = Backoff::seconds(1, 5);
/// let pauses = [(); 4].map(|()| backoff.pause().as_secs());
/// assert_eq!(pauses, [1, 2, 4, 5]);
/// backoff.reset();
/// assert_eq!(backoff.pause(), Duration::from_secs(1));
/// ```
#[derive(Clone, Debug)]
pub struct Backoff {
    initial: Duration,
    maximum: Duration,
    next: Duration,
}

impl Backoff {
    /// Starts at `initial` (but never above `maximum`) and doubles up to `maximum`.
    pub fn new(initial: Duration, maximum: Duration) -> Self {
        // Never without any pause, even if the settings say 0.
        let initial = initial.min(maximum).max(Duration::from_millis(1));
        Self { initial, maximum: maximum.max(initial), next: initial }
    }

    /// The same in whole seconds.
    pub fn seconds(initial: u64, maximum: u64) -> Self {
        Self::new(Duration::from_secs(initial), Duration::from_secs(maximum))
    }

    /// For attempts to connect: soon at first, and never so rare that a broker that is back is kept
    /// waiting.
    pub(crate) fn reconnecting(initial: Duration) -> Self {
        Self::new(initial, RECONNECT_MAXIMUM)
    }

    /// How long to wait before the next attempt.
    pub fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.maximum);
        pause
    }

    /// Back to the first pause; call it after a success.
    pub fn reset(&mut self) {
        self.next = self.initial;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Backoff;

    fn pauses(mut backoff: Backoff, count: usize) -> Vec<u64> {
        (0..count).map(|_| backoff.pause().as_secs()).collect()
    }

    #[test]
    fn doubles_up_to_the_maximum_and_starts_again_after_success() {
        let mut backoff = Backoff::seconds(1, 600);
        assert_eq!(pauses(backoff.clone(), 12), [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        backoff.pause();
        backoff.reset();
        assert_eq!(backoff.pause().as_secs(), 1);
    }

    #[test]
    fn an_initial_pause_above_the_maximum_is_cut() {
        assert_eq!(pauses(Backoff::seconds(30, 10), 2), [10, 10]);
    }

    #[test]
    fn an_endless_maximum_never_overflows() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::MAX);
        for _ in 0..200 {
            backoff.pause();
        }
        assert_eq!(backoff.pause(), Duration::MAX);
    }
}
