//! A patient: the person and the present visit, and what each step makes of them.

use emap_interchange::{Instant, PatientClass};

use crate::{
    event::{Movement, MovementKind},
    person::Person,
    place::Place,
    step::Step,
    visit::{Encounter, Visit},
};

#[derive(Debug, Clone)]
pub(crate) struct Patient {
    pub(crate) person: Person,
    pub(crate) visit: Visit,
}

/// Circumstances of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Circumstances {
    pub(crate) at: Instant,
    /// Where to, if the patient moves.
    pub(crate) to: Place,
    /// Whether a plan names its destination, and whether the newest or the oldest plan is called off.
    pub(crate) explicit: bool,
}

impl Patient {
    /// A step that concerns this patient only; `None` where it makes no sense now.
    pub(crate) fn take(&mut self, step: Step, circumstances: Circumstances) -> Option<(Encounter, Movement)> {
        let Circumstances { at, to, explicit } = circumstances;
        let before = self.visit.encounter();
        let visit = &mut self.visit;
        let (kind, happened) = match step {
            Step::Register => (visit.register(to, at).then_some(MovementKind::Register)?, at),
            Step::Admit => {
                visit.admit(to, at);
                (MovementKind::Admit, at)
            }
            Step::Transfer => (visit.transfer(to, at).then_some(MovementKind::Transfer)?, at),
            Step::Update => (MovementKind::Update, at),
            Step::Discharge => {
                let kind = visit.discharge(at).then_some(MovementKind::Discharge)?;
                return Some((Encounter { discharged: Some(at), ..before }, Movement { kind, happened: at }));
            }
            Step::CancelAdmit => {
                let happened = visit.cancel_admit()?;
                return Some((before, Movement { kind: MovementKind::CancelAdmit, happened }));
            }
            Step::CancelTransfer => (MovementKind::CancelTransfer, visit.cancel_transfer()?.1),
            Step::CancelDischarge => (MovementKind::CancelDischarge, visit.cancel_discharge()?),
            Step::Plan => {
                let to = explicit.then_some(to);
                visit.plan(to);
                let encounter = Encounter { service: visit.service_in(to), ..before };
                return Some((encounter, Movement { kind: MovementKind::Plan { to }, happened: at }));
            }
            Step::CallOff => (MovementKind::CallOff { to: visit.call_off(explicit)? }, at),
            Step::PlanDischarge => (visit.plan_discharge().then_some(MovementKind::PlanDischarge)?, at),
            Step::CallOffDischarge => {
                (visit.call_off_discharge().then_some(MovementKind::CallOffDischarge)?, at)
            }
            Step::ChangeService => (visit.change_service().then_some(MovementKind::ChangeService)?, at),
            Step::Measure
            | Step::Swap
            | Step::Merge
            | Step::ChangeIdentifiers
            | Step::MoveVisit
            | Step::Delete => return None,
        };
        let mut encounter = self.visit.encounter();
        if kind == MovementKind::Register {
            encounter.class = PatientClass::Emergency;
        }
        Some((encounter, Movement { kind, happened }))
    }

    /// Two patients change beds; `None` unless they are in two places.
    pub(crate) fn swap(&mut self, other: &mut Self, at: Instant) -> Option<(Encounter, Movement)> {
        let (here, there) = (self.visit.place()?, other.visit.place()?);
        if !(self.visit.transfer(there, at) && other.visit.transfer(here, at)) {
            return None;
        }
        let kind = MovementKind::Swap { other: other.person, visit: other.visit.encounter() };
        Some((self.visit.encounter(), Movement { kind, happened: at }))
    }
}
