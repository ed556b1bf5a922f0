//! Waiting times between tries: each twice the one before, up to a maximum.

use std::time::Duration;

/// An endless sequence of waiting times: `initial`, twice that, four times that … `maximum`, `maximum` …
///
/// ```
/// use emap_service::Backoff;
/// use std::time::Duration;
/// let mut delays = Backoff::seconds(1, 5);
/// let first: Vec<u64> = delays.by_ref().take(4).map(|delay| delay.as_secs()).collect();
/// assert_eq!(first, [1, 2, 4, 5]);
/// delays.reset();
/// assert_eq!(delays.next(), Some(Duration::from_secs(1)));
/// ```
#[derive(Debug, Clone)]
pub struct Backoff {
    initial: Duration,
    maximum: Duration,
    next: Duration,
}

impl Backoff {
    /// Starts at `initial` (but never above `maximum`) and doubles up to `maximum`.
    pub fn new(initial: Duration, maximum: Duration) -> Self {
        let initial = initial.min(maximum);
        Self { initial, maximum, next: initial }
    }

    /// The same in whole seconds.
    pub fn seconds(initial: u64, maximum: u64) -> Self {
        Self::new(Duration::from_secs(initial), Duration::from_secs(maximum))
    }

    /// Back to the first delay; call it after a success.
    pub fn reset(&mut self) {
        self.next = self.initial;
    }
}

impl Iterator for Backoff {
    type Item = Duration;

    fn next(&mut self) -> Option<Duration> {
        let delay = self.next;
        self.next = delay.saturating_mul(2).min(self.maximum);
        Some(delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_to_ten_minutes_and_stays_there() {
        let delays: Vec<u64> = Backoff::seconds(1, 600).take(12).map(|delay| delay.as_secs()).collect();
        assert_eq!(delays, [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600]);
    }

    #[test]
    fn an_initial_delay_above_the_maximum_is_cut() {
        assert_eq!(Backoff::seconds(30, 10).take(2).map(|delay| delay.as_secs()).sum::<u64>(), 20);
    }

    #[test]
    fn an_endless_maximum_never_overflows() {
        let mut delays = Backoff::new(Duration::from_secs(1), Duration::MAX);
        assert_eq!(delays.nth(200), Some(Duration::MAX));
    }
}
