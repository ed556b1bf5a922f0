//! Generated streams of patient messages: plausible stories of a few patients on a few wards, told in the order in
//! which things happened.

use chrono::{Duration, SecondsFormat};
use emap_interchange::{AdtEvent, Instant, InterchangeValue, Message, PatientClass, PendingType};
use proptest::{
    collection::{SizeRange, vec},
    prelude::*,
    sample::select,
    strategy::ValueTree,
    test_runner::{Config, RngAlgorithm, TestRng, TestRunner},
};

use crate::messages::{adt, at, with};
use InterchangeValue::Save;

/// What may happen. What makes no sense at the moment becomes an update of patient data, or the admission of a patient
/// who is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it all")]
pub enum Happening {
    Admit,
    Register,
    Transfer,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Swap,
    Plan,
    CallOff,
    Update,
    /// Another system's message mentions patient and visit.
    Implied,
    Merge,
    ChangeIdentifiers,
    MoveVisit,
    /// Everything about the person is removed; somebody new comes instead.
    Delete,
}

use Happening::{
    Admit, CallOff, CancelAdmit, CancelDischarge, CancelTransfer, ChangeIdentifiers, Delete, Discharge,
    Implied, Merge, MoveVisit, Plan, Register, Swap, Transfer, Update,
};

/// Where patients go, as often as on a ward: transfers more than anything else.
pub const MOVEMENTS: &[Happening] = &[
    Admit,
    Admit,
    Register,
    Transfer,
    Transfer,
    Transfer,
    Transfer,
    Discharge,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelTransfer,
    CancelDischarge,
    Swap,
    Update,
    Implied,
];
/// Movements, and plans for them.
pub const MOVEMENTS_AND_PLANS: &[Happening] = &[
    Admit,
    Register,
    Transfer,
    Transfer,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Plan,
    Plan,
    Plan,
    CallOff,
    CallOff,
    Update,
];
/// Everything there is.
pub const EVERYTHING: &[Happening] = &[
    Admit,
    Admit,
    Register,
    Transfer,
    Transfer,
    Transfer,
    Discharge,
    CancelAdmit,
    CancelTransfer,
    CancelDischarge,
    Swap,
    Plan,
    Plan,
    CallOff,
    Update,
    Implied,
    Merge,
    ChangeIdentifiers,
    MoveVisit,
    Delete,
];

/// Everything but the removal of people, the last of [`EVERYTHING`], which leaves nothing to compare.
pub const EVERYTHING_KEPT: &[Happening] = EVERYTHING.split_at(EVERYTHING.len() - 1).0;

const PEOPLE: usize = 3;
const PLACES: [&str; 4] = ["W1^W1 BAY1^W1-01", "W2^W2 BAY1^W2-01", "W3^W3 SR^W3-09", "ED^null^null"];

/// Streams of this length in which these things happen.
pub fn stream(
    happenings: &'static [Happening],
    length: impl Into<SizeRange>,
) -> impl Strategy<Value = Vec<Message>> {
    let step = (select(happenings), 0..PEOPLE, 0..PLACES.len(), 1..90_i64, any::<bool>()).prop_map(
        |(happening, person, place, minutes, told)| Step { happening, person, place, minutes, told },
    );
    vec(step, length).prop_map(tell)
}

/// The one value of a strategy that belongs to a seed.
pub fn seeded<S: Strategy>(strategy: &S, seed: u64) -> S::Value {
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let random = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    let mut runner = TestRunner::new_with_rng(Config::default(), random);
    strategy.new_tree(&mut runner).expect("a strategy without conditions gives a value").current()
}

/// What happens next.
#[derive(Debug)]
struct Step {
    happening: Happening,
    person: usize,
    place: usize,
    /// Since the step before.
    minutes: i64,
    /// The message names what it could leave out: the previous place, the destination of a plan.
    told: bool,
}

fn tell(steps: Vec<Step>) -> Vec<Message> {
    let mut people: Vec<Person> = (1..=PEOPLE).map(Person::new).collect();
    let mut now = at("2031-03-02T08:00:00Z");
    let mut messages = Vec::new();
    for step in steps {
        now += Duration::minutes(step.minutes);
        let scene = Scene { people: &mut people, who: step.person, now, told: step.told };
        let message = scene.play(step.happening, PLACES[step.place]);
        messages.push(with(message, |adt| {
            adt.patient_family_name = Save(format!("Name{}", step.minutes % 5));
            if step.minutes % 7 == 0 {
                adt.patient_class = Save(PatientClass::DayCase);
            }
        }));
    }
    messages
}

/// A patient and the present visit.
#[derive(Debug)]
struct Person {
    number: usize,
    mrn: String,
    visits: usize,
    visit: Visit,
}

