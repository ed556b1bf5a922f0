//! A visit's messages in a line of text, and its stays and plans as text.
//!
//! Messages: `admit A 11:00; transfer B 12:00 from A; cancel transfer B 12:00 at A; plan C 12:30; call off C 12:45`.
//! Cancellations of movements are sent five minutes after the time that they cancel; `-` is no place. Stays:
//! `A 11:00-12:00, B 12:00-open`; `*` before or after the times marks an inferred beginning or end. Plans:
//! `C 12:30-12:45`; `?` is a time that is not known.

use chrono::{Duration, SecondsFormat};
use emap_core::{Rules, orders};
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    Message, PendingType,
};
use emap_test_support::messages::{admit, adt, at, discharge, register, transfer, with};

/// Movements and the stays they lead to in every order.
pub(crate) const JOURNEYS: [(&str, &str); 12] = [
    (
        "admit A 11:00; transfer B 12:00 from A; transfer C 13:00 from B; transfer B 14:00 from C; \
         transfer C 15:00 from B; transfer D 16:00 from C; discharge D 17:00",
        "A 11:00-12:00, B 12:00-13:00, C 13:00-14:00, B 14:00-15:00, C 15:00-16:00, D 16:00-17:00",
    ),
    (
        "admit X 11:00; cancel admit X 11:00; cancel admit X 11:00; admit A 13:00; transfer B 14:00 from A; \
         discharge B 15:00",
        "A 13:00-14:00, B 14:00-15:00",
    ),
    (
        "admit A 11:00; transfer B 12:00 from A; discharge B 12:30; cancel discharge B 12:30; \
         cancel discharge B 12:30; discharge B 13:00",
        "A 11:00-12:00, B 12:00-13:00",
    ),
    (
        "admit A 11:00; transfer B 12:00 from A; transfer X 12:30 from B; cancel transfer X 12:30 at B; \
         cancel transfer X 12:30 at B; transfer C 13:00 from B; discharge C 14:00",
        "A 11:00-12:00, B 12:00-13:00, C 13:00-14:00",
    ),
    (
        "register A 11:00; admit B 12:00; transfer C 13:00 from B; discharge C 14:00; register A 11:00",
        "A 11:00-12:00*, B 12:00-13:00, C 13:00-14:00",
    ),
    (
        "register A 11:00; admit B 12:00; transfer C 13:00 from B; discharge C 14:00; admit B 12:00",
        "A 11:00-12:00*, B 12:00-13:00, C 13:00-14:00",
    ),
    (
        "register A 11:00; admit B 12:00; transfer C 13:00 from B; discharge C 14:00; transfer C 13:00 from B",
        "A 11:00-12:00*, B 12:00-13:00, C 13:00-14:00",
    ),
    (
        "register A 11:00; admit B 12:00; transfer C 13:00 from B; discharge C 14:00; discharge C 14:00",
        "A 11:00-12:00*, B 12:00-13:00, C 13:00-14:00",
    ),
    ("admit A 1:00; admit B 2:00; admit C 3:00; discharge C 4:00", "A 1:00-2:00*, B 2:00-3:00*, C 3:00-4:00"),
    (
        "admit A 11:00; transfer B 12:00 from A; discharge B 13:00; cancel discharge B 13:00",
        "A 11:00-12:00, B 12:00-open",
    ),
    (
        "admit A 1:00; transfer B 2:00 from A; transfer A 3:00 from B; discharge A 4:00",
        "A 1:00-2:00, B 2:00-3:00, A 3:00-4:00",
    ),
    ("register A 1:00; admit A 1:12; transfer B 2:00 from A", "A 1:00-2:00, B 2:00-open"),
];

/// Plans and their cancellations; which of them find each other may depend on the order.
pub(crate) const PLANS: [&str; 3] = [
    "plan A 10:00; call off A 10:15",
    "plan A 10:00; call off A 10:15; plan A 11:00; call off A 11:15",
    "plan A 10:00; call off A 10:15; plan A 11:00; call off A 11:15; plan - 10:00; call off - 10:15",
];

/// The messages of a visit.
pub(crate) fn messages(mrn: &str, visit: &str, text: &str) -> Vec<Message> {
    text.split("; ").map(|line| message(mrn, visit, line)).collect()
}

