//! A ward with few patients and beds, where the caller decides what happens: for tests of what depends on the order of
//! messages, where a stream must be short, dense and easy to shorten.

use chrono::{DateTime, TimeDelta};
use emap_interchange::Instant;

use crate::{
    chance::Chance,
    event::{Event, Movement, MovementKind, What},
    labs,
    patient::{Circumstances, Patient},
    person::{Mrn, Person},
    place::Place,
    step::Step,
    visit::{Encounter, Visit},
};

/// What is to happen next.
#[derive(Debug, Clone, Copy)]
pub struct Turn {
    /// What makes no sense at the moment becomes an update of the patient's data, or the admission of a patient who is
    /// not there.
    pub step: Step,
    /// Which patient, from 0 to [`Ward::PATIENTS`] - 1.
    pub patient: usize,
    /// Where to, from 0 to [`Ward::PLACES`] - 1.
    pub place: usize,
    /// Since the turn before.
    pub minutes: u32,
    /// The message names what it could leave out: the place before a transfer, the destination of a plan.
    pub explicit: bool,
    /// The patient's family name changes.
    pub renamed: bool,
}

/// The ward.
#[derive(Debug)]
pub struct Ward {
    patients: Vec<Patient>,
    people: u64,
    visits: u64,
    now: Instant,
    events: u64,
}

impl Default for Ward {
    fn default() -> Self {
        Self::new()
    }
}

impl Ward {
    /// Patients at a time.
    pub const PATIENTS: usize = 3;
    /// Three beds and a ward without beds.
    pub const PLACES: usize = 4;

    const ALL_PLACES: [Place; Self::PLACES] = [
        Place { ward: 1, bed: Some((1, 1)) },
        Place { ward: 2, bed: Some((1, 1)) },
        Place { ward: 3, bed: Some((2, 9)) },
        Place { ward: 4, bed: None },
    ];

    /// A ward to which nobody has come yet.
    pub fn new() -> Self {
        // 2031-03-02T08:00:00Z.
        let now = DateTime::from_timestamp(1_930_204_800, 0).unwrap_or_default();
        let mut ward = Self { patients: Vec::new(), people: 0, visits: 0, now, events: 0 };
        for _ in 0..Self::PATIENTS {
            let patient = Patient { person: ward.new_person(), visit: ward.new_visit() };
            ward.patients.push(patient);
        }
        ward
    }

    /// All events of some turns in a new ward.
    pub fn events(turns: impl IntoIterator<Item = Turn>) -> Vec<Event> {
        let mut ward = Self::new();
        turns.into_iter().map(|turn| ward.take(turn)).collect()
    }

    /// People are known by their record numbers alone: two of them can stand for one person.
    fn new_person(&mut self) -> Person {
        self.people += 1;
        Person { has_nhs_number: false, ..Person::new(self.people) }
    }

    fn new_visit(&mut self) -> Visit {
        self.visits += 1;
        Visit::new(self.visits)
    }

    /// What happens in this turn.
    pub fn take(&mut self, turn: Turn) -> Event {
        self.now += TimeDelta::minutes(turn.minutes.into());
        self.events += 1;
        let (who, at) = (turn.patient % Self::PATIENTS, self.now);
        self.patients[who].person.renamed += u64::from(turn.renamed);
        let to = Self::ALL_PLACES[turn.place % Self::PLACES];
        let circumstances = Circumstances { at, to, explicit: turn.explicit };
        let taken = self.happen(turn.step, who, circumstances).or_else(|| {
            let is_here = self.patients[who].visit.place().is_some();
            let otherwise = if is_here || !turn.explicit { Step::Update } else { Step::Admit };
            self.happen(otherwise, who, circumstances)
        });
        let (mut visit, what) = taken.unwrap_or_else(|| {
            let movement = Movement { kind: MovementKind::Update, happened: at };
            (self.patients[who].visit.encounter(), What::Movement(movement))
        });
        if !turn.explicit && matches!(&what, What::Movement(Movement { kind: MovementKind::Transfer, .. })) {
            visit.former = None;
        }
        let event = Event { at, number: self.events, patient: self.patients[who].person, visit, what };
        if event.trigger() == "A29" {
            // A new person comes instead.
            self.patients[who] = Patient { person: self.new_person(), visit: self.new_visit() };
        }
        event
    }

    fn happen(&mut self, step: Step, who: usize, circumstances: Circumstances) -> Option<(Encounter, What)> {
        let at = circumstances.at;
        let kind = match step {
            Step::Measure => {
                let glucose = labs::glucose(self.events, at, &mut Chance::new(self.events));
                return Some((self.patients[who].visit.encounter(), What::Glucose(glucose)));
            }
            Step::Swap => {
                let [one, other] = self.patients.get_disjoint_mut([who, Self::other(who)]).ok()?;
                let (visit, movement) = one.swap(other, at)?;
                return Some((visit, What::Movement(movement)));
            }
            Step::Merge => self.merge(who)?,
            Step::ChangeIdentifiers => self.change_identifiers(who),
            Step::MoveVisit => self.move_visit(who)?,
            Step::Delete => MovementKind::Delete,
            step => {
                let has_left = self.patients[who].visit.is_over();
                if has_left && matches!(step, Step::Register | Step::Admit) {
                    self.patients[who].visit = self.new_visit();
                }
                // Patients who have left come again soon, so cancelled discharges would be rare otherwise.
                let step = if has_left && step == Step::Discharge { Step::CancelDischarge } else { step };
                let (visit, movement) = self.patients[who].take(step, circumstances)?;
                return Some((visit, What::Movement(movement)));
            }
        };
        let movement = Movement { kind, happened: at };
        Some((self.patients[who].visit.named(), What::Movement(movement)))
    }

    fn other(who: usize) -> usize {
        (who + 1) % Self::PATIENTS
    }

    /// The next patient turns out to be this one.
    fn merge(&mut self, who: usize) -> Option<MovementKind> {
        let surviving = self.patients[who].person.mrn;
        let previous = self.patients[Self::other(who)].person.mrn;
        (previous != surviving).then(|| self.renumber(previous, surviving))?;
        Some(MovementKind::Merge { previous })
    }

    fn change_identifiers(&mut self, who: usize) -> MovementKind {
        let previous = self.patients[who].person.mrn;
        self.renumber(previous, Mrn::replacing(self.events));
        MovementKind::ChangeIdentifiers { previous }
    }

    fn renumber(&mut self, previous: Mrn, mrn: Mrn) {
        for patient in self.patients.iter_mut().filter(|patient| patient.person.mrn == previous) {
            patient.person.mrn = mrn;
        }
    }

    /// The visit turns out to be the next patient's.
    fn move_visit(&mut self, who: usize) -> Option<MovementKind> {
        let owner = self.patients[Self::other(who)].person.mrn;
        let previous = std::mem::replace(&mut self.patients[who].person.mrn, owner);
        (previous != owner).then_some(MovementKind::MoveVisit { previous })
    }
}
