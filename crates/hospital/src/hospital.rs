//! The hospital at work: what happens, and how the messages about it arrive.

use chrono::{DateTime, TimeDelta};
use emap_interchange::Instant;

use crate::{
    chance::Chance,
    conditions,
    event::{Event, Movement, MovementKind, What},
    flowsheets,
    held::Held,
    journey::{DELAY, Journey},
    labs,
    mix::{Amounts, Family, Mix},
    person::{Mrn, Person},
    requests,
    settings::Settings,
    step::Step,
};

/// An event whose message has arrived.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// What happened.
    pub event: Event,
    /// When the message store takes the message: never before those that came earlier.
    pub stored: Instant,
}

/// A hospital: an iterator over the messages that arrive from it, which ends when
/// [`messages`](Settings::messages) are sent.
///
/// Patients come and go: each visit is registered, admitted, moved between beds, updated and discharged, with the
/// visits of many patients interleaved and some patients coming back. In between, those who lie in a bed are
/// observed, examined and advised, if the mix has it. The same settings always give the same events. It holds the
/// patients who are present, whatever the number of messages.
#[derive(Debug)]
pub struct Hospital {
    settings: Settings,
    chance: Chance,
    now: Instant,
    journeys: Vec<Journey>,
    /// People who have been here before; the oldest are forgotten.
    former: Vec<Person>,
    people: u64,
    visits: u64,
    held: Held<Event>,
    /// When the last message was stored.
    stored: Instant,
    /// Messages that have arrived, and what they give.
    arrived: u64,
    received: Amounts,
    /// Events so far, and what they give.
    events: u64,
    sent: Amounts,
}

/// People who may come back.
const REMEMBERED: usize = 5000;

/// How often a patient who lies in a bed is looked for at random.
const ATTEMPTS: usize = 16;

impl Hospital {
    /// A hospital before its first message. Where movements are rare, it is full from the beginning: it would take
    /// too long to fill.
    pub fn new(settings: Settings) -> Self {
        let mut hospital = Self {
            settings,
            chance: Chance::new(settings.seed),
            now: settings.begin,
            journeys: Vec::new(),
            former: Vec::new(),
            people: 0,
            visits: 0,
            held: Held::default(),
            stored: DateTime::UNIX_EPOCH,
            arrived: 0,
            received: Amounts::default(),
            events: 0,
            sent: Amounts::default(),
        };
        if settings.mix != Mix::ADT {
            while hospital.journeys.len() < settings.present {
                let journey = hospital.arrival();
                hospital.journeys.push(journey.under_way(hospital.now, &mut hospital.chance));
            }
        }
        hospital
    }

    /// The next event.
    fn happen(&mut self) -> Event {
        // To the second, as messages give it.
        self.now += TimeDelta::seconds(self.chance.between(1, 3));
        self.events += 1;
        let event = match self.settings.mix.furthest_behind(&self.sent) {
            Family::Adt => self.movement(),
            family => self.about_admitted(family),
        };
        self.sent += event.amounts();
        event
    }

    fn movement(&mut self) -> Event {
        let index = self.pick_journey();
        let step = self.journeys[index].next_step();
        let event = self.take(index, step);
        if self.journeys[index].is_over() {
            let journey = self.journeys.swap_remove(index);
            if step != Step::Delete {
                self.remember(journey.person());
            }
        }
        event
    }

    fn take(&mut self, index: usize, step: Step) -> Event {
        let at = self.now;
        if step == Step::Swap
            && let Some(event) = self.swap(index)
        {
            return event;
        }
        let changed = match step {
            Step::Merge => self.journeys[index].merge().map(|previous| MovementKind::Merge { previous }),
            Step::ChangeIdentifiers => Some(self.change_identifiers(index)),
            Step::MoveVisit => Some(self.move_visit(index)),
            Step::Delete => {
                self.journeys[index].end();
                Some(MovementKind::Delete)
            }
            _ => None,
        };
        let Self { journeys, chance, .. } = self;
        let journey = &mut journeys[index];
        let (visit, movement) = match changed {
            Some(kind) => (journey.patient.visit.named(), Movement { kind, happened: at }),
            None => journey.take(step, at, chance),
        };
        let patient = journey.patient.person;
        Event { at, number: self.events, patient, visit, what: What::Movement(movement) }
    }

    /// With another patient at random; `None` if one of the two is not in a bed.
    fn swap(&mut self, index: usize) -> Option<Event> {
        let other = self.pick_admitted().filter(|other| *other != index)?;
        let [one, other] = self.journeys.get_disjoint_mut([index, other]).ok()?;
        let (visit, movement) = one.patient.swap(&mut other.patient, self.now - DELAY)?;
        let patient = one.patient.person;
        Some(Event { at: self.now, number: self.events, patient, visit, what: What::Movement(movement) })
    }

