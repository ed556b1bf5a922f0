//! What is measured, and how it is put together.

use std::time::Duration;

use crate::phases::{PhaseSeconds, Spent};

/// A stage that was measured once.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Measured {
    /// Interchange messages; for `COPY`, rows.
    pub(crate) count: u64,
    pub(crate) elapsed: Duration,
    /// Rows inserted and updated, where messages become rows.
    pub(crate) rows: Option<u64>,
    /// Memory of the process that did it, if it had one of its own.
    pub(crate) memory: Option<Memory>,
    /// Messages answered with an error, such as a move that had been cancelled already.
    pub(crate) errors: u64,
    /// Where the time went, where that was measured.
    pub(crate) phases: Option<PhaseSeconds>,
    /// Seconds after which each tenth of the messages was done, where that was noted.
    pub(crate) tenths: Vec<f64>,
    /// Time within which 99 of 100 messages were answered, where senders wait for answers.
    pub(crate) p99: Option<Duration>,
}

/// Resident memory of a daemon over its run, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Memory {
    pub(crate) peak: u64,
    /// When half of the messages were done.
    pub(crate) half_way: u64,
    pub(crate) end: u64,
}

impl Measured {
    pub(crate) fn new(count: u64, elapsed: Duration) -> Self {
        Self {
            count,
            elapsed,
            rows: None,
            memory: None,
            errors: 0,
            phases: None,
            tenths: Vec::new(),
            p99: None,
        }
    }

    fn per_second(&self, unit: Unit) -> Option<f64> {
        let count = match unit {
            Unit::Messages => self.count,
            Unit::Rows => self.rows?,
        };
        #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
        Some(count as f64 / self.elapsed.as_secs_f64().max(1e-9))
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

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Messages,
    Rows,
}

/// A raw limit that a stage cannot exceed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) stage: Stage,
    pub(crate) unit: Unit,
}

/// The stages, in the order of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Stage {
    Split,
    Publish,
    Consume,
    Copy,
    Commit,
    Convert,
    Decode,
    Reader,
    Core,
    CoreInProcess,
    Mllp,
    MllpWaiting,
    Http,
    HooverConvert,
    Hoover,
}

impl Stage {
    pub(crate) const ALL: [Self; 15] = [
        Self::Split,
        Self::Publish,
        Self::Consume,
        Self::Copy,
        Self::Commit,
        Self::Convert,
        Self::Decode,
        Self::Reader,
        Self::Core,
        Self::CoreInProcess,
        Self::Mllp,
        Self::MllpWaiting,
        Self::Http,
        Self::HooverConvert,
        Self::Hoover,
    ];

    pub(crate) fn is_raw(self) -> bool {
        self < Self::Convert
    }

    /// Name in the JSON file.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Split => "raw_split",
            Self::Publish => "raw_publish",
            Self::Consume => "raw_consume",
            Self::Copy => "raw_copy",
            Self::Commit => "raw_commit",
            Self::Convert => "convert",
            Self::Decode => "decode",
            Self::Reader => "reader",
            Self::Core => "core",
            Self::CoreInProcess => "core_in_process",
            Self::Mllp => "connector_mllp",
            Self::MllpWaiting => "connector_mllp_waiting",
            Self::Http => "connector_http",
            Self::HooverConvert => "hoover_convert",
            Self::Hoover => "hoover",
        }
    }

    /// Name in the table.
    pub(crate) fn words(self) -> &'static str {
        match self {
            Self::Split => "split HL7 text, one core",
            Self::Publish => "publish with confirm",
            Self::Consume => "consume with ack",
            Self::Copy => "COPY of the rows that core wrote",
            Self::Commit => "commit rows one at a time",
            Self::Convert => "HL7 to JSON, one core",
            Self::Decode => "JSON to message, one core",
            Self::Reader => "reader, store to queue",
            Self::Core => "core, queue to star",
            Self::CoreInProcess => "core, in-process queue to star",
            Self::Mllp => "connector, 16 MLLP senders",
            Self::MllpWaiting => "connector, one that waits",
            Self::Http => "connector, 16 HTTP senders",
            Self::HooverConvert => "hoover, row to JSON, one core",
            Self::Hoover => "hoover, warehouse to queue",
        }
    }

    /// The raw limits it is compared with: by the messages that it passes, and by the rows that it writes.
    pub(crate) fn limits(self) -> &'static [Limit] {
        const fn messages(stage: Stage) -> Limit {
            Limit { stage, unit: Unit::Messages }
        }
        const ROWS: Limit = Limit { stage: Stage::Copy, unit: Unit::Rows };
        match self {
            Self::Convert => &const { [messages(Self::Split)] },
            Self::Reader | Self::Hoover => &const { [messages(Self::Publish)] },
            Self::Core => &const { [messages(Self::Consume), ROWS] },
            Self::CoreInProcess => &[ROWS],
            Self::MllpWaiting => &const { [messages(Self::Commit)] },
            Self::Split
            | Self::Publish
            | Self::Consume
            | Self::Copy
            | Self::Commit
            | Self::Decode
            | Self::Mllp
            | Self::Http
            | Self::HooverConvert => &[],
        }
    }

    /// Share of the limit that binds which the stage is to reach.
    pub(crate) fn goal(self) -> Option<f64> {
        match self {
            Self::Convert => Some(0.05),
            Self::Reader | Self::Hoover => Some(0.8),
            Self::Core => Some(0.25),
            Self::MllpWaiting => Some(0.7),
            _ => None,
        }
    }
}

