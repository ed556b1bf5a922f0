//! How long the numbers of a gap have been missing, and whether that is long enough.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};

/// Remembers when which numbers were there, as far as it matters.
///
/// The numbers of a gap are given out before that of the row behind it. So a gap is at least as old as that row, and how
/// long that has been there is known by our own clock: since the first time that the highest number of the store was as
/// high. Only of rows that were there at the start nobody has looked before; of these, the time of storing counts, as
/// the store's clock gives it.
#[derive(Debug)]
pub(super) struct Patience {
    /// How long a gap is waited for.
    wait: Duration,
    /// The highest number at the start; `None` before the first look.
    at_start: Option<i64>,
    /// When the highest number was seen for the first time, for rising numbers. All but the first are younger than the
    /// wait.
    sightings: VecDeque<(Instant, i64)>,
}

impl Patience {
    pub(super) fn new(wait: Duration) -> Self {
        Self { wait, at_start: None, sightings: VecDeque::new() }
    }

    pub(super) fn is_started(&self) -> bool {
        self.at_start.is_some()
    }

    /// The first look at the store.
    pub(super) fn start(&mut self, highest: Option<i64>, now: Instant) {
        self.at_start = Some(highest.unwrap_or(i64::MIN));
        self.saw(highest, now);
    }

    /// The highest number of the store at present.
    pub(super) fn saw(&mut self, highest: Option<i64>, now: Instant) {
        if let Some(highest) = highest
            && self.sightings.back().is_none_or(|(_, known)| *known < highest)
        {
            self.sightings.push_back((now, highest));
        }
        while self.sightings.get(1).is_some_and(|(seen, _)| now.duration_since(*seen) >= self.wait) {
            self.sightings.pop_front();
        }
    }

    /// For how long the gap before this row is still to be waited for; `None`: no longer. `highest` is the highest number
    /// that is known to be there, this row's or a higher one.
    pub(super) fn rest(
        &mut self,
        unid: i64,
        stored_at: Option<DateTime<Utc>>,
        highest: i64,
        now: Instant,
    ) -> Option<Duration> {
        let was_there = self.at_start.is_some_and(|at_start| unid <= at_start);
        if was_there
            && stored_at.is_some_and(|at| (Utc::now() - at).to_std().is_ok_and(|age| age >= self.wait))
        {
            return None;
        }
        self.saw(Some(highest.max(unid)), now);
        let seen = self.sightings.iter().find(|(_, highest)| *highest >= unid);
        let age = seen.map_or(Duration::ZERO, |(seen, _)| now.duration_since(*seen));
        self.wait.checked_sub(age).filter(|rest| !rest.is_zero())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WAIT: Duration = Duration::from_secs(10);

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn a_gap_is_as_old_as_the_row_behind_it() {
        let (mut patience, begin) = (Patience::new(WAIT), Instant::now());
        patience.start(None, begin);
        let mut rest = |unid, second| patience.rest(unid, None, unid, begin + seconds(second));
        assert_eq!(rest(5, 100), Some(WAIT));
        assert_eq!(rest(9, 104), Some(WAIT));
        assert_eq!((rest(5, 104), rest(7, 104)), (Some(seconds(6)), Some(WAIT)));
        assert_eq!((rest(5, 110), rest(7, 113), rest(9, 114)), (None, Some(seconds(1)), None));
    }

    #[test]
    fn however_far_behind_no_more_than_one_wait_is_spent() {
        let (mut patience, begin) = (Patience::new(WAIT), Instant::now());
        patience.start(Some(1_000_000), begin);
        let now = begin + WAIT;
        for unid in (3..1_000_000).step_by(1000) {
            assert_eq!(patience.rest(unid, None, unid, now), None);
        }
        for second in 0..10_000 {
            patience.saw(Some(1_000_000 + i64::try_from(second).unwrap()), begin + seconds(second));
            assert!(patience.sightings.len() <= 12);
        }
    }

    #[test]
    fn the_time_of_storing_counts_only_for_rows_that_were_there_at_the_start() {
        let (mut patience, begin) = (Patience::new(WAIT), Instant::now());
        patience.start(Some(10), begin);
        let ago = |seconds| Some(Utc::now() - chrono::TimeDelta::seconds(seconds));
        assert_eq!(patience.rest(10, ago(3600), 10, begin), None);
        assert_eq!(patience.rest(10, ago(5), 10, begin), Some(WAIT));
        assert_eq!(patience.rest(10, ago(-3600), 10, begin), Some(WAIT));
        assert_eq!(patience.rest(12, ago(3600), 12, begin), Some(WAIT));
    }

    #[test]
    fn without_a_wait_nothing_is_waited_for() {
        let (mut patience, begin) = (Patience::new(Duration::ZERO), Instant::now());
        patience.start(None, begin);
        assert_eq!(patience.rest(7, None, 7, begin), None);
        assert!(patience.is_started());
    }
}
