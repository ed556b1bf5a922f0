//! The main laboratory: orders for several batteries on one sample, its receipt, and the results.

use chrono::TimeDelta;
use emap_interchange::Instant;

use super::{
    batteries::{BATTERIES, Battery, TestResult, results},
    culture::{self, Isolate},
};
use crate::chance::Chance;

/// Of messages: those that order something.
const ORDERS: f64 = 0.2;
/// Of samples: those to be cultured.
const CULTURES: f64 = 0.1;
/// Of reports: those that are corrected later.
const CORRECTIONS: f64 = 0.05;

/// What is to be done with a sample.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// So many batteries, the first of them by its place in the list.
    Measure {
        first: usize,
        count: usize,
    },
    Culture,
}

/// What happens to a sample.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Ordered,
    Received,
    Reported,
    Corrected,
}

/// A sample on its way.
#[derive(Debug, Clone)]
pub(crate) struct Sample {
    number: u64,
    task: Task,
    collected: Instant,
    ordered: Instant,
    /// What is reported next.
    stage: Stage,
}

/// An order, a receipt or a report.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SampleEvent {
    pub(crate) number: u64,
    pub(crate) collected: Instant,
    pub(crate) ordered: Instant,
    /// What the clinician wrote about the patient.
    pub(crate) clinical: &'static str,
    pub(crate) batteries: Vec<Order>,
    stage: Stage,
}

/// A battery that is ordered.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Order {
    pub(crate) battery: &'static Battery,
    /// None before the report.
    pub(crate) results: Vec<TestResult>,
    /// What grew; none except in a report of a culture.
    pub(crate) isolates: Vec<Isolate>,
}

/// What the clinician writes about the patient.
const CLINICAL: [&str; 4] = ["Chest pain", "?sepsis", "Before theatre", "Known renal disease, daily check"];

/// What is asked with each order, and answered.
pub(crate) const QUESTIONS: [(&str, &str); 2] =
    [("How many labels to print", "2"), ("On anticoagulants", "No")];

impl Stage {
    /// What comes next, if anything does.
    fn next(self, chance: &mut Chance) -> Option<Self> {
        match self {
            Self::Ordered => Some(Self::Received),
            Self::Received => Some(Self::Reported),
            Self::Reported => chance.share(CORRECTIONS).then_some(Self::Corrected),
            Self::Corrected => None,
        }
    }

    fn is_report(self) -> bool {
        matches!(self, Self::Reported | Self::Corrected)
    }
}

impl SampleEvent {
    pub(crate) fn is_order(&self) -> bool {
        self.stage == Stage::Ordered
    }

    pub(crate) fn is_receipt(&self) -> bool {
        self.stage == Stage::Received
    }

    /// Control code (ORC-1), status of the order, status of the results.
    pub(crate) fn codes(&self) -> [&'static str; 3] {
        match self.stage {
            Stage::Ordered => ["NW", "", ""],
            Stage::Received => ["SC", "IP", "I"],
            Stage::Reported => ["RE", "CM", "F"],
            Stage::Corrected => ["RE", "CM", "C"],
        }
    }

    /// Number of the order of a battery, counted from 1.
    pub(crate) fn placer(&self, battery: u64) -> u64 {
        self.number * 10 + battery
    }
}

/// Samples of a patient that were ordered before the stream began. Their numbers are none that the stream gives out.
pub(crate) fn under_way(visit: u64, now: Instant, chance: &mut Chance) -> Vec<Sample> {
    let at = now - TimeDelta::hours(1);
    let numbers = [90_000_000 + 2 * visit, 90_000_001 + 2 * visit];
    let samples = numbers.map(|number| Sample {
        stage: chance.pick(&[Stage::Received, Stage::Reported]),
        ..Sample::ordered(number, at, chance)
    });
    samples.into()
}

impl Sample {
    fn ordered(number: u64, at: Instant, chance: &mut Chance) -> Self {
        let task = if chance.share(CULTURES) {
            Task::Culture
        } else {
            Task::Measure { first: chance.below(BATTERIES.len()), count: 3 + chance.below(3) }
        };
        let (collected, ordered) = (at - TimeDelta::minutes(6), at - TimeDelta::seconds(20));
        Self { number, task, collected, ordered, stage: Stage::Ordered }
    }

    fn batteries(&self) -> Vec<&'static Battery> {
        match self.task {
            Task::Measure { first, count } => BATTERIES.iter().cycle().skip(first).take(count).collect(),
            Task::Culture => vec![&culture::BATTERY],
        }
    }
}

/// The next that happens to one of the patient's samples, or a new one.
pub(crate) fn advance(
    samples: &mut Vec<Sample>,
    number: u64,
    at: Instant,
    chance: &mut Chance,
) -> SampleEvent {
    let sample = if samples.is_empty() || chance.share(ORDERS) {
        Sample::ordered(number, at, chance)
    } else {
        samples.swap_remove(chance.below(samples.len()))
    };
    let Sample { number, task, collected, ordered, stage } = sample;
    let order = |battery| {
        let (mut tests, mut isolates) = (Vec::new(), Vec::new());
        if stage.is_report() {
            match task {
                Task::Measure { .. } => tests = results(battery, chance),
                Task::Culture => isolates = culture::isolates(chance),
            }
        }
        Order { battery, results: tests, isolates }
    };
    let batteries = sample.batteries().into_iter().map(order).collect();
    if let Some(stage) = stage.next(chance) {
        samples.push(Sample { stage, ..sample });
    }
    SampleEvent { number, collected, ordered, clinical: chance.pick(&CLINICAL), batteries, stage }
}
