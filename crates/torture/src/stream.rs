//! The rows of the message store: an invented hospital, with rows among them that are late, bad, or without a visit.
//!
//! The hospital's messages arrive in the order of their times and once, so that whatever arrives twice or late does so
//! because of a fault. What stands between them is about patients of its own.

use emap_hospital::{Hospital, Incidents, Mix, Settings};
use emap_interchange::Instant;

/// Stands in names, addresses and numbers of all patients, and nowhere else.
pub(crate) const MARKER: &str = "ZQX";

/// Of so many rows one commits later than rows with higher numbers.
const LATE: usize = 61;
/// Of so many rows one is no message.
const BAD: usize = 83;
/// Of so many rows one gives a message that core has to reject.
const WITHOUT_VISIT: usize = 97;
/// Patients in the hospital, so few that most have many messages.
const PRESENT: usize = 40;

/// Texts that are no messages.
const NO_MESSAGES: [&str; 5] = [
    "",
    "PID|1||no header",
    "MSH|^~\\&|EPIC|",
    "%PDF-1.7 garbage \u{fffd}\u{1}\u{2}",
    "MSH|^~\\&|EPIC||||nonsense||ADT^A01|1|T|2.5\rEVN|A01|nonsense\rPID|1||5\rPV1|1|I",
];

/// How a row comes into the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Way {
    /// Over MLLP, through the connector.
    Sent,
    /// Another system writes it itself.
    Written,
    /// The same, and it commits after rows with higher numbers.
    Late,
}

/// A row of the message store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) unid: i64,
    pub(crate) text: String,
    /// Time of the message.
    pub(crate) at: Instant,
    pub(crate) way: Way,
}

impl Row {
    /// The number that the sender gave the message; empty if it is none.
    pub(crate) fn control_id(&self) -> &str {
        self.text.split('|').nth(9).unwrap_or_default()
    }
}

/// So many rows, the same for the same seed.
pub(crate) fn rows(seed: u64, count: usize) -> Vec<Row> {
    let hospital = Hospital::new(Settings {
        messages: u64::MAX,
        mix: Mix::HOSPITAL,
        seed,
        incidents: Incidents { cancellations: 0.05, merges: 0.05, ..Incidents::default() },
        present: PRESENT,
        ..Settings::default()
    });
    let mut events = hospital.map(|arrival| (arrival.event.hl7(), arrival.event.at));
    let (mut rows, mut now) = (Vec::with_capacity(count), Settings::default().begin);
    for (place, unid) in (1..=count).zip(1..) {
        // What is written directly after a late row keeps its number free: the connector takes the highest there is.
        let usual = if place > 1 && place % LATE == 1 { Way::Written } else { Way::Sent };
        let (text, way) = if place % LATE == 0 {
            (admission(unid, &format!("99{unid:07}")), Way::Late)
        } else if place % WITHOUT_VISIT == 0 {
            (admission(unid, ""), usual)
        } else if place % BAD == 0 {
            (NO_MESSAGES[place / BAD % NO_MESSAGES.len()].to_owned(), Way::Written)
        } else if let Some((text, at)) = events.next() {
            now = at;
            (marked(&text), usual)
        } else {
            break;
        };
        rows.push(Row { unid, text, at: now, way });
    }
    rows
}

/// The admission of a patient who has no other message.
fn admission(unid: i64, visit: &str) -> String {
    format!(
        "MSH|^~\\&|EPIC|TESTHOSP|||20260301083000||ADT^A01|A{unid}|T|2.5\r\
         EVN|A01|20260301083000||||20260301082500\r\
         PID|1||{MARKER}9{unid:07}^^^HOSP^MRN||{MARKER}TEAPOT^Clara||19610904|F\r\
         PV1|1|I|W1^R2^B3||||||||||||||||{visit}|||||||||||||||||||||||||20260301082500\r"
    )
}

/// With the marker in the patient's numbers (but the NHS's), name and address.
fn marked(text: &str) -> String {
    let segments = text.split('\r').map(|segment| {
        let fields: &[usize] = match segment.get(..4) {
            Some("PID|") => &[2, 3, 5, 11],
            Some("MRG|") => &[1],
            _ => return segment.to_owned(),
        };
        let marked = segment.split('|').enumerate().map(|(place, field)| {
            if fields.contains(&place) && !field.is_empty() {
                format!("{MARKER}{field}")
            } else {
                field.to_owned()
            }
        });
        marked.collect::<Vec<_>>().join("|")
    });
    segments.collect::<Vec<_>>().join("\r")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::{MARKER, Way, rows};

    #[test]
    fn the_same_seed_gives_the_same_rows_with_every_patient_marked() {
        let (one, two) = (rows(7, 500), rows(7, 500));
        assert_eq!(one, two);
        assert_ne!(one, rows(8, 500));
        assert!(one.iter().map(|row| row.unid).eq(1..=500));
        let good = one.iter().filter(|row| row.text.contains("\rPID|1|"));
        assert!(good.clone().count() > 450);
        for row in good.filter(|row| !row.text.contains("nonsense")) {
            let line = row.text.split('\r').find(|segment| segment.starts_with("PID|")).unwrap();
            let fields: Vec<&str> = line.split('|').collect();
            assert!(fields[3].starts_with(MARKER) && fields[5].starts_with(MARKER), "{line}");
        }
        assert_eq!(one.iter().filter(|row| row.way == Way::Late).count(), 8);
    }

    #[test]
    fn what_is_sent_has_numbers_of_its_own_and_leaves_those_of_late_rows_free() {
        let rows = rows(7, 500);
        let sent: Vec<_> = rows.iter().filter(|row| row.way == Way::Sent).collect();
        assert!(sent.len() > 450);
        let ids: HashSet<&str> = sent.iter().map(|row| row.control_id()).collect();
        assert_eq!(ids.len(), sent.len());
        assert!(rows.windows(2).all(|two| two[0].way != Way::Late || two[1].way == Way::Written));
    }
}
