//! Every short sequence of things that happen on a ward, in time order, against a model of what the rows
//! must then be.

use chrono::{DateTime, Utc};
use emap_core::movement::{Fact, FactKind, Stay, stays};

use crate::notation::{Where, after, fact, show, time};
use Happening::{AdmitNext, AdmitSame, CancelLastMove, Discharge, MoveNext, Nothing, Register};

#[derive(Clone, Copy, Debug)]
enum Happening {
    Nothing,
    Register,
    AdmitNext,
    AdmitSame,
    MoveNext,
    CancelLastMove,
    Discharge,
}

const ALL: [Happening; 7] = [Nothing, Register, AdmitNext, AdmitSame, MoveNext, CancelLastMove, Discharge];
const PLACES: [Where; 6] = ["bay", "ed", "icu", "scan", "theatre", "ward"];

/// Which time a cancellation names.
#[derive(Clone, Copy, Debug)]
enum Names {
    /// The time of the cancelled move.
    ItsTime,
    /// The time of the cancellation.
    Now,
}

/// A visit from the point of view of an observer.
struct Visit {
    names: Names,
    facts: Vec<Fact<Where>>,
    rows: Vec<Stay<Where>>,
    /// The rows before each move that counts.
    before: Vec<Vec<Stay<Where>>>,
}

impl Visit {
    fn new(names: Names) -> Self {
        Self { names, facts: vec![], rows: vec![], before: vec![] }
    }

    fn place(&self) -> Where {
        self.rows.last().map_or(PLACES[0], |row| row.place)
    }

    fn next_place(&self) -> Where {
        let here = self.rows.last().and_then(|row| PLACES.iter().position(|place| *place == row.place));
        PLACES[here.map_or(0, |here| here + 1)]
    }

    fn happens(&mut self, what: Happening, now: DateTime<Utc>) {
        match what {
            Nothing => {}
            Register | AdmitSame => self.moves(self.place(), None, now),
            AdmitNext => self.moves(self.next_place(), None, now),
            MoveNext => self.moves(self.next_place(), self.rows.last().map(|row| row.place), now),
            CancelLastMove => self.cancel(now),
            Discharge => self.discharge(now),
        }
    }

    fn knows(&mut self, fact: Fact<Where>, now: DateTime<Utc>) {
        self.facts.push(Fact { message_at: now, recorded: Some(after(now, 240)), ..fact });
    }

    fn moves(&mut self, place: Where, previous: Option<Where>, now: DateTime<Utc>) {
        self.knows(Fact { previous, ..fact(FactKind::Move, place, now) }, now);
        let is_there = self.rows.last().is_some_and(|row| row.place == place && row.discharge.is_none());
        if is_there {
            return;
        }
        self.before.push(self.rows.clone());
        if let Some(last) = self.rows.last_mut()
            && (last.discharge.is_none() || previous.is_some())
        {
            last.discharge = Some(now);
            last.inferred_discharge = previous.is_none();
        }
        let (inferred_admission, inferred_discharge) = (false, false);
        self.rows.push(Stay {
            place,
            admission: now,
            discharge: None,
            inferred_admission,
            inferred_discharge,
        });
    }

    fn cancel(&mut self, now: DateTime<Utc>) {
        let at = match (self.names, self.rows.last()) {
            (Names::ItsTime, Some(row)) => row.admission,
            _ => now,
        };
        self.knows(fact(FactKind::CancelTransfer, self.place(), at), now);
        self.rows = self.before.pop().unwrap_or_default();
    }

    fn discharge(&mut self, now: DateTime<Utc>) {
        let place = self.place();
        if let Some(last) = self.rows.last_mut() {
            last.discharge = Some(now);
            self.knows(fact(FactKind::Discharge, place, now), now);
        }
    }
}

#[test]
fn every_sequence_of_up_to_five_happenings() {
    let mut count = 0;
    for names in [Names::ItsTime, Names::Now] {
        every_sequence(5, &mut Vec::new(), &mut |happenings| {
            count += 1;
            check(names, happenings);
        });
    }
    assert_eq!(count, 2 * (7 + 49 + 343 + 2401 + 16807));
}

fn every_sequence(longest: usize, so_far: &mut Vec<Happening>, check: &mut impl FnMut(&[Happening])) {
    for happening in ALL {
        so_far.push(happening);
        check(so_far);
        if so_far.len() < longest {
            every_sequence(longest, so_far, check);
        }
        so_far.pop();
    }
}

fn check(names: Names, happenings: &[Happening]) {
    let mut visit = Visit::new(names);
    let (mut now, mut rows_before) = (time("9:00"), vec![]);
    for happening in happenings {
        now = after(now, 600);
        rows_before.clone_from(&visit.rows);
        visit.happens(*happening, now);
    }
    let rows = stays(&visit.facts);
    assert_eq!(show(&rows), show(&visit.rows), "{names:?} {happenings:?}");
    visit.facts.reverse();
    assert_eq!(show(&stays(&visit.facts)), show(&visit.rows), "reversed {names:?} {happenings:?}");
    match happenings.last() {
        Some(AdmitNext | MoveNext) => check_moved(&rows, now, rows_before.len()),
        Some(CancelLastMove) => assert_eq!(rows.len(), rows_before.len().saturating_sub(1)),
        _ => {}
    }
}

/// After a move there is one row more, open since then, and nothing before it lasts.
fn check_moved(rows: &[Stay<Where>], now: DateTime<Utc>, rows_before: usize) {
    assert_eq!(rows.len(), rows_before + 1);
    let newest = &rows[rows_before];
    assert_eq!((newest.admission, newest.discharge), (now, None));
    assert!(rows[..rows_before].iter().all(|row| row.discharge.is_some_and(|end| end <= now)));
}