/// The middle one; the lower of two.
pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> Option<f64> {
    let mut values = Vec::from_iter(values);
    values.sort_by(f64::total_cmp);
    values.get(values.len().checked_sub(1)? / 2).copied()
}

/// All rounds of all stages.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    measured: Vec<(Stage, Measured)>,
}

impl Figures {
    pub(crate) fn add(&mut self, stage: Stage, measured: Measured) {
        self.measured.push((stage, measured));
    }

    /// Rates of a stage, round by round.
    pub(crate) fn rates(&self, stage: Stage, unit: Unit) -> Vec<f64> {
        self.of(stage).filter_map(|measured| measured.per_second(unit)).collect()
    }

    /// The middle of the rates; the lower of two.
    pub(crate) fn median(&self, stage: Stage, unit: Unit) -> Option<f64> {
        median(self.rates(stage, unit))
    }

    /// Median relative to that of a raw limit of the same run.
    pub(crate) fn ratio(&self, stage: Stage, limit: Limit) -> Option<f64> {
        Some(self.median(stage, limit.unit)? / self.median(limit.stage, Unit::Messages)?)
    }

    /// The limit that the stage comes closest to, and how close.
    pub(crate) fn binding(&self, stage: Stage) -> Option<(Limit, f64)> {
        let ratios = stage.limits().iter().filter_map(|limit| Some((*limit, self.ratio(stage, *limit)?)));
        ratios.max_by(|one, other| one.1.total_cmp(&other.1))
    }

    pub(crate) fn is_met(&self, stage: Stage) -> Option<bool> {
        let goal = stage.goal()?;
        Some(self.binding(stage)?.1 >= goal)
    }

    /// Messages per second in each tenth of a run, medians over the rounds.
    pub(crate) fn curve(&self, stage: Stage) -> Vec<f64> {
        let curves: Vec<Vec<f64>> = self.of(stage).map(Measured::curve).collect();
        let tenth = |index: usize| median(curves.iter().filter_map(|curve| curve.get(index).copied()));
        (0..10).map_while(tenth).collect()
    }

    /// Where the time of a stage went, medians over the rounds: in each phase, then waiting for messages.
    pub(crate) fn spent(&self, stage: Stage) -> Vec<Spent> {
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
    pub(crate) fn errors(&self, stage: Stage) -> u64 {
        self.of(stage).map(|measured| measured.errors).max().unwrap_or_default()
    }

    /// Seconds within which 99 of 100 messages were answered, median over the rounds.
    pub(crate) fn p99(&self, stage: Stage) -> Option<f64> {
        median(self.of(stage).filter_map(|measured| measured.p99).map(|p99| p99.as_secs_f64()))
    }

    /// The round with the highest peak.
    pub(crate) fn memory(&self, stage: Stage) -> Option<Memory> {
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
        assert_eq!(figures(Stage::Core, &[10, 1, 5]).median(Stage::Core, Unit::Messages), Some(200.0));
        assert_eq!(figures(Stage::Core, &[10, 5]).median(Stage::Core, Unit::Messages), Some(100.0));
        assert_eq!(Figures::default().median(Stage::Core, Unit::Messages), None);
    }

    #[test]
    fn the_curve_gives_the_rate_of_each_tenth() {
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
    fn the_limit_that_a_stage_comes_closest_to_binds_and_decides() {
        let second = Duration::from_secs(1);
        let mut figures = Figures::default();
        figures.add(Stage::Consume, Measured::new(10_000, second));
        figures.add(Stage::Copy, Measured::new(100_000, second));
        figures.add(Stage::Core, Measured { rows: Some(20_000), ..Measured::new(1000, second) });
        let (limit, ratio) = figures.binding(Stage::Core).unwrap();
        assert_eq!(limit, Limit { stage: Stage::Copy, unit: Unit::Rows });
        assert!((ratio - 0.2).abs() < 1e-9, "{ratio}");
        assert_eq!(figures.is_met(Stage::Core), Some(false));
        let mut figures = Figures::default();
        figures.add(Stage::Consume, Measured::new(10_000, second));
        figures.add(Stage::Copy, Measured::new(100_000, second));
        figures.add(Stage::Core, Measured { rows: Some(20_000), ..Measured::new(9000, second) });
        assert_eq!(figures.binding(Stage::Core).map(|(limit, _)| limit.stage), Some(Stage::Consume));
        assert_eq!(figures.is_met(Stage::Core), Some(true));
    }

    #[test]
    fn goals_are_shares_of_limits() {
        let mut figures = figures(Stage::Publish, &[1]);
        figures.add(Stage::Reader, Measured::new(790, Duration::from_secs(1)));
        assert_eq!(figures.is_met(Stage::Reader), Some(false));
        assert_eq!(figures.is_met(Stage::Copy), None);
    }
}
