//! A stay of a patient at one place.

use chrono::{DateTime, Utc};

/// A stay of a patient at one place (star: `location_visit`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stay<P> {
    /// Where.
    pub place: P,
    /// Since when.
    pub admission: DateTime<Utc>,
    /// Until when; none while it lasts.
    pub discharge: Option<DateTime<Utc>>,
    /// No message gives the beginning: it is placed just before what is known to follow.
    pub inferred_admission: bool,
    /// No message gives the end: it is placed where the next stay begins. Never set on an open stay.
    pub inferred_discharge: bool,
}

impl<P> Stay<P> {
    pub(super) fn open(place: P, admission: DateTime<Utc>) -> Self {
        Self { place, admission, discharge: None, inferred_admission: false, inferred_discharge: false }
    }

    pub(super) fn open_inferred(place: P, admission: DateTime<Utc>) -> Self {
        Self { inferred_admission: true, ..Self::open(place, admission) }
    }

    pub(super) fn is_open(&self) -> bool {
        self.discharge.is_none()
    }

    pub(super) fn end(&mut self, at: DateTime<Utc>) {
        self.discharge = Some(at);
        self.inferred_discharge = false;
    }

    pub(super) fn end_inferred(&mut self, at: DateTime<Utc>) {
        self.discharge = Some(at);
        self.inferred_discharge = true;
    }

    /// The end, if a message gives it.
    pub(super) fn known_end(&self) -> Option<DateTime<Utc>> {
        self.discharge.filter(|_| !self.inferred_discharge)
    }

    /// Orders stays in time; of two that begin together, the one that lasts comes last.
    pub(super) fn in_time(&self) -> (DateTime<Utc>, bool, Option<DateTime<Utc>>) {
        (self.admission, self.is_open(), self.discharge)
    }
}