    fn change_identifiers(&mut self, index: usize) -> MovementKind {
        let person = &mut self.journeys[index].patient.person;
        let previous = std::mem::replace(&mut person.mrn, Mrn::replacing(self.events));
        MovementKind::ChangeIdentifiers { previous }
    }

    /// To a person who has not been here.
    fn move_visit(&mut self, index: usize) -> MovementKind {
        self.people += 1;
        let owner = Person::new(self.people);
        let previous = std::mem::replace(&mut self.journeys[index].patient.person, owner);
        MovementKind::MoveVisit { previous: previous.mrn }
    }

    /// About a patient who lies in a bed; without such, a patient moves.
    fn about_admitted(&mut self, family: Family) -> Event {
        let Some(index) = self.pick_admitted() else { return self.movement() };
        let Self { journeys, chance, now: at, events: number, .. } = self;
        let (at, number) = (*at, *number);
        let Journey { patient, chart, .. } = &mut journeys[index];
        let visit = patient.visit.number;
        let what = match family {
            Family::Flowsheets => What::Sheet(flowsheets::chart(&mut chart.charted, at, chance)),
            Family::Labs => match chance.below(40) {
                0..=34 => What::Sample(labs::advance(&mut chart.samples, number, at, chance)),
                35 => What::BloodGas(labs::blood_gas(number, at, chance)),
                36 => What::Glucose(labs::glucose(number, at, chance)),
                37 => What::Grouping(labs::grouping(number, at, chance)),
                38 => What::Histology(labs::histology(&mut chart.specimens, number, at, chance)),
                _ => What::Imaging(labs::imaging(number, at, chance)),
            },
            Family::Adt | Family::Others => match chance.below(10) {
                0..=2 => What::Allergies(conditions::allergies(visit, &mut chart.allergies, at, chance)),
                3..=6 => What::Problems(conditions::problems(visit, &mut chart.problems, at, chance)),
                7 => What::Infection(conditions::infection(visit, &mut chart.infections, at)),
                8 => What::Consult(requests::consult(&mut chart.consults, number, at, chance)),
                _ => What::AdvanceDecision(requests::advance_decision(
                    &mut chart.decisions,
                    number,
                    at,
                    chance,
                )),
            },
        };
        Event { at, number, patient: patient.person, visit: patient.visit.encounter(), what }
    }

    fn pick_admitted(&mut self) -> Option<usize> {
        let here = self.journeys.len();
        let attempts = if here == 0 { 0 } else { ATTEMPTS };
        let mut picked = (0..attempts).map(|_| self.chance.below(here));
        picked.find(|journey| self.journeys[*journey].patient.visit.is_admitted())
    }

    /// A patient who is here, or who comes now while there is room.
    fn pick_journey(&mut self) -> usize {
        let here = self.journeys.len();
        if here < self.settings.present.max(1) && (here == 0 || self.chance.share(0.3)) {
            let journey = self.arrival();
            self.journeys.push(journey);
            return here;
        }
        self.chance.below(here)
    }

    fn arrival(&mut self) -> Journey {
        let person = self.person();
        self.visits += 1;
        Journey::new(person, self.visits, self.settings.incidents, &mut self.chance)
    }

    fn person(&mut self) -> Person {
        if !self.former.is_empty() && self.chance.share(0.2) {
            let index = self.chance.below(self.former.len());
            return self.former.swap_remove(index);
        }
        self.people += 1;
        Person::new(self.people)
    }

    fn remember(&mut self, person: Person) {
        if self.former.len() >= REMEMBERED {
            self.former.swap_remove(0);
        }
        self.former.push(person);
    }

    /// The next event whose message comes: in time, late, or again.
    fn pass_on(&mut self) -> Event {
        loop {
            if let Some(event) = self.held.due(self.arrived) {
                return event;
            }
            let event = self.happen();
            if self.chance.share(self.settings.disorder.late) {
                self.held.keep(self.arrived + self.chance.up_to(50), event);
                continue;
            }
            if self.chance.share(self.settings.disorder.duplicates) {
                self.held.keep(self.arrived + self.chance.up_to(200), event.clone());
            }
            return event;
        }
    }
}

impl Iterator for Hospital {
    type Item = Arrival;

    fn next(&mut self) -> Option<Arrival> {
        if self.received.total() >= self.settings.messages {
            return None;
        }
        self.arrived += 1;
        let event = self.pass_on();
        self.received += event.amounts();
        self.stored = self.stored.max(event.at);
        Some(Arrival { event, stored: self.stored })
    }
}
