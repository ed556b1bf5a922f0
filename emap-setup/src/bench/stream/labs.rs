//! Laboratory: orders for several batteries on one sample, its receipt, and the results.

mod batteries;
mod culture;

use std::fmt::{Result, Write};

use chrono::{DateTime, TimeDelta, Utc};

use self::batteries::{BATTERIES, Battery, write_results};
use super::StreamMessage;
use super::chance::Chance;
use super::journey::Journey;
use super::mix::{Family, Told};
use super::text::{Header, Known, Moment, Stamp, write_frame};

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
enum Event {
    Ordered,
    Received,
    Reported,
    Corrected,
}

/// A sample on its way.
#[derive(Debug, Clone)]
pub(super) struct Sample {
    number: u64,
    task: Task,
    collected: DateTime<Utc>,
    ordered: DateTime<Utc>,
    /// What is to be told of it.
    event: Event,
}

impl Event {
    /// What comes next, if anything does.
    fn next(self, chance: &mut Chance) -> Option<Self> {
        match self {
            Self::Ordered => Some(Self::Received),
            Self::Received => Some(Self::Reported),
            Self::Reported => chance.share(CORRECTIONS).then_some(Self::Corrected),
            Self::Corrected => None,
        }
    }

    fn header(self) -> Header {
        let ours = Header { sender: "EPIC", facility: "BENCHHOSP", message_type: "ORM", trigger: "O01" };
        let theirs = Header { sender: "WinPath", facility: "LAB", ..ours };
        match self {
            Self::Ordered => ours,
            Self::Received => theirs,
            Self::Reported | Self::Corrected => Header { message_type: "ORU", trigger: "R01", ..theirs },
        }
    }

    /// Control code and status of the order, status of the results.
    fn codes(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Ordered => ("NW", "", ""),
            Self::Received => ("SC", "IP", "I"),
            Self::Reported => ("RE", "CM", "F"),
            Self::Corrected => ("RE", "CM", "C"),
        }
    }
}

/// Samples of a patient that were ordered before the stream began. Their numbers are none that the stream gives out.
pub(super) fn under_way(visit: u64, now: DateTime<Utc>, chance: &mut Chance) -> Vec<Sample> {
    let at = now - TimeDelta::hours(1);
    let numbers = [90_000_000 + 2 * visit, 90_000_001 + 2 * visit];
    let samples = numbers.map(|control_id| Sample {
        event: [Event::Received, Event::Reported][chance.below(2)],
        ..Sample::ordered(Moment { at, control_id }, chance)
    });
    samples.into()
}

impl Sample {
    fn ordered(moment: Moment, chance: &mut Chance) -> Self {
        let task = if chance.share(CULTURES) {
            Task::Culture
        } else {
            Task::Measure { first: chance.below(BATTERIES.len()), count: 3 + chance.below(3) }
        };
        let (number, ordered) = (moment.control_id, moment.at - TimeDelta::seconds(20));
        Self { number, task, collected: moment.at - TimeDelta::minutes(6), ordered, event: Event::Ordered }
    }

    fn batteries(&self) -> Vec<&'static Battery> {
        match self.task {
            Task::Measure { first, count } => BATTERIES.iter().cycle().skip(first).take(count).collect(),
            Task::Culture => vec![&culture::BATTERY],
        }
    }
}

/// The next that happens to one of the patient's samples, or a new one.
pub(super) fn advance(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let samples = &mut journey.chart.samples;
    let sample = if samples.is_empty() || chance.share(ORDERS) {
        Sample::ordered(moment, chance)
    } else {
        samples.swap_remove(chance.below(samples.len()))
    };
    let batteries = sample.batteries();
    let told = Told::with_patient(Family::Labs, batteries.len() as u64);
    let message = StreamMessage::written(sample.event.header(), moment, told, |text| {
        write_frame(text, journey)?;
        (1..).zip(&batteries).try_for_each(|(number, battery)| {
            write_order(text, (number, battery), &sample, moment, chance)?;
            match (sample.event, sample.task) {
                (Event::Ordered, _) => write_questions(text),
                (Event::Received, _) => Ok(()),
                (Event::Reported | Event::Corrected, Task::Measure { .. }) => {
                    write_results(text, battery, sample.event.codes().2, chance)
                }
                (Event::Reported | Event::Corrected, Task::Culture) => {
                    culture::write_results(text, &sample, moment, chance)
                }
            }
        })
    });
    if let Some(event) = sample.event.next(chance) {
        journey.chart.samples.push(Sample { event, ..sample });
    }
    message
}

fn write_order(
    text: &mut String,
    (number, battery): (u64, &Battery),
    sample: &Sample,
    moment: Moment,
    chance: &mut Chance,
) -> Result {
    let (control, order_status, result_status) = sample.event.codes();
    let (placer, filler) = (sample.number * 10 + number, sample.number);
    let (collected, made, requested) = (Stamp(sample.collected), Stamp(moment.at), Stamp(sample.ordered));
    let Battery { code, name, department, specimen, .. } = battery;
    write!(text, "ORC|{control}|{placer}^EPC|L{filler:08}^WinPath||{order_status}||^^^{collected}^^R||")?;
    write!(text, "{made}|4412^OKONEDO^PIERS^^^^^^BENCH||C31337^ALDERSON^MAUDE^^^DR^^^BENCH\r")?;
    write!(text, "OBR|{number}|{placer}^EPC|L{filler:08}^WinPath|{code}^{name}^WinPath||{requested}|")?;
    // OBR-8 to OBR-12 are empty.
    write!(text, "{collected}||||||{}||{specimen}", CLINICAL[chance.below(CLINICAL.len())])?;
    // OBR-17 to OBR-21 are empty.
    let changed = Known((sample.event != Event::Ordered).then_some(made));
    write!(text, "|C31337^ALDERSON^MAUDE^^^DR^^^BENCH||||||{changed}||{department}|{result_status}\r")
}

/// What the clinician wrote about the patient.
const CLINICAL: [&str; 4] = ["Chest pain", "?sepsis", "Before theatre", "Known renal disease, daily check"];

fn write_questions(text: &mut String) -> Result {
    text.write_str("NTE|1||How many labels to print?-2\rNTE|2||On anticoagulants?-No\r")
}
