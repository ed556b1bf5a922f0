//! One visit from registration to discharge.

use chrono::{DateTime, TimeDelta, Utc};

use super::chance::Chance;
use super::chart::Chart;
use super::labs;
use super::patient::Patient;

/// What happens to a patient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Register,
    Admit,
    Transfer,
    Update,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Merge,
}

impl Step {
    pub(super) fn trigger(self) -> &'static str {
        match self {
            Self::Register => "A04",
            Self::Admit => "A01",
            Self::Transfer => "A02",
            Self::Update => "A08",
            Self::Discharge => "A03",
            Self::CancelAdmit => "A11",
            Self::CancelTransfer => "A12",
            Self::CancelDischarge => "A13",
            Self::Merge => "A40",
        }
    }

    /// What undoes this step, if anything does.
    fn cancellation(self) -> Option<Self> {
        match self {
            Self::Admit => Some(Self::CancelAdmit),
            Self::Transfer => Some(Self::CancelTransfer),
            Self::Discharge => Some(Self::CancelDischarge),
            _ => None,
        }
    }
}

/// Shares (0 to 1) of what happens rarely.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Mixture {
    /// Of admissions, transfers and discharges: those that are cancelled, and then happen after all.
    pub(super) cancellations: f64,
    /// Of visits: those that begin under a provisional number.
    pub(super) merges: f64,
}

/// A step, or a step that is cancelled and taken once more.
fn plan_step(step: Step, mixture: Mixture, plan: &mut Vec<Step>, chance: &mut Chance) {
    plan.push(step);
    if let Some(cancellation) = step.cancellation().filter(|_| chance.share(mixture.cancellations)) {
        plan.extend([cancellation, step]);
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
    /// A number the patient goes by until somebody finds out who it is.
    pub(super) provisional: Option<Patient>,
    pub(super) visit: u64,
    pub(super) place: Place,
    pub(super) former_place: Option<Place>,
    /// When the patient was registered, later admitted.
    pub(super) arrived: Option<DateTime<Utc>>,
    /// When the present step happened; for a cancellation, when the cancelled step did.
    pub(super) happened: DateTime<Utc>,
    pub(super) chart: Chart,
    /// Lies in a bed: admitted, not discharged.
    is_admitted: bool,
    /// Still to come, the next last.
    plan: Vec<Step>,
}

impl Journey {
    pub(super) fn new(patient: u64, visit: u64, mixture: Mixture, chance: &mut Chance) -> Self {
        let mut plan = Vec::new();
        plan_step(Step::Register, mixture, &mut plan, chance);
        plan_step(Step::Admit, mixture, &mut plan, chance);
        for _ in 0..=chance.up_to(4) {
            let step = if chance.share(0.55) { Step::Transfer } else { Step::Update };
            plan_step(step, mixture, &mut plan, chance);
        }
        plan_step(Step::Discharge, mixture, &mut plan, chance);
        let unknown_at_first = chance.share(mixture.merges);
        if unknown_at_first {
            let place = chance.up_to(plan.len() as u64 - 1);
            plan.insert(usize::try_from(place).unwrap_or(1), Step::Merge);
        }
        plan.reverse();
        let patient = Patient::known(patient);
        Self {
            patient,
            provisional: unknown_at_first.then(|| patient.before_anybody_knew(visit)),
            visit,
            place: Place::any(chance),
            former_place: None,
            arrived: None,
            happened: DateTime::default(),
            chart: Chart::default(),
            is_admitted: false,
            plan,
        }
    }

    /// A patient who has been here for some time; some steps are still to come.
    pub(super) fn under_way(self, now: DateTime<Utc>, chance: &mut Chance) -> Self {
        let mut journey = self;
        for _ in 0..chance.below(journey.plan.len()) {
            journey.advance(now - TimeDelta::hours(3), chance);
        }
        journey.chart.samples = labs::under_way(journey.visit, now, chance);
        journey
    }

    /// Takes the next step.
    pub(super) fn advance(&mut self, now: DateTime<Utc>, chance: &mut Chance) -> Step {
        let step = self.plan.pop().unwrap_or(Step::Update);
        let is_cancellation =
            matches!(step, Step::CancelAdmit | Step::CancelTransfer | Step::CancelDischarge);
        if !is_cancellation {
            self.happened = now - TimeDelta::seconds(90);
        }
        match step {
            Step::Admit | Step::CancelDischarge => self.is_admitted = true,
            Step::Discharge | Step::CancelAdmit => self.is_admitted = false,
            _ => {}
        }
        match step {
            Step::Register | Step::Admit => self.arrived = Some(now - TimeDelta::minutes(2)),
            Step::Transfer => {
                self.former_place = Some(std::mem::replace(&mut self.place, Place::any(chance)));
            }
            Step::CancelTransfer => {
                // Back in the former place; the message names the cancelled one as the place before.
                let former = self.former_place.unwrap_or(self.place);
                self.former_place = Some(std::mem::replace(&mut self.place, former));
            }
            Step::Merge => self.provisional = None,
            Step::Update | Step::Discharge | Step::CancelAdmit | Step::CancelDischarge => {}
        }
        step
    }

    /// The person under the number of the moment.
    pub(super) fn goes_by(&self) -> Patient {
        self.provisional.unwrap_or(self.patient)
    }

    /// Whether the patient lies in a bed.
    pub(super) fn is_admitted(&self) -> bool {
        self.is_admitted
    }

    pub(super) fn is_over(&self) -> bool {
        self.plan.is_empty()
    }
}
