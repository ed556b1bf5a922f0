//! One visit, as the hospital has it on record.

use emap_interchange::{Instant, PatientClass};

use crate::place::{Place, speciality};

/// A visit from registration to discharge.
#[derive(Debug, Clone, Default)]
pub(crate) struct Visit {
    pub(crate) number: u64,
    /// Places where the patient has been, with the times of the moves. Without those that were cancelled.
    moves: Vec<(Place, Instant)>,
    /// The place named as the one before the present one.
    former: Option<Place>,
    /// When the patient was registered, later admitted.
    arrived: Option<Instant>,
    discharged: Option<Instant>,
    is_admitted: bool,
    /// Destinations of planned transfers, the oldest first; `None`: not decided.
    plans: Vec<Option<Place>>,
    /// Whether the patient is expected to leave.
    is_leaving: bool,
    /// How often another speciality took over.
    changes_of_service: usize,
}

/// What a message says of a visit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Encounter {
    pub(crate) number: u64,
    pub(crate) class: PatientClass,
    pub(crate) place: Option<Place>,
    pub(crate) former: Option<Place>,
    pub(crate) arrived: Option<Instant>,
    pub(crate) discharged: Option<Instant>,
    /// Code of the speciality that cares for the patient.
    pub(crate) service: &'static str,
}

impl Encounter {
    /// Every third patient was expected.
    pub(crate) fn admission_type(&self) -> &'static str {
        if self.number.is_multiple_of(3) { "ELECTIVE" } else { "EMERGENCY" }
    }

    /// The number by which systems know the visit.
    pub(crate) fn id(&self) -> String {
        (700_000_000 + self.number).to_string()
    }
}

impl Visit {
    pub(crate) fn new(number: u64) -> Self {
        Self { number, ..Self::default() }
    }

    /// Where the patient is, unless nobody is there.
    pub(crate) fn place(&self) -> Option<Place> {
        self.moves.last().filter(|_| self.discharged.is_none()).map(|(place, _)| *place)
    }

    /// Whether the patient lies in a bed.
    pub(crate) fn is_admitted(&self) -> bool {
        self.is_admitted
    }

    pub(crate) fn is_over(&self) -> bool {
        self.discharged.is_some()
    }

    /// The visit as messages about an in-patient describe it.
    pub(crate) fn encounter(&self) -> Encounter {
        let (place, class) = (self.place(), PatientClass::Inpatient);
        Encounter {
            number: self.number,
            class,
            place,
            former: self.former,
            arrived: self.arrived,
            discharged: None,
            service: self.service(place),
        }
    }

    /// The speciality of a patient of this visit in a place: the ward's, unless another took over.
    fn service(&self, place: Option<Place>) -> &'static str {
        speciality(place.map_or(0, |place| place.ward) + self.changes_of_service)
    }

    /// The speciality that will care for a patient who goes there; of now, where that is not decided.
    pub(crate) fn service_in(&self, to: Option<Place>) -> &'static str {
        self.service(to.or(self.place()))
    }

    /// The visit by its number, as messages about records have it.
    pub(crate) fn named(&self) -> Encounter {
        Encounter { place: None, former: None, arrived: None, ..self.encounter() }
    }

    /// `false` for who is here already.
    pub(crate) fn register(&mut self, place: Place, at: Instant) -> bool {
        let is_new = self.place().is_none();
        if is_new {
            self.arrive(place, at);
        }
        is_new
    }

    /// In a place, or where the patient is already.
    pub(crate) fn admit(&mut self, place: Place, at: Instant) {
        match self.place() {
            None => self.arrive(place, at),
            Some(_) if !self.is_admitted => self.arrived = Some(at),
            Some(_) => {}
        }
        self.is_admitted = true;
    }

    fn arrive(&mut self, place: Place, at: Instant) {
        self.moves.push((place, at));
        self.arrived = Some(at);
    }

    /// `false` where nobody is there to be moved, or the place is the same.
    pub(crate) fn transfer(&mut self, place: Place, at: Instant) -> bool {
        let Some(here) = self.place().filter(|here| *here != place) else { return false };
        self.former = Some(here);
        self.moves.push((place, at));
        true
    }

    /// `false` where nobody is there.
    pub(crate) fn discharge(&mut self, at: Instant) -> bool {
        let is_here = self.place().is_some();
        if is_here {
            self.discharged = Some(at);
            self.is_admitted = false;
            self.is_leaving = false;
        }
        is_here
    }

    /// When the cancelled admission was; it can be cancelled before the first transfer.
    pub(crate) fn cancel_admit(&mut self) -> Option<Instant> {
        self.place().filter(|_| self.moves.len() == 1)?;
        self.moves.clear();
        self.is_admitted = false;
        self.arrived
    }

    /// When the cancelled transfer was, and where to. It becomes the place before the present one.
    pub(crate) fn cancel_transfer(&mut self) -> Option<(Place, Instant)> {
        self.place().filter(|_| self.moves.len() > 1)?;
        let cancelled = self.moves.pop()?;
        self.former = Some(cancelled.0);
        Some(cancelled)
    }

    /// When the cancelled discharge was.
    pub(crate) fn cancel_discharge(&mut self) -> Option<Instant> {
        let discharged = self.discharged.take()?;
        self.is_admitted = true;
        Some(discharged)
    }

    /// `false` where nobody is there.
    pub(crate) fn plan_discharge(&mut self) -> bool {
        let is_here = self.place().is_some();
        self.is_leaving |= is_here;
        is_here
    }

    /// `false` for who is not expected to leave.
    pub(crate) fn call_off_discharge(&mut self) -> bool {
        std::mem::take(&mut self.is_leaving)
    }

    /// `false` where nobody is there.
    pub(crate) fn change_service(&mut self) -> bool {
        let is_here = self.place().is_some();
        self.changes_of_service += usize::from(is_here);
        is_here
    }

    pub(crate) fn plan(&mut self, to: Option<Place>) {
        self.plans.push(to);
    }

    /// The destination of the plan called off: the newest or the oldest.
    #[expect(clippy::option_option, reason = "a plan without a destination is a plan")]
    pub(crate) fn call_off(&mut self, newest: bool) -> Option<Option<Place>> {
        let last = self.plans.len().checked_sub(1)?;
        Some(self.plans.remove(if newest { last } else { 0 }))
    }
}
