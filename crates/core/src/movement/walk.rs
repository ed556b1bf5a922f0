//! From ordered events to stays.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    fact::{Fact, FactKind},
    stay::Stay,
};

/// Follows a patient through MOVEs and DISCHARGEs, given in the order in which they took effect.
pub(super) fn walk<P: Copy + Ord>(events: &[Fact<P>]) -> Vec<Stay<P>> {
    let mut walk = Walk { stays: Vec::with_capacity(events.len() + 1) };
    for run in events.chunk_by(|a, b| a.kind == b.kind) {
        match run[0].kind {
            FactKind::Discharge => walk.discharge(the_one_that_counts(run)),
            _ => run.iter().for_each(|fact| walk.moved(fact)),
        }
    }
    walk.stays
}

/// The stays so far; the last one is where the patient is, or was when they were discharged.
struct Walk<P> {
    stays: Vec<Stay<P>>,
}

impl<P: Copy + Ord> Walk<P> {
    fn moved(&mut self, fact: &Fact<P>) {
        let (place, at) = (fact.place, fact.at);
        match (fact.previous, self.stays.last_mut()) {
            // Moving on from a place proves a stay until then, even against a discharge.
            (Some(previous), Some(current)) if current.place == previous => current.end(at),
            (Some(previous), _) => {
                self.stay_unheard_of(previous, before(at, 1));
                self.end_current(at);
            }
            (None, Some(current)) if current.is_open() && current.place == place => return,
            (None, Some(current)) if current.is_open() => current.end_inferred(at),
            (None, _) => {}
        }
        self.stays.push(Stay::open(place, at));
    }

    fn discharge(&mut self, fact: &Fact<P>) {
        let current = self.stays.last().map(|stay| stay.place);
        if current != Some(fact.place) {
            if let Some(previous) = fact.previous.filter(|p| *p != fact.place && Some(*p) != current) {
                self.stay_unheard_of(previous, before(fact.at, 2));
            }
            self.stay_unheard_of(fact.place, before(fact.at, 1));
        }
        self.end_current(fact.at);
    }

    /// Adds a stay of which only the end is known, beginning at a guess, but not earlier than what is known
    /// of the stay before it. That one ends where this one begins, unless its end is known.
    fn stay_unheard_of(&mut self, place: P, guess: DateTime<Utc>) {
        let begin = match self.stays.last_mut() {
            None => guess,
            Some(current) => {
                let begin = guess.max(current.known_end().unwrap_or(current.admission));
                if current.known_end().is_none() {
                    current.end_inferred(begin);
                }
                begin
            }
        };
        self.stays.push(Stay::open_inferred(place, begin));
    }

    fn end_current(&mut self, at: DateTime<Utc>) {
        if let Some(current) = self.stays.last_mut() {
            current.end(at);
        }
    }
}

/// Of DISCHARGEs with no MOVE between them, the one recorded last.
fn the_one_that_counts<P: Copy + Ord>(discharges: &[Fact<P>]) -> &Fact<P> {
    let first = &discharges[0];
    discharges.iter().max_by_key(|fact| (fact.rank(), fact.at, fact.place, fact.previous)).unwrap_or(first)
}

/// Some seconds earlier; at the very beginning of time, the same instant.
fn before(at: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    at.checked_sub_signed(TimeDelta::seconds(seconds)).unwrap_or(at)
}
