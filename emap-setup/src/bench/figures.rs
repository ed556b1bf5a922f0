//! What is measured, and how it is put together.

use std::time::Duration;

use super::phases::{PhaseSeconds, Spent};

/// A stage that was measured once.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Measured {
    /// Interchange messages; for `COPY`, rows.
    pub(super) count: u64,
    pub(super) elapsed: Duration,
    /// Memory of the process that did it, if it had one of its own.
    pub(super) memory: Option<Memory>,
    /// Messages answered with an error, such as a move that had been cancelled already.
    pub(super) errors: u64,
    /// Where the time went, where that was measured.
    pub(super) phases: Option<PhaseSeconds>,
    /// Seconds after which each tenth of the messages was done, where that was noted.
    pub(super) tenths: Vec<f64>,
}

/// Resident memory of a daemon over its run, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Memory {
    pub(super) peak: u64,
    /// When half of the messages were done.
    pub(super) half_way: u64,
    pub(super) end: u64,
}

impl Measured {
    pub(super) fn new(count: u64, elapsed: Duration) -> Self {
        Self { count, elapsed, memory: None, errors: 0, phases: None, tenths: Vec::new() }
    }

    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
    fn per_second(&self) -> f64 {
        self.count as f64 / self.elapsed.as_secs_f64().max(1e-9)
    }

    fn spent(&self) -> Option<Vec<Spent>> {
        self.phases.map(|phases| phases.spent(self.count, self.elapsed))
    }

    /// Messages per second in each tenth.
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
    fn curve(&self) -> Vec<f64> {
        let begins = std::iter::once(0.0).chain(self.tenths.iter().copied());
        let tenth = self.count as f64 / 10.0;
        begins.zip(&self.tenths).map(|(begin, end)| tenth / (end - begin).max(1e-9)).collect()
    }
}

/// The stages, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Split,
    Publish,
    Consume,
    Copy,
    Convert,
    Decode,
    Reader,
    Core,
    CoreInProcess,
}

impl Stage {
    pub(super) const ALL: [Self; 9] = [
        Self::Split,
        Self::Publish,
        Self::Consume,
        Self::Copy,
        Self::Convert,
        Self::Decode,
        Self::Reader,
        Self::Core,
        Self::CoreInProcess,
    ];

    pub(super) fn is_raw(self) -> bool {
        self < Self::Convert
    }

    /// Name in the JSON file.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Split => "raw_split",
            Self::Publish => "raw_publish",
            Self::Consume => "raw_consume",
            Self::Copy => "raw_copy",
            Self::Convert => "convert",
            Self::Decode => "decode",
            Self::Reader => "reader",
            Self::Core => "core",
            Self::CoreInProcess => "core_in_process",
        }
    }

    /// Name in the table.
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Split => "split HL7 text, one core",
            Self::Publish => "publish with confirm",
            Self::Consume => "consume with ack",
            Self::Copy => "COPY rows, five indexes",
            Self::Convert => "HL7 to JSON, one core",
            Self::Decode => "JSON to message, one core",
            Self::Reader => "reader, store to queue",
            Self::Core => "core, queue to star",
            Self::CoreInProcess => "core, in-process queue to star",
        }
    }

    /// The raw limit it is compared with.
    pub(super) fn compared_with(self) -> Option<Self> {
        match self {
            Self::Convert => Some(Self::Split),
            Self::Reader => Some(Self::Publish),
            Self::Core => Some(Self::Consume),
            Self::CoreInProcess => Some(Self::Copy),
            _ => None,
        }
    }

    pub(super) fn goal(self) -> Option<Goal> {
        match self {
            Self::Convert => Some(Goal::PerSecond(60_000.0)),
            Self::Reader => Some(Goal::Share(0.8)),
            Self::Core => Some(Goal::PerSecond(8_000.0)),
            _ => None,
        }
    }
}

/// What a stage is to reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Goal {
    /// Messages per second.
    PerSecond(f64),
    /// Share of the raw limit it is compared with.
    Share(f64),
}

fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values = Vec::from_iter(values);
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// All rounds of all stages.
#[derive(Debug, Default)]
pub(super) struct Figures {
    measured: Vec<(Stage, Measured)>,
}

impl Figures {
    pub(super) fn add(&mut self, stage: Stage, measured: Measured) {
        self.measured.push((stage, measured));
    }

    /// Rates of a stage, round by round.
    pub(super) fn rates(&self, stage: Stage) -> Vec<f64> {
        self.of(stage).map(Measured::per_second).collect()
    }

    /// The middle of the rates; the lower of two.
    pub(super) fn median(&self, stage: Stage) -> Option<f64> {
        median(self.rates(stage))
    }

    /// Median relative to that of the raw limit.
    pub(super) fn ratio(&self, stage: Stage) -> Option<f64> {
        Some(self.median(stage)? / self.median(stage.compared_with()?)?)
    }

