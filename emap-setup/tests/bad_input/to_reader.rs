//! What stands in the message store.

use std::{collections::BTreeSet, fs, path::Path};

use chrono::{DateTime, Utc};
use diesel::{Connection, PgConnection};
use emap_ids::NewRow;
use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter, message_id};
use emap_test_support::faults::ledger::balance::{Account, Messages};

use crate::{boundaries::incompressible, world::World};

/// The largest message that is sent.
const LARGEST: usize = 16 << 20;

/// Instead of a field.
const FIELDS: [&str; 17] = [
    "",
    "\"\"",
    "\u{fffd}\u{1}\u{7f}ZQX",
    "ZQX\u{202e}\u{1f9d1}\u{200d}\u{2695}",
    "\\X00\\ZQX\\X00\\",
    "\\X",
    "\\.br\\\\E\\\\T\\\\S\\\\Zfoo\\\\",
    "^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^",
    "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~",
    "&&&&&^&&&&&~&&&&&^&&&&&",
    "-1",
    "1e400",
    "99999999999999999999999999999999999999999999",
    "99991231235959",
    "00000000000000",
    "20310230256161",
    "20310302081500.9999999999+9999",
];

/// How many of these are tried in each field; no divisor of their number, so that every one comes everywhere.
const VALUES: usize = 2;

/// Messages of which every field is tried: of each kind, and of each laboratory.
const MESSAGES: [&str; 16] = [
    "adt/a01.hl7",
    "adt/a17.hl7",
    "adt/a40.hl7",
    "adt/a45.hl7",
    "adt/a47.hl7",
    "advance_decisions/new_with_questions.hl7",
    "allergies/with_reactions.hl7",
    "consults/new.hl7",
    "flowsheets/mixed.hl7",
    "infections/several.hl7",
    "problems/inpatient.hl7",
    "labs/win_path/life/05_results.hl7",
    "labs/win_path/cultures/two_isolates.hl7",
    "labs/abl90/gas.hl7",
    "labs/bank_manager/group_and_screen.hl7",
    "labs/co_path/document_only.hl7",
];

/// When all rows were stored.
fn at() -> DateTime<Utc> {
    "2031-03-02T08:15:00Z".parse().unwrap()
}

fn row(text: Option<String>) -> NewRow {
    NewRow {
        hl7_message: text,
        message_datetime: Some(at()),
        persist_datetime: Some(at()),
        ..NewRow::default()
    }
}

/// Rows, and what the reader's converter, asked alone, makes of them.
#[derive(Default)]
struct Stored {
    rows: Vec<NewRow>,
    messages: Messages,
    rejected: BTreeSet<i64>,
}

impl Stored {
    fn new(texts: Vec<Option<String>>, largest: usize) -> Self {
        let mut stored = Self::default();
        let mut converter = Converter::new(ConvertSettings::default());
        for (text, unid) in texts.into_iter().zip(1..) {
            let mut convert =
                |text: &str| converter.convert_stored(&message_id(unid), text.as_bytes(), Some(at())).outcome;
            match text.as_deref().map(&mut convert) {
                Some(ConversionOutcome::Messages(messages)) => {
                    if messages.iter().any(|message| message.to_json().len() > largest) {
                        stored.rejected.insert(unid);
                    } else {
                        for message in messages {
                            let class = message.class_name();
                            stored.messages.add(message.source_message_id.unwrap(), class);
                        }
                    }
                }
                Some(ConversionOutcome::Skipped { .. }) => {}
                Some(ConversionOutcome::Rejected { .. }) | None => drop(stored.rejected.insert(unid)),
            }
            stored.rows.push(row(text));
        }
        stored
    }

