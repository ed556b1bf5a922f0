//! One visit from registration to discharge.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::{
    chance::Chance,
    chart::Chart,
    event::{Movement, MovementKind},
    labs,
    patient::{Circumstances, Patient},
    person::{Mrn, Person},
    place::Place,
    settings::Incidents,
    step::Step,
    visit::{Encounter, Visit},
};

/// Between what happens and the message about it.
pub(crate) const DELAY: TimeDelta = TimeDelta::seconds(90);

#[derive(Debug, Clone)]
pub(crate) struct Journey {
    pub(crate) patient: Patient,
    pub(crate) chart: Chart,
    /// The number that the person is known by elsewhere, while this visit goes by a provisional one.
    own: Option<Mrn>,
    /// Where the patient is admitted.
    bed: Place,
    /// Steps to come, the next last.
    plan: Vec<Step>,
}

/// Any bed of the hospital.
fn any_bed(chance: &mut Chance) -> Place {
    Place { ward: chance.below(30) + 1, bed: Some((chance.below(8) + 1, chance.below(6) + 1)) }
}

/// A step, or a step that is cancelled and taken once more.
fn plan_step(step: Step, incidents: Incidents, plan: &mut Vec<Step>, chance: &mut Chance) {
    let before = match step {
        Step::Transfer => Some(Step::Plan),
        Step::Discharge => Some(Step::PlanDischarge),
        _ => None,
    };
    if let Some(before) = before.filter(|_| chance.share(incidents.plans)) {
        plan.push(before);
        plan.extend(before.cancellation().filter(|_| chance.share(incidents.cancellations)));
    }
    plan.push(step);
    if let Some(cancellation) = step.cancellation().filter(|_| chance.share(incidents.cancellations)) {
        plan.extend([cancellation, step]);
    }
}

impl Journey {
    pub(crate) fn new(person: Person, visit: u64, incidents: Incidents, chance: &mut Chance) -> Self {
        let mut plan = Vec::new();
        plan_step(Step::Register, incidents, &mut plan, chance);
        plan_step(Step::Admit, incidents, &mut plan, chance);
        for _ in 0..=chance.up_to(4) {
            let step = if chance.share(0.55) {
                Step::Transfer
            } else if chance.share(incidents.services) {
                Step::ChangeService
            } else {
                Step::Update
            };
            plan_step(step, incidents, &mut plan, chance);
        }
        plan_step(Step::Discharge, incidents, &mut plan, chance);
        let mut insert = |step, chance: &mut Chance| {
            let place = chance.up_to(plan.len() as u64 - 1);
            plan.insert(usize::try_from(place).unwrap_or(1), step);
        };
        let is_provisional = chance.share(incidents.merges);
        if is_provisional {
            insert(Step::Merge, chance);
        } else if chance.share(incidents.corrections) {
            let corrections = [Step::ChangeIdentifiers, Step::MoveVisit, Step::Swap];
            let step = if chance.share(0.05) { Step::Delete } else { chance.pick(&corrections) };
            insert(step, chance);
        }
        plan.reverse();
        let known = if is_provisional { person.under(Mrn::provisional(visit)) } else { person };
        Self {
            patient: Patient { person: known, visit: Visit::new(visit) },
            chart: Chart::default(),
            own: is_provisional.then_some(person.mrn),
            bed: any_bed(chance),
            plan,
        }
    }

    /// A patient who has been here for some time; some steps are still to come.
    pub(crate) fn under_way(mut self, now: Instant, chance: &mut Chance) -> Self {
        let steps = chance.below(self.plan.len());
        for (number, _) in (0..).zip(0..steps) {
            let step = self.next_step();
            let at = now - TimeDelta::hours(8) + TimeDelta::minutes(10 * number);
            match step {
                // Of these the hospital keeps only the result.
                Step::Merge => drop(self.merge()),
                Step::ChangeIdentifiers | Step::MoveVisit | Step::Swap | Step::Delete => {}
                step => drop(self.take(step, at, chance)),
            }
        }
        self.chart.samples = labs::under_way(self.patient.visit.number, now, chance);
        self
    }

    /// Removes the next step from the plan.
    pub(crate) fn next_step(&mut self) -> Step {
        self.plan.pop().unwrap_or(Step::Update)
    }

    /// Takes a step of this patient alone, or sends the patient's data again.
    pub(crate) fn take(&mut self, step: Step, at: Instant, chance: &mut Chance) -> (Encounter, Movement) {
        let to = if step == Step::Transfer || step == Step::Plan { any_bed(chance) } else { self.bed };
        let circumstances = Circumstances { at: at - DELAY, to, explicit: true };
        let taken = self.patient.take(step, circumstances);
        taken.unwrap_or_else(|| {
            let movement = Movement { kind: MovementKind::Update, happened: circumstances.at };
            (self.patient.visit.encounter(), movement)
        })
    }

    /// The provisional number gives way to the person's own; the former one.
    pub(crate) fn merge(&mut self) -> Option<Mrn> {
        let own = self.own.take()?;
        Some(std::mem::replace(&mut self.patient.person.mrn, own))
    }

    /// The person, under the number that will stay.
    pub(crate) fn person(&self) -> Person {
        self.own.map_or(self.patient.person, |own| self.patient.person.under(own))
    }

    /// Nothing more happens.
    pub(crate) fn end(&mut self) {
        self.plan.clear();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.plan.is_empty()
    }
}
