//! One visit from registration to discharge.

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::Chance;
use super::patient::Patient;

/// What happens to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Admit,
    Transfer,
    Update,
    Discharge,
}

impl Step {
    pub(super) fn trigger(self) -> &'static str {
        match self {
            Self::Register => "A04",
            Self::Admit => "A01",
            Self::Transfer => "A02",
            Self::Update => "A08",
            Self::Discharge => "A03",
        }
    }
}

/// Where a patient is: ward, room and bed by number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) ward: usize,
    pub(super) room: usize,
    pub(super) bed: usize,
}

impl Place {
    fn any(chance: &mut Chance) -> Self {
        Self { ward: chance.below(30) + 1, room: chance.below(8) + 1, bed: chance.below(6) + 1 }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Journey {
    pub(super) patient: Patient,
    pub(super) visit: u64,
    pub(super) place: Place,
    pub(super) former_place: Option<Place>,
    /// When the patient was registered, later admitted.
    pub(super) arrived: Option<DateTime<Utc>>,
    /// Still to come, the next last.
    plan: Vec<Step>,
}

impl Journey {
    pub(super) fn new(patient: u64, visit: u64, chance: &mut Chance) -> Self {
        let mut plan = vec![Step::Discharge];
        for _ in 0..=chance.up_to(4) {
            plan.push(if chance.share(0.55) { Step::Transfer } else { Step::Update });
        }
        plan.extend([Step::Admit, Step::Register]);
        let patient = Patient { number: patient };
        Self { patient, visit, place: Place::any(chance), former_place: None, arrived: None, plan }
    }

    /// Takes the next step.
    pub(super) fn advance(&mut self, now: DateTime<Utc>, chance: &mut Chance) -> Step {
        let step = self.plan.pop().unwrap_or(Step::Update);
        match step {
            Step::Register | Step::Admit => self.arrived = Some(now - TimeDelta::minutes(2)),
            Step::Transfer => {
                self.former_place = Some(std::mem::replace(&mut self.place, Place::any(chance)));
            }
            Step::Update | Step::Discharge => {}
        }
        step
    }

    pub(super) fn is_over(&self) -> bool {
        self.plan.is_empty()
    }
}
