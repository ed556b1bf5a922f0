//! Which facts a cancellation takes back.

use std::ops::Range;

use chrono::{DateTime, Utc};

use super::{
    fact::{Fact, FactKind, merged},
    order::order,
};

/// The MOVEs and DISCHARGEs that no cancellation takes back, in the order in which they took effect.
///
/// Cancellations of one kind act in the order in which they were made, each on what the ones before it left.
pub(super) fn not_cancelled<P: Copy + Ord>(facts: &[Fact<P>]) -> Vec<Fact<P>> {
    let mut events = merged(facts);
    let mut cancellations: Vec<_> = events.extract_if(.., |fact| fact.kind.is_cancellation()).collect();
    order(&mut events);
    cancellations.sort_unstable_by_key(|cancel| (cancel.limit(), cancel.at, cancel.place, cancel.previous));
    let of = |kind: FactKind| cancellations.iter().filter(move |fact| fact.kind == kind);

    of(FactKind::CancelAdmit).for_each(|cancel| cancel_admission(&mut events, cancel));
    of(FactKind::CancelTransfer).for_each(|cancel| cancel_transfer(&mut events, cancel));
    of(FactKind::CancelDischarge).for_each(|cancel| cancel_discharge(&mut events, cancel));
    events
}

/// Takes back the MOVEs to the place at exactly the time.
fn cancel_admission<P: Copy + Ord>(events: &mut Vec<Fact<P>>, cancel: &Fact<P>) {
    while let Some((stay, named)) = named_moves(events, cancel) {
        take_out(events, &stay, named, cancel.limit());
    }
}

/// The first stay with MOVEs to the place at exactly the time, and which of its MOVEs these are.
fn named_moves<P: Copy + Ord>(events: &[Fact<P>], cancel: &Fact<P>) -> Option<(Range<usize>, Range<usize>)> {
    let is_named = |fact: &Fact<P>| fact.at == cancel.at && fact.place == cancel.place;
    stays_in(events).find_map(|stay| {
        let start = stay.start + events[stay.clone()].iter().position(is_named)?;
        let count = events[start..stay.end].iter().take_while(|fact| is_named(fact)).count();
        Some((stay, start..start + count))
    })
}

/// Takes back the stay that begins at the place and time or, as sources often give the time of the
/// cancellation instead, the stay that had begun last by then, if it is at the place. MOVEs within it that
/// the cancellation cannot know of stay.
fn cancel_transfer<P: Copy + Ord>(events: &mut Vec<Fact<P>>, cancel: &Fact<P>) {
    let (mut exact, mut latest) = (None, None);
    for stay in stays_in(events).take_while(|stay| events[stay.start].at <= cancel.at) {
        let at_place = events[stay.start].place == cancel.place;
        if at_place && events[stay.start].at == cancel.at {
            exact = Some(stay.clone());
        }
        latest = at_place.then_some(stay);
    }
    let Some(stay) = exact.or(latest) else { return };
    let limit = cancel.limit();
    let count = events[stay.clone()].iter().take_while(|m| m.at <= limit).count();
    take_out(events, &stay, stay.start..stay.start + count, limit);
}

/// Takes back the DISCHARGEs from the place at exactly the time.
fn cancel_discharge<P: Copy + Ord>(events: &mut Vec<Fact<P>>, cancel: &Fact<P>) {
    events.retain(|fact| {
        fact.kind != FactKind::Discharge || fact.place != cancel.place || fact.at != cancel.at
    });
    order(events);
}

/// The MOVEs of each stay. A MOVE to the place where the patient is, that names no previous place, belongs
/// to the stay; a DISCHARGE ends it.
fn stays_in<P: Copy + Ord>(events: &[Fact<P>]) -> impl Iterator<Item = Range<usize>> {
    let goes_on =
        |a: &Fact<P>, b: &Fact<P>| a.is_move() && b.is_move() && b.previous.is_none() && b.place == a.place;
    let mut end = 0;
    events.chunk_by(goes_on).filter_map(move |facts| {
        let start = end;
        end += facts.len();
        facts[0].is_move().then_some(start..end)
    })
}

/// Takes MOVEs of a stay out. When none of the stay is left, a DISCHARGE from it goes as well, provided that
/// it falls before the next MOVE and the cancellation can know of it.
fn take_out<P: Copy + Ord>(
    events: &mut Vec<Fact<P>>,
    stay: &Range<usize>,
    moves: Range<usize>,
    limit: DateTime<Utc>,
) {
    let Fact { place, at: begin, .. } = events[stay.start];
    let is_whole = moves == *stay;
    events.drain(moves);
    if is_whole {
        let next = events[stay.start..].iter().find(|fact| fact.is_move()).map(|fact| fact.at);
        events.retain(|fact| {
            let is_from_stay = fact.kind == FactKind::Discharge
                && fact.place == place
                && fact.at >= begin
                && next.is_none_or(|next| fact.at <= next);
            !is_from_stay || fact.rank() > limit
        });
    }
    order(events);
}