#[derive(Debug, Default)]
struct Visit {
    number: String,
    /// Moves that were not cancelled, with their times.
    moves: Vec<(&'static str, Instant)>,
    discharged: Option<Instant>,
    /// Destinations of what is planned.
    plans: Vec<InterchangeValue<String>>,
}

impl Person {
    fn new(number: usize) -> Self {
        let mut person = Self { number, mrn: format!("M{number}"), visits: 0, visit: Visit::default() };
        person.begin_visit();
        person
    }

    fn begin_visit(&mut self) {
        self.visits += 1;
        self.visit = Visit { number: format!("V{}-{}", self.number, self.visits), ..Visit::default() };
    }

    /// Where the patient is.
    fn place(&self) -> Option<&'static str> {
        self.visit.moves.last().filter(|_| self.visit.discharged.is_none()).map(|(place, _)| *place)
    }
}

/// One moment of a story.
struct Scene<'s> {
    people: &'s mut [Person],
    who: usize,
    now: Instant,
    told: bool,
}

impl Scene<'_> {
    fn person(&mut self) -> &mut Person {
        &mut self.people[self.who]
    }

    fn other(&self) -> usize {
        (self.who + 1) % self.people.len()
    }

    fn say(&self, event: AdtEvent, place: Option<&str>) -> Message {
        let person = &self.people[self.who];
        let time = self.now.to_rfc3339_opts(SecondsFormat::Secs, true);
        let message = adt(event, &person.mrn, &person.visit.number, place.unwrap_or_default(), &time);
        with(message, |adt| {
            if place.is_none() {
                adt.full_location_string = InterchangeValue::Unknown;
            }
        })
    }

    fn play(mut self, happening: Happening, place: &'static str) -> Message {
        let message = match happening {
            Admit => Some(self.admit(place)),
            Register => self.register(place),
            Transfer => self.transfer(place),
            // Who has left comes again soon, so cancellations of discharges would be rare otherwise.
            Discharge if self.person().visit.discharged.is_some() => self.cancel_discharge(),
            Discharge => self.discharge(),
            CancelAdmit => self.cancel_admit(),
            CancelTransfer => self.cancel_transfer(),
            CancelDischarge => self.cancel_discharge(),
            Swap => self.swap(),
            Plan => Some(self.plan(place)),
            CallOff => self.call_off(),
            Update => None,
            Implied => Some(self.implied()),
            Merge => self.merge(),
            ChangeIdentifiers => Some(self.change_identifiers()),
            MoveVisit => self.move_visit(),
            Delete => Some(self.delete()),
        };
        match (message, self.person().place()) {
            (Some(message), _) => message,
            (None, None) if self.told => self.admit(place),
            (None, here) => self.say(AdtEvent::UpdatePatientInfo, here),
        }
    }

    /// Those who have left come again, with a new visit; those who are here are admitted where they are.
    fn admit(&mut self, place: &'static str) -> Message {
        let here = self.person().place();
        let begun = match here {
            Some(_) => self.person().visit.moves[0].1,
            None => self.arrive(place),
        };
        self.say(AdtEvent::AdmitPatient { admission_date_time: Save(begun) }, here.or(Some(place)))
    }

    fn register(&mut self, place: &'static str) -> Option<Message> {
        if self.person().place().is_some() {
            return None;
        }
        let presented = self.arrive(place);
        let message =
            self.say(AdtEvent::RegisterPatient { presentation_date_time: Save(presented) }, Some(place));
        Some(with(message, |adt| adt.patient_class = Save(PatientClass::Emergency)))
    }

    fn arrive(&mut self, place: &'static str) -> Instant {
        let now = self.now;
        let person = self.person();
        if person.visit.discharged.is_some() {
            person.begin_visit();
        }
        person.visit.moves.push((place, now));
        now
    }

    fn transfer(&mut self, place: &'static str) -> Option<Message> {
        let (here, now) = (self.person().place().filter(|here| *here != place)?, self.now);
        self.person().visit.moves.push((place, now));
        let begun = self.person().visit.moves[0].1;
        let message = self.say(AdtEvent::TransferPatient { admission_date_time: Save(begun) }, Some(place));
        Some(self.from(message, here))
    }

    fn discharge(&mut self) -> Option<Message> {
        let (here, now) = (self.person().place()?, self.now);
        self.person().visit.discharged = Some(now);
        let event = AdtEvent::DischargePatient {
            admission_date_time: Save(self.person().visit.moves[0].1),
            discharge_date_time: Some(now),
            discharge_disposition: Some("Home".to_owned()),
            discharge_location: None,
        };
        Some(self.say(event, Some(here)))
    }

    fn cancel_admit(&mut self) -> Option<Message> {
        let here = self.person().place()?;
        let [(_, begun)] = *self.person().visit.moves else { return None };
        self.person().visit.moves.clear();
        Some(self.say(AdtEvent::CancelAdmitPatient { cancelled_date_time: Some(begun) }, Some(here)))
    }

    fn cancel_transfer(&mut self) -> Option<Message> {
        self.person().place()?;
        let [.., (back, _), (place, moved)] = *self.person().visit.moves else { return None };
        self.person().visit.moves.pop();
        let event = AdtEvent::CancelTransferPatient {
            cancelled_date_time: Some(moved),
            cancelled_location: Some(place.to_owned()),
        };
        Some(self.say(event, Some(back)))
    }

    fn cancel_discharge(&mut self) -> Option<Message> {
        let cancelled = self.person().visit.discharged.take()?;
        let here = self.person().place();
        Some(self.say(AdtEvent::CancelDischargePatient { cancelled_date_time: Some(cancelled) }, here))
    }

    fn swap(&mut self) -> Option<Message> {
        let (now, other) = (self.now, self.other());
        let (here, there) = (self.person().place()?, self.people[other].place()?);
        if here == there {
            return None;
        }
        self.person().visit.moves.push((there, now));
        self.people[other].visit.moves.push((here, now));
        let event = AdtEvent::SwapLocations {
            other_mrn: Some(self.people[other].mrn.clone()),
            other_nhs_number: None,
            other_visit_number: Some(self.people[other].visit.number.clone()),
            other_full_location_string: Save(here.to_owned()),
        };
        Some(self.say(event, Some(there)))
    }

    fn plan(&mut self, place: &'static str) -> Message {
        let destination = if self.told { Save(place.to_owned()) } else { InterchangeValue::Unknown };
        self.person().visit.plans.push(destination.clone());
        let event = AdtEvent::PendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: destination,
        };
        let here = self.person().place();
        self.say(event, here)
    }

    /// The oldest plan or the newest one.
    fn call_off(&mut self) -> Option<Message> {
        let last = self.person().visit.plans.len().checked_sub(1)?;
        let which = if self.told { last } else { 0 };
        let event = AdtEvent::CancelPendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: self.person().visit.plans.remove(which),
            cancelled_date_time: Some(self.now),
        };
        let here = self.person().place();
        Some(self.say(event, here))
    }

    fn implied(&mut self) -> Message {
        let here = self.person().place();
        let message = self.say(AdtEvent::ImpliedAdtMessage, here);
        Message { source_system: Some("Laboratory".to_owned()), ..message }
    }

    /// The next patient turns out to be this one.
    fn merge(&mut self) -> Option<Message> {
        let surviving = self.person().mrn.clone();
        let previous = self.people[self.other()].mrn.clone();
        if previous == surviving {
            return None;
        }
        self.rename(&previous, &surviving);
        Some(
            self.say(
                AdtEvent::MergePatient { previous_mrn: Some(previous), previous_nhs_number: None },
                None,
            ),
        )
    }

    fn change_identifiers(&mut self) -> Message {
        let previous = self.person().mrn.clone();
        self.rename(&previous, &format!("{previous}b"));
        let event =
            AdtEvent::ChangePatientIdentifiers { previous_mrn: Some(previous), previous_nhs_number: None };
        self.say(event, None)
    }

    fn rename(&mut self, previous: &str, mrn: &str) {
        for person in self.people.iter_mut().filter(|person| person.mrn == previous) {
            mrn.clone_into(&mut person.mrn);
        }
    }

    /// The visit turns out to be the next patient's.
    fn move_visit(&mut self) -> Option<Message> {
        let mrn = self.people[self.other()].mrn.clone();
        let person = self.person();
        if person.mrn == mrn {
            return None;
        }
        let event = AdtEvent::MoveVisitInformation {
            previous_mrn: Some(std::mem::replace(&mut person.mrn, mrn)),
            previous_nhs_number: None,
            previous_visit_number: Some(person.visit.number.clone()),
        };
        Some(self.say(event, None))
    }

    fn delete(&mut self) -> Message {
        let message = self.say(AdtEvent::DeletePersonInformation, None);
        let person = self.person();
        person.begin_visit();
        person.mrn = format!("M{}-{}", person.number, person.visits);
        message
    }

    /// Names the previous place, if it is to be told.
    fn from(&self, message: Message, place: &str) -> Message {
        with(message, |adt| {
            if self.told {
                adt.previous_location_string = Save(place.to_owned());
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{EVERYTHING, seeded, stream};
    use std::collections::HashSet;

    #[test]
    fn a_seed_gives_one_stream_and_long_streams_hold_everything() {
        let long = || stream(EVERYTHING, 400);
        let one = seeded(&long(), 1);
        assert_eq!(one.len(), 400);
        assert_eq!(one, seeded(&long(), 1));
        assert_ne!(one, seeded(&long(), 2));
        let classes: HashSet<_> = one.iter().map(emap_interchange::Message::class_name).collect();
        assert_eq!(classes.len(), 16, "{classes:?}");
        let ids: HashSet<_> = one.iter().map(|message| &message.source_message_id).collect();
        assert_eq!(ids.len(), 400, "no two messages have one id");
    }
}
