//! Facts and stays in a line of text.
//!
//! Facts: `move ward 10:00 from ed; discharge ward 11:00 at 12:00`, where `at` gives the time of the message
//! and `recorded` the time it was recorded. Stays: `ed 9:00-10:00, ward 10:00-open`; `*` before or after the
//! times marks an inferred beginning or end.

// A mistake in the notation is a failed test.
#![allow(clippy::unwrap_used)]

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, Timelike, Utc};
use emap_core::movement::{Fact, FactKind, Stay};

pub(crate) type Where = &'static str;

/// A time of day, as `9:00` or `9:59:59`, on the day of all examples.
pub(crate) fn time(text: &str) -> DateTime<Utc> {
    let time =
        NaiveTime::parse_from_str(text, "%H:%M:%S").or_else(|_| NaiveTime::parse_from_str(text, "%H:%M"));
    NaiveDate::from_ymd_opt(2031, 3, 14).unwrap().and_time(time.unwrap()).and_utc()
}

pub(crate) fn after(start: DateTime<Utc>, seconds: i64) -> DateTime<Utc> {
    start + TimeDelta::seconds(seconds)
}

pub(crate) fn fact(kind: FactKind, place: Where, at: DateTime<Utc>) -> Fact<Where> {
    Fact { kind, place, previous: None, at, message_at: at, recorded: None }
}

pub(crate) fn facts(text: &'static str) -> Vec<Fact<Where>> {
    text.split(';').map(|line| one_fact(line.trim())).collect()
}

fn one_fact(line: &'static str) -> Fact<Where> {
    const KINDS: [(&str, FactKind); 5] = [
        ("move ", FactKind::Move),
        ("discharge ", FactKind::Discharge),
        ("cancel admit ", FactKind::CancelAdmit),
        ("cancel transfer ", FactKind::CancelTransfer),
        ("cancel discharge ", FactKind::CancelDischarge),
    ];
    let (rest, kind) = KINDS.iter().find_map(|(name, kind)| Some((line.strip_prefix(name)?, *kind))).unwrap();
    let words: Vec<_> = rest.split(' ').collect();
    let mut fact = fact(kind, words[0], time(words[1]));
    for pair in words[2..].chunks(2) {
        match pair[0] {
            "from" => fact.previous = Some(pair[1]),
            "at" => fact.message_at = time(pair[1]),
            "recorded" => fact.recorded = Some(time(pair[1])),
            word => panic!("no such word in a fact: {word}"),
        }
    }
    fact
}

/// The stays as text.
pub(crate) fn show(stays: &[Stay<Where>]) -> String {
    stays.iter().map(show_one).collect::<Vec<_>>().join(", ")
}

/// The stays in a text; `none` is no stay.
pub(crate) fn read(text: &'static str) -> Vec<Stay<Where>> {
    text.split(", ").filter(|stay| *stay != "none").map(read_one).collect()
}

fn show_one(stay: &Stay<Where>) -> String {
    let mark = |inferred| if inferred { "*" } else { "" };
    let end = stay.discharge.map_or("open".to_owned(), clock);
    let (begin, place) = (clock(stay.admission), stay.place);
    format!("{place} {}{begin}-{end}{}", mark(stay.inferred_admission), mark(stay.inferred_discharge))
}

fn read_one(text: &'static str) -> Stay<Where> {
    let (place, times) = text.split_once(' ').unwrap();
    let (begin, end) = times.split_once('-').unwrap();
    let end_time = end.trim_end_matches('*');
    Stay {
        place,
        admission: time(begin.trim_start_matches('*')),
        discharge: (end_time != "open").then(|| time(end_time)),
        inferred_admission: begin.starts_with('*'),
        inferred_discharge: end.ends_with('*'),
    }
}

fn clock(at: DateTime<Utc>) -> String {
    let seconds = if at.second() == 0 { "%-H:%M" } else { "%-H:%M:%S" };
    at.format(seconds).to_string()
}

/// Calls a function with the items in every order.
pub(crate) fn in_every_order<T: Clone>(items: &[T], mut check: impl FnMut(&[T])) {
    let mut items = items.to_vec();
    let count = items.len();
    permute(&mut items, count, &mut check);
}

/// Heap's algorithm.
fn permute<T>(items: &mut [T], count: usize, check: &mut impl FnMut(&[T])) {
    if count <= 1 {
        return check(items);
    }
    for i in 0..count {
        permute(items, count - 1, check);
        items.swap(if count.is_multiple_of(2) { i } else { 0 }, count - 1);
    }
}