    pub(super) fn is_met(&self, stage: Stage) -> Option<bool> {
        match stage.goal()? {
            Goal::PerSecond(rate) => Some(self.median(stage)? >= rate),
            Goal::Share(share) => Some(self.ratio(stage)? >= share),
        }
    }

    /// Messages per second in each tenth of a run, medians over the rounds.
    pub(super) fn curve(&self, stage: Stage) -> Vec<f64> {
        let curves: Vec<Vec<f64>> = self.of(stage).map(Measured::curve).collect();
        let tenth = |index: usize| median(curves.iter().filter_map(|curve| curve.get(index).copied()));
        (0..10).map_while(tenth).collect()
    }

    /// Where the time of a stage went, medians over the rounds: in each phase, then waiting for messages.
    pub(super) fn spent(&self, stage: Stage) -> Vec<Spent> {
        let rounds: Vec<Vec<Spent>> = self.of(stage).filter_map(Measured::spent).collect();
        let phases = rounds.first().map_or(&[][..], Vec::as_slice).iter().enumerate();
        let middle = |index: usize, figure: fn(&Spent) -> f64| {
            median(rounds.iter().filter_map(|round| round.get(index).map(figure))).unwrap_or_default()
        };
        phases
            .map(|(index, phase)| Spent {
                name: phase.name,
                microseconds: middle(index, |spent| spent.microseconds),
                share: middle(index, |spent| spent.share),
            })
            .collect()
    }

    /// Messages that a stage answered with an error, the most of any round.
    pub(super) fn errors(&self, stage: Stage) -> u64 {
        self.of(stage).map(|measured| measured.errors).max().unwrap_or_default()
    }

    /// The round with the highest peak.
    pub(super) fn memory(&self, stage: Stage) -> Option<Memory> {
        self.of(stage).filter_map(|measured| measured.memory).max_by_key(|memory| memory.peak)
    }

    fn of(&self, stage: Stage) -> impl Iterator<Item = &Measured> {
        self.measured.iter().filter(move |(of, _)| *of == stage).map(|(_, measured)| measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(stage: Stage, seconds: &[u64]) -> Figures {
        let mut figures = Figures::default();
        for seconds in seconds {
            figures.add(stage, Measured::new(1000, Duration::from_secs(*seconds)));
        }
        figures
    }

    #[test]
    fn the_median_is_the_middle_rate() {
        assert_eq!(figures(Stage::Core, &[10, 1, 5]).median(Stage::Core), Some(200.0));
        assert_eq!(figures(Stage::Core, &[10, 5]).median(Stage::Core), Some(100.0));
        assert_eq!(Figures::default().median(Stage::Core), None);
    }

    #[test]
    fn the_curve_tells_the_rate_of_each_tenth() {
        let mut figures = Figures::default();
        let tenths = vec![1.0, 2.0, 4.0];
        figures.add(Stage::Core, Measured { tenths, ..Measured::new(1000, Duration::from_secs(9)) });
        assert_eq!(figures.curve(Stage::Core), [100.0, 100.0, 50.0]);
        assert_eq!(figures.curve(Stage::Reader), [0.0; 0]);
    }

    #[test]
    fn the_time_is_spent_in_phases_or_waiting() {
        let mut figures = Figures::default();
        for (load, flush) in [(1.0, 6.0), (2.0, 2.0), (3.0, 4.0)] {
            let phases = Some(PhaseSeconds::from([5.0, load, 0.0, flush, 0.0]));
            figures
                .add(Stage::Core, Measured { phases, ..Measured::new(1_000_000, Duration::from_secs(10)) });
        }
        let spent = figures.spent(Stage::Core);
        let names = spent.iter().map(|spent| spent.name);
        assert!(names.eq(["decode", "load", "rules", "flush", "commit", "waiting"]));
        let expected = [(5.0, 0.5), (2.0, 0.2), (0.0, 0.0), (4.0, 0.4), (0.0, 0.0), (3.0, 0.3)];
        for (spent, (microseconds, share)) in spent.iter().zip(expected) {
            assert!((spent.microseconds - microseconds).abs() < 1e-9, "{spent:?}");
            assert!((spent.share - share).abs() < 1e-9, "{spent:?}");
        }
        assert!(figures.spent(Stage::Reader).is_empty());
    }

    #[test]
    fn goals_by_rate_and_by_share() {
        let mut figures = figures(Stage::Publish, &[1]);
        figures.add(Stage::Reader, Measured::new(790, Duration::from_secs(1)));
        assert_eq!(figures.is_met(Stage::Reader), Some(false));
        figures.add(Stage::Convert, Measured::new(60_000, Duration::from_secs(1)));
        assert_eq!(figures.is_met(Stage::Convert), Some(true));
        assert_eq!(figures.is_met(Stage::Copy), None);
    }
}
