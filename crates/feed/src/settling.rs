//! Whether anything gets settled: what readiness says of a feed as a whole.

use std::{
    convert::Infallible,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use emap_queue::Publisher;
use emap_service::Component;
use tokio::time::{Instant, sleep};

use crate::tracker::{Tracker, Waiting};

/// How often a feed is looked at.
const INTERVAL: Duration = Duration::from_millis(500);

/// Where a feed reports how it does.
#[derive(Debug, Clone)]
pub struct Reports {
    /// The connection to the broker.
    pub broker: Component,
    /// Whether anything gets settled: up after something was saved, or while there is nothing to be sent and every part
    /// works; down while any part is down, or while nothing is settled for longer than [`FeedSettings::stall_limit`](crate::FeedSettings::stall_limit).
    pub progress: Component,
}

/// Looks at a feed, and reports what it sees.
pub(crate) struct Watch<P, R> {
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) reports: Reports,
    /// The sources and the store of progress.
    pub(crate) parts: Vec<Component>,
    pub(crate) trackers: Vec<Arc<Tracker<P, R>>>,
    /// Whether something was saved since the last look.
    pub(crate) saved: Arc<AtomicBool>,
    pub(crate) settling: Settling,
}

impl<P, R> Watch<P, R> {
    /// To be called whenever something was saved.
    pub(crate) fn on_saved(&self) -> Box<dyn Fn() + Send + Sync> {
        let saved = Arc::clone(&self.saved);
        Box::new(move || saved.store(true, Ordering::Relaxed))
    }

    /// Looks again and again.
    pub(crate) async fn run(&mut self) -> Infallible {
        loop {
            self.look();
            sleep(INTERVAL).await;
        }
    }

    fn look(&mut self) {
        let Reports { broker, progress } = &self.reports;
        let is_connected = self.publisher.is_connected();
        broker.set_up(is_connected, "not connected");
        let waiting = self.trackers.iter().map(|tracker| tracker.waiting()).max();
        let seen = Seen {
            works: is_connected && self.parts.iter().all(Component::is_up),
            saved: self.saved.swap(false, Ordering::Relaxed),
            waiting: waiting.unwrap_or(Waiting::Idle),
            held_back: self.publisher.is_held_back(),
        };
        match self.settling.judge(seen, Instant::now()) {
            Some(Ok(())) => progress.up(),
            Some(Err(reason)) => progress.down(reason),
            None => {}
        }
    }
}

/// What one look shows.
#[derive(Debug, Clone, Copy)]
struct Seen {
    /// Every part of the feed says that it works.
    works: bool,
    /// Something was saved since the last look.
    saved: bool,
    /// What the stream waits for that has got furthest.
    waiting: Waiting,
    /// The broker takes nothing at present, and says so.
    held_back: bool,
}

/// The judgement over time.
#[derive(Debug)]
pub(crate) struct Settling {
    limit: Duration,
    /// When something was last settled, or there was nothing to be settled.
    last: Instant,
    /// Whether that was after the last trouble.
    proven: bool,
}

impl Settling {
    pub(crate) fn new(limit: Duration) -> Self {
        Self { limit, last: Instant::now(), proven: false }
    }

    /// Up, down with a reason, or as before.
    fn judge(&mut self, seen: Seen, now: Instant) -> Option<Result<(), String>> {
        if !seen.works {
            self.proven = false;
            return Some(Err("waits for what is down".to_owned()));
        }
        // A full queue is not our fault; whether we could save shows when it takes something.
        let is_held_back = seen.held_back && seen.waiting == Waiting::Confirms;
        if seen.saved || seen.waiting == Waiting::Idle || is_held_back {
            (self.last, self.proven) = (now, true);
            return Some(Ok(()));
        }
        if !self.proven || now.duration_since(self.last) < self.limit {
            return None;
        }
        self.proven = false;
        let cause = match seen.waiting {
            Waiting::Idle | Waiting::Source => "the source does not answer",
            Waiting::Confirms => "the broker does not confirm",
            Waiting::Saving => "progress is not saved",
        };
        Some(Err(format!("nothing was settled for {} s: {cause}", self.limit.as_secs())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: Duration = Duration::from_secs(25);
    const BUSY: Seen = Seen { works: true, saved: false, waiting: Waiting::Confirms, held_back: false };

    /// What is reported at the end of a series of looks, one a second: `true` is up.
    fn after(looks: &[(u64, Seen)]) -> Option<bool> {
        let (mut settling, mut now, mut state) = (Settling::new(LIMIT), Instant::now(), None);
        for (seconds, seen) in looks {
            for _ in 0..*seconds {
                now += Duration::from_secs(1);
                let verdict = settling.judge(*seen, now);
                state = verdict.map_or(state, |verdict| Some(verdict.is_ok()));
            }
        }
        state
    }

    #[test]
    fn it_is_up_after_a_save_or_while_there_is_nothing_to_do() {
        assert_eq!(after(&[(100, BUSY)]), None);
        assert_eq!(after(&[(1, BUSY), (1, Seen { saved: true, ..BUSY })]), Some(true));
        assert_eq!(after(&[(1, Seen { waiting: Waiting::Idle, ..BUSY })]), Some(true));
        assert_eq!(after(&[(1, Seen { waiting: Waiting::Source, ..BUSY })]), None);
    }

    #[test]
    fn it_is_down_when_nothing_is_settled_for_too_long_until_the_next_save() {
        let saved = Seen { saved: true, ..BUSY };
        for waiting in [Waiting::Source, Waiting::Confirms, Waiting::Saving] {
            let stuck = Seen { waiting, ..BUSY };
            assert_eq!(after(&[(1, saved), (24, stuck)]), Some(true), "{waiting:?}");
            assert_eq!(after(&[(1, saved), (25, stuck)]), Some(false), "{waiting:?}");
            assert_eq!(after(&[(1, saved), (99, stuck), (1, saved)]), Some(true), "{waiting:?}");
        }
    }

    #[test]
    fn a_broker_that_says_that_it_takes_nothing_is_no_reason_but_a_store_that_hangs_is() {
        let (saved, held_back) = (Seen { saved: true, ..BUSY }, Seen { held_back: true, ..BUSY });
        assert_eq!(after(&[(1, saved), (500, held_back)]), Some(true));
        let hangs = Seen { waiting: Waiting::Saving, ..held_back };
        assert_eq!(after(&[(1, saved), (30, hangs)]), Some(false));
        assert_eq!(after(&[(1, saved), (30, held_back), (24, BUSY)]), Some(true));
    }

    #[test]
    fn connecting_again_is_not_enough() {
        let (saved, lost) = (Seen { saved: true, ..BUSY }, Seen { works: false, ..BUSY });
        assert_eq!(after(&[(1, saved), (1, lost)]), Some(false));
        assert_eq!(after(&[(1, saved), (1, lost), (100, BUSY)]), Some(false));
        let meanwhile = Seen { saved: true, ..lost };
        assert_eq!(after(&[(1, saved), (1, meanwhile), (1, BUSY)]), Some(false));
        assert_eq!(after(&[(1, saved), (1, lost), (9, BUSY), (1, saved)]), Some(true));
    }
}
