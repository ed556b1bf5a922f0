//! A random list of faults that is the same whenever the seed is the same.
//!
//! ```
//! use std::time::Duration;
//! use emap_test_support::faults::schedule::Schedule;
//!
//! let kinds = [("kill core", 3), ("star read-only", 1)];
//! let schedule = Schedule::new(7, 100, &kinds, Duration::from_millis(200), Duration::from_secs(2));
//! assert_eq!(schedule.to_string(), Schedule::read(&schedule.to_string()).unwrap().to_string());
//! ```

use std::{fmt, time::Duration};

/// One fault of a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// Since the beginning of the run; whole milliseconds.
    pub at: Duration,
    /// What happens, in the caller's words.
    pub kind: String,
    /// How long it lasts, where that applies; whole milliseconds.
    pub lasts: Duration,
    /// A number for what else is left to chance, such as the position of a message.
    pub chance: u32,
}

/// Faults in the order of their times, and the seed they come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    seed: u64,
    faults: Vec<Planned>,
}

impl Schedule {
    /// So many faults of these kinds, each as probable as its weight says; if there are as many faults as kinds with a
    /// weight, each of these at least once. Between two faults there is half as much to one and a half times as much as
    /// `every`; a fault lasts at most `longest`.
    pub fn new(seed: u64, count: usize, kinds: &[(&str, u32)], every: Duration, longest: Duration) -> Self {
        let mut random = fastrand::Rng::with_seed(seed);
        let mut at = Duration::ZERO;
        let mut faults = Vec::with_capacity(count);
        for kind in drawn(kinds, count, &mut random) {
            at += whole(every.mul_f64(0.5 + random.f64()));
            let lasts = whole(longest.mul_f64(random.f64()));
            faults.push(Planned { at, kind: kind.to_owned(), lasts, chance: random.u32(..) });
        }
        Self { seed, faults }
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// The faults, the earliest first.
    pub fn faults(&self) -> &[Planned] {
        &self.faults
    }

    /// Reads what `to_string` gives, so that a list that was printed (or cut down by hand) can be run again.
    pub fn read(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let seed = lines.next()?.strip_prefix("seed ")?.parse().ok()?;
        let faults: Option<Vec<Planned>> = lines.map(planned).collect();
        Some(Self { seed, faults: faults? })
    }
}

/// Kinds in the order of their faults.
fn drawn<'k>(kinds: &[(&'k str, u32)], count: usize, random: &mut fastrand::Rng) -> Vec<&'k str> {
    let total: u32 = kinds.iter().map(|(_, weight)| weight).sum();
    let possible = kinds.iter().filter(|(_, weight)| *weight > 0).map(|(kind, _)| *kind);
    let mut drawn: Vec<_> = possible.collect();
    if drawn.is_empty() {
        return drawn;
    }
    if drawn.len() > count {
        drawn.clear();
    }
    while drawn.len() < count {
        let mut place = random.u32(0..total);
        let kind = kinds.iter().find(|(_, weight)| {
            let found = place < *weight;
            place = place.saturating_sub(*weight);
            found
        });
        drawn.extend(kind.map(|(kind, _)| *kind));
    }
    random.shuffle(&mut drawn);
    drawn
}

fn planned(line: &str) -> Option<Planned> {
    let mut columns = line.splitn(4, '\t');
    let mut next = || columns.next().map(str::trim);
    let at = milliseconds(next()?)?;
    let lasts = milliseconds(next()?)?;
    let chance = next()?.parse().ok()?;
    Some(Planned { at, kind: next()?.to_owned(), lasts, chance })
}

fn milliseconds(text: &str) -> Option<Duration> {
    text.strip_suffix(" ms")?.parse().ok().map(Duration::from_millis)
}

fn whole(time: Duration) -> Duration {
    Duration::from_millis(u64::try_from(time.as_millis()).unwrap_or(u64::MAX))
}

impl fmt::Display for Schedule {
    /// The seed, then a line for each fault: when, how long, chance, kind.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "seed {}", self.seed)?;
        for Planned { at, kind, lasts, chance } in &self.faults {
            writeln!(f, "{:>8} ms\t{:>6} ms\t{chance:>10}\t{kind}", at.as_millis(), lasts.as_millis())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Schedule;

    fn schedule(seed: u64) -> Schedule {
        let kinds = [("cut the line", 1), ("never", 0), ("kill", 9)];
        Schedule::new(seed, 1000, &kinds, Duration::from_millis(100), Duration::from_secs(1))
    }

    #[test]
    fn a_seed_gives_the_same_faults_every_time_and_another_seed_others() {
        assert_eq!(schedule(7), schedule(7));
        assert_ne!(schedule(7).faults(), schedule(8).faults());
    }

    #[test]
    fn weights_times_and_lengths_are_kept() {
        let schedule = schedule(7);
        let count = |kind| schedule.faults().iter().filter(|fault| fault.kind == kind).count();
        assert_eq!(schedule.faults().len(), 1000);
        assert_eq!(count("never"), 0);
        assert!((50..200).contains(&count("cut the line")), "{}", count("cut the line"));
        assert!(schedule.faults().is_sorted_by_key(|fault| fault.at));
        assert!(schedule.faults().iter().all(|fault| fault.lasts <= Duration::from_secs(1)));
        let end = schedule.faults().last().unwrap().at.as_secs();
        assert!((90..110).contains(&end), "{end}");
    }

    #[test]
    fn a_kind_that_is_rare_comes_once_if_there_is_room_for_all() {
        let kinds = [("often", 1_000_000), ("rarely", 1), ("seldom", 1), ("never", 0)];
        let names = |count| {
            let schedule = Schedule::new(7, count, &kinds, Duration::from_millis(1), Duration::ZERO);
            schedule.faults().iter().map(|fault| fault.kind.clone()).collect::<Vec<_>>()
        };
        let three = names(3);
        assert!(["often", "rarely", "seldom"].iter().all(|kind| three.iter().any(|one| one == kind)));
        assert_eq!(names(2), ["often", "often"]);
    }

    #[test]
    fn a_printed_schedule_can_be_read_again() {
        let schedule = schedule(7);
        assert_eq!(Schedule::read(&schedule.to_string()), Some(schedule));
        assert_eq!(Schedule::read("seed 7\nnonsense"), None);
    }
}
