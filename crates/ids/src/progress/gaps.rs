//! Gaps: numbers of the message store that were not there when rows with higher numbers were read.

use std::collections::BTreeMap;

use chrono::{DateTime, TimeDelta, Utc};

/// How long a gap is remembered after it was passed.
pub(super) const MEMORY: TimeDelta = TimeDelta::days(1);

/// Successive numbers that were not in the store when a reader passed them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first of them.
    pub first: i64,
    /// The last of them.
    pub last: i64,
    /// When the reader went on without them.
    pub passed_at: DateTime<Utc>,
}

/// What became of a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GapChange {
    /// The reader went on without these numbers.
    Passed(Gap),
    /// The row with this number came after all and is dealt with.
    Filled(i64),
}

/// The gaps whose rows may still come: a range each, however many numbers that has.
///
/// There are at most [`OpenGaps::MOST`]. When there are more, those with the lowest numbers are forgotten: they are the
/// oldest, and the least likely to be filled.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OpenGaps {
    /// By their first numbers; they do not overlap.
    gaps: BTreeMap<i64, Gap>,
}

impl OpenGaps {
    /// The most gaps that are remembered.
    pub const MOST: usize = 10_000;

    /// Adds a gap. Returns how many others are forgotten for it.
    pub fn pass(&mut self, gap: Gap) -> usize {
        self.gaps.insert(gap.first, gap);
        let before = self.gaps.len();
        while self.gaps.len() > Self::MOST {
            self.gaps.pop_first();
        }
        before - self.gaps.len()
    }

    /// Removes a number, whose row has come. What is left of its gap stays open. False: it is in no gap.
    pub fn fill(&mut self, unid: i64) -> bool {
        let gap = self.gaps.range(..=unid).next_back().map(|(_, gap)| *gap);
        let Some(gap) = gap.filter(|gap| gap.last >= unid) else { return false };
        self.gaps.remove(&gap.first);
        if gap.first < unid {
            self.gaps.insert(gap.first, Gap { last: unid - 1, ..gap });
        }
        if unid < gap.last {
            self.gaps.insert(unid + 1, Gap { first: unid + 1, ..gap });
        }
        true
    }

    /// Removes the gaps that were passed more than a day before `now`.
    pub fn forget_old(&mut self, now: DateTime<Utc>) {
        self.gaps.retain(|_, gap| !is_old(gap.passed_at, now));
    }

    /// The gaps, by rising number.
    pub fn iter(&self) -> impl Iterator<Item = &Gap> {
        self.gaps.values()
    }

    /// How many gaps there are.
    pub fn len(&self) -> usize {
        self.gaps.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }
}

impl FromIterator<Gap> for OpenGaps {
    fn from_iter<T: IntoIterator<Item = Gap>>(gaps: T) -> Self {
        let mut open = Self::default();
        for gap in gaps {
            open.pass(gap);
        }
        open
    }
}

fn is_old(passed_at: DateTime<Utc>, now: DateTime<Utc>) -> bool {
    now - passed_at > MEMORY
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn at(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(second, 0).unwrap()
    }

    fn gap(first: i64, last: i64) -> Gap {
        Gap { first, last, passed_at: at(last) }
    }

    fn ranges(open: &OpenGaps) -> Vec<(i64, i64)> {
        open.iter().map(|gap| (gap.first, gap.last)).collect()
    }

    #[test]
    fn a_million_numbers_are_one_gap() {
        let mut open = OpenGaps::default();
        assert_eq!(open.pass(gap(6, 4_999_999)), 0);
        assert!(open.fill(2_500_000) && !open.fill(2_500_000));
        assert_eq!(ranges(&open), [(6, 2_499_999), (2_500_001, 4_999_999)]);
        assert!(open.iter().all(|gap| gap.passed_at == at(4_999_999)), "what is left is as old as before");
        assert!(!open.fill(5) && !open.fill(5_000_000));
    }

    #[test]
    fn numbers_at_the_ends_of_what_an_integer_holds() {
        let mut open: OpenGaps =
            [Gap { first: i64::MIN, last: i64::MAX, passed_at: at(0) }].into_iter().collect();
        assert!(open.fill(i64::MIN) && open.fill(i64::MAX));
        assert_eq!(ranges(&open), [(i64::MIN + 1, i64::MAX - 1)]);
    }

    #[test]
    fn the_oldest_are_forgotten_after_a_day_and_when_there_are_too_many() {
        let mut open = OpenGaps::default();
        let passed: usize = (0..15_000).map(|number| open.pass(gap(2 * number, 2 * number))).sum();
        assert_eq!((open.len(), passed), (OpenGaps::MOST, 5_000));
        assert_eq!(ranges(&open)[0], (10_000, 10_000));
        open.forget_old(at(20_000) + MEMORY);
        assert_eq!(ranges(&open)[0], (20_000, 20_000));
        open.forget_old(at(29_999) + MEMORY);
        assert!(open.is_empty());
    }

    proptest! {
        #[test]
        fn the_same_as_a_set_of_single_numbers(
            lengths in prop::collection::vec((1..4_i64, 0..6_i64), 0..20),
            filled in prop::collection::vec(0..120_i64, 0..80),
        ) {
            let (mut open, mut single, mut next) = (OpenGaps::default(), BTreeSet::new(), 0);
            for (rows, missing) in lengths {
                next += rows;
                if missing > 0 {
                    open.pass(gap(next, next + missing - 1));
                    single.extend(next..next + missing);
                }
                next += missing;
            }
            for unid in filled {
                prop_assert_eq!(open.fill(unid), single.remove(&unid));
            }
            let numbers: Vec<i64> = open.iter().flat_map(|gap| gap.first..=gap.last).collect();
            prop_assert_eq!(numbers, single.into_iter().collect::<Vec<_>>());
            prop_assert!(open.iter().all(|gap| gap.first <= gap.last));
        }
    }
}
