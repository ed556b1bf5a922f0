//! Requests: another team's advice, and decisions about treatment limits.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::chance::Chance;

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

/// A request that is made or called off.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    pub(crate) number: u64,
    pub(crate) is_called_off: bool,
    pub(crate) name: &'static str,
    pub(crate) code: &'static str,
    /// With their answers.
    pub(crate) questions: &'static [(&'static str, &'static str)],
    pub(crate) scheduled: Instant,
}

/// A consult request, or one that is called off. `open`: numbers of those that were not.
pub(crate) fn consult(open: &mut Vec<u64>, number: u64, at: Instant, chance: &mut Chance) -> Request {
    Request::next(open, &CONSULTS, (number, at), chance)
}

/// An advance decision, or one that no longer holds.
pub(crate) fn advance_decision(
    open: &mut Vec<u64>,
    number: u64,
    at: Instant,
    chance: &mut Chance,
) -> Request {
    Request::next(open, &DECISIONS, (number, at), chance)
}

impl Request {
    fn next(open: &mut Vec<u64>, forms: &[Form], (new, at): (u64, Instant), chance: &mut Chance) -> Self {
        let is_called_off = !open.is_empty() && chance.share(CALLED_OFF);
        let number = if is_called_off { open.swap_remove(chance.below(open.len())) } else { new };
        if !is_called_off {
            open.push(number);
        }
        let place = usize::try_from(number % forms.len() as u64);
        let (name, code, questions) = forms[place.unwrap_or(0)];
        Self { number, is_called_off, name, code, questions, scheduled: at + TimeDelta::hours(2) }
    }
}
