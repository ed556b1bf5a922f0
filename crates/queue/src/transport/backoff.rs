//! Pauses between attempts: each twice the one before, up to a maximum.

use std::time::Duration;

/// Longest pause between attempts to connect.
const RECONNECT_MAXIMUM: Duration = Duration::from_secs(5);

#[derive(Clone, Debug)]
pub(crate) struct Backoff {
    initial: Duration,
    maximum: Duration,
    next: Duration,
}

impl Backoff {
    pub(crate) fn new(initial: Duration, maximum: Duration) -> Self {
        // Never without any pause, whatever the settings say.
        let initial = initial.min(maximum).max(Duration::from_millis(1));
        Self { initial, maximum: maximum.max(initial), next: initial }
    }

    /// For attempts to connect: soon at first, and never so rare that a broker that is back is kept
    /// waiting.
    pub(crate) fn reconnecting(initial: Duration) -> Self {
        Self::new(initial, RECONNECT_MAXIMUM)
    }

    /// How long to wait before the next attempt.
    pub(crate) fn pause(&mut self) -> Duration {
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(self.maximum);
        pause
    }

    /// After a success.
    pub(crate) fn reset(&mut self) {
        self.next = self.initial;
    }
}

#[cfg(test)]
mod tests {
    use super::Backoff;
    use std::time::Duration;

    #[test]
    fn doubles_up_to_the_maximum_and_starts_again_after_success() {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(600));
        let pauses: Vec<u64> = (0..12).map(|_| backoff.pause().as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
        backoff.reset();
        assert_eq!(backoff.pause().as_secs(), 1);
    }
}
