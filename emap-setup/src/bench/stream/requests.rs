//! Requests: another team's advice, and decisions about treatment limits.

use std::fmt::Write;

use chrono::TimeDelta;

use super::StreamMessage;
use super::chance::Chance;
use super::journey::Journey;
use super::mix::{Family, Told};
use super::text::{Header, Moment, Stamp, write_frame};

/// Of requests: those that call an earlier one off.
const CALLED_OFF: f64 = 0.2;

/// Name and code of the order, questions with their answers.
type Form = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const CONSULTS: [Form; 3] = [
    (
        "IP CON GERIATRICS",
        "CONS31",
        &[
            ("Why is advice asked for?", "Third fall this winter, many medicines"),
            ("Has the team been called?", "Yes"),
            ("Who can be reached? (name, bleep)", "Dr Alderson, 2210"),
        ],
    ),
    ("IP CON DIETITIAN", "CONS7", &[("Reason?", "Weight loss"), ("Urgent?", "No")]),
    ("IP CON CARDIOLOGY", "CONS12", &[("Reason?", "New murmur"), ("Urgent?", "Yes"), ("Echo done?", "No")]),
];

const DECISIONS: [Form; 2] = [
    ("FULL TREATMENT", "RESUS1", &[]),
    (
        "NOT FOR CPR",
        "RESUS2",
        &[
            ("Made by a doctor of grade?", "Consultant"),
            ("Patient has capacity?", "Yes"),
            ("Talked about with family?", "Yes"),
            ("To be reviewed?", "In a week"),
        ],
    ),
];

/// A consult request, or one that is called off.
pub(super) fn consult(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let order = Order::next(&mut journey.chart.consults, moment, chance);
    order.write("Consult Orders", &CONSULTS, journey, moment)
}

/// An advance decision, or one that no longer holds.
pub(super) fn advance_decision(journey: &mut Journey, moment: Moment, chance: &mut Chance) -> StreamMessage {
    let order = Order::next(&mut journey.chart.decisions, moment, chance);
    order.write("DNACPR & CPR", &DECISIONS, journey, moment)
}

struct Order {
    number: u64,
    /// `NW` or `OC`.
    control: &'static str,
}

impl Order {
    fn next(open: &mut Vec<u64>, moment: Moment, chance: &mut Chance) -> Self {
        if !open.is_empty() && chance.share(CALLED_OFF) {
            return Self { number: open.swap_remove(chance.below(open.len())), control: "OC" };
        }
        open.push(moment.control_id);
        Self { number: moment.control_id, control: "NW" }
    }

    fn write(
        &self,
        facility: &'static str,
        forms: &[Form],
        journey: &Journey,
        moment: Moment,
    ) -> StreamMessage {
        let Self { number, control } = self;
        let place = usize::try_from(number % forms.len() as u64);
        let (name, code, questions) = forms[place.unwrap_or(0)];
        let header = Header { sender: "EPIC", facility, message_type: "ORM", trigger: "O01" };
        StreamMessage::written(header, moment, Told::with_patient(Family::Others, 1), |text| {
            write_frame(text, journey)?;
            let (changed, scheduled) = (Stamp(moment.at), Stamp(moment.at + TimeDelta::hours(2)));
            write!(text, "ORC|{control}|{number}^EPC|||||^^^{scheduled}^^R||{changed}|4412^OKONEDO^PIERS\r")?;
            // OBR-7 to OBR-35 and OBR-37 to OBR-43 are empty.
            write!(text, "OBR|1|{number}^EPC||^^^^{name}||{changed}{}{scheduled}", "|".repeat(30))?;
            write!(text, "{}{code}\r", "|".repeat(8))?;
            (1..).zip(questions).try_for_each(|(note, (question, answer)): (usize, _)| {
                write!(text, "NTE|{note}||{question}->{answer}\r")
            })
        })
    }
}