    /// Puts them into the store, and waits until the ledger holds.
    fn pass(&self, world: &World) {
        for block in self.rows.chunks(500) {
            world.store_rows(block);
        }
        let last = self.rows.len().to_string();
        let position = "SELECT max(last_processed_ids_unid) FROM etl_ids_progress";
        world.until("every row is passed", || world.star.value(position) == last);
        world.until("the queue is empty", || world.queue().is_none_or(|queue| queue == (0, 0)));
        let connect = |url: &str| PgConnection::establish(url).unwrap();
        let (mut store, mut star) = (connect(&world.store.url()), connect(&world.star.url()));
        // What core could not read, such as a time that no column holds, is kept by its body alone.
        let unread = world.star.rows("SELECT body FROM etl_message_reject WHERE source_id IS NULL");
        let unread: Vec<Vec<u8>> = unread.into_iter().map(String::into_bytes).collect();
        let unread = Messages::of_bodies(&unread);
        let account = Account::read(&mut store, "ids", &mut star, "star", "star", unread).unwrap();
        let balance = account.balance(&self.messages, true);
        assert!(balance.is_kept() && balance.twice == 0, "{balance}");
        assert_eq!(account.refused, self.rejected);
    }
}

fn file(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../test-files/hl7").join(name);
    fs::read_to_string(path).unwrap().replace('\n', "\r")
}

/// The message with each field replaced by some of the values, one at a time; of neighbours by others.
fn spoilt(text: &str) -> Vec<Option<String>> {
    let segments: Vec<&str> = text.split('\r').filter(|segment| !segment.is_empty()).collect();
    let (mut texts, mut values) = (Vec::new(), FIELDS.iter().cycle());
    for (place, segment) in segments.iter().enumerate() {
        let fields: Vec<&str> = segment.split('|').collect();
        for field in 0..fields.len() {
            for value in values.by_ref().take(VALUES) {
                let mut fields = fields.clone();
                fields[field] = value;
                let mut segments: Vec<String> = segments.iter().map(|&segment| segment.to_owned()).collect();
                segments[place] = fields.join("|");
                texts.push(Some(segments.join("\r")));
            }
        }
    }
    texts
}

#[test]
fn every_field_of_every_kind_of_message_at_its_limits() {
    let mut world = World::start();
    let texts = MESSAGES.iter().flat_map(|name| spoilt(&file(name))).collect();
    Stored::new(texts, LARGEST).pass(&world);
    world.assert_goes_on();
}

#[test]
fn rows_of_any_size_and_shape() {
    let mut world = World::start();
    let admission = file("adt/a01.hl7");
    let with = |more: &str| Some(format!("{admission}{more}"));
    let large = incompressible(LARGEST);
    let infections = file("infections/single.hl7");
    let texts = vec![
        None,
        Some(String::new()),
        Some("\r\n\r\n".to_owned()),
        Some(large.clone()),
        with(&format!("NTE|1||ZQX{large}\r")),
        Some(admission.replacen("PID|1||", &format!("PID|1||ZQX{large}"), 1)),
        Some(admission.replacen("PID|1||", &format!("PID|1||ZQX{}", &large[..LARGEST / 2]), 1)),
        Some("MSH|^~\\&|".repeat(1_000_000)),
        with(&"NTE|1||x\r".repeat(500_000)),
        with(&format!("ZZZ|{}\r", "^&~|".repeat(1_000_000))),
        with(&format!("ZZZ|{}\r", "\\".repeat(1_000_001))),
        // More messages than two digits can number.
        Some(thousand(&infections)),
        with(""),
    ];
    Stored::new(texts, LARGEST).pass(&world);
    world.assert_goes_on();
}

/// The message with a thousand infections.
fn thousand(text: &str) -> String {
    let infections: Vec<_> = (0..1000).map(|number| format!("ZQX{number}^20310101120000")).collect();
    let segments = text.split('\r').filter(|segment| !segment.is_empty() && !segment.starts_with("ZIF|"));
    let with = format!("ZIF|{}", infections.join("~"));
    segments.map(str::to_owned).chain([with]).collect::<Vec<_>>().join("\r")
}