fn message(mrn: &str, visit: &str, line: &str) -> Message {
    let names_two_places = line.contains(" from ") || line.contains(" at ");
    let words: Vec<_> = line.rsplitn(if names_two_places { 5 } else { 3 }, ' ').collect();
    let (what, place, clock, other) = match *words.as_slice() {
        [clock, place, what] => (what, place, clock, None),
        [other, _, clock, place, what] => (what, place, clock, Some(other)),
        _ => panic!("{line}"),
    };
    let time = format!("2031-03-02T{clock:0>5}:00Z");
    let moved = |message| {
        with(message, |adt| {
            adt.previous_location_string = InterchangeValue::from_option(other.map(str::to_owned));
        })
    };
    let cancelled_date_time = Some(at(&time));
    let cancelled = |event| {
        let sent = at(&time) + Duration::minutes(5);
        adt(event, mrn, visit, other.unwrap_or(place), &sent.to_rfc3339_opts(SecondsFormat::Secs, true))
    };
    let pending_event_type = Some(PendingType::Transfer);
    let pending_destination = if place == "-" { InterchangeValue::Unknown } else { Save(place.to_owned()) };
    match what {
        "admit" => moved(admit(mrn, visit, place, &time)),
        "register" => moved(register(mrn, visit, place, &time)),
        "transfer" => moved(transfer(mrn, visit, place, &time)),
        "discharge" => moved(discharge(mrn, visit, place, &time)),
        "cancel admit" => cancelled(AdtEvent::CancelAdmitPatient { cancelled_date_time }),
        "cancel transfer" => cancelled(AdtEvent::CancelTransferPatient {
            cancelled_date_time,
            cancelled_location: Some(place.to_owned()),
        }),
        "cancel discharge" => cancelled(AdtEvent::CancelDischargePatient { cancelled_date_time }),
        "plan" => adt(
            AdtEvent::PendingTransfer {
                pending_event_type,
                pending_destination,
                hospital_service: InterchangeValue::Unknown,
            },
            mrn,
            visit,
            "HERE",
            &time,
        ),
        "call off" => adt(
            AdtEvent::CancelPendingTransfer {
                pending_event_type,
                pending_destination,
                hospital_service: InterchangeValue::Unknown,
                cancelled_date_time,
            },
            mrn,
            visit,
            "HERE",
            &time,
        ),
        _ => panic!("{line}"),
    }
}

/// What these orders of the messages lead to.
pub(crate) fn explore(
    messages: &[Message],
    orders: impl IntoIterator<Item = Vec<usize>>,
) -> orders::Findings {
    orders::explore(messages, Rules::default(), orders).unwrap()
}

/// The stays of one content of `location_visit`.
pub(crate) fn stays(content: &orders::Content) -> String {
    let rows = content.rows().iter().map(|row| {
        let cell = |column| row.iter().find(|cell| cell.column == column).unwrap().text.as_str();
        let mark = |column| if cell(column) == "true" { "*" } else { "" };
        let (begin, end) = (cell("admission_datetime"), cell("discharge_datetime"));
        let times = format!(
            "{}{}-{}{}",
            mark("inferred_admission"),
            clock(begin, "?"),
            clock(end, "open"),
            mark("inferred_discharge")
        );
        (begin, format!("{} {times}", cell("location_id")))
    });
    in_order(rows)
}

/// The plans of one content of `planned_movement`.
pub(crate) fn plans(content: &orders::Content) -> String {
    let rows = content.rows().iter().map(|row| {
        let cell = |column| row.iter().find(|cell| cell.column == column).unwrap().text.as_str();
        let (made, off) = (cell("event_datetime"), cell("cancelled_datetime"));
        let place = cell("location_id").replace("null", "-");
        ((made, off, place.clone()), format!("{place} {}-{}", clock(made, "?"), clock(off, "open")))
    });
    in_order(rows)
}

fn in_order<K: Ord>(rows: impl Iterator<Item = (K, String)>) -> String {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by(|one, other| one.0.cmp(&other.0));
    rows.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(", ")
}

/// The time of day of an instant, or a word for none.
fn clock(instant: &str, none: &str) -> String {
    if instant == "null" { none.to_owned() } else { at(instant).format("%-H:%M").to_string() }
}
