//! Messages of forms and places as they come about few of them, so that they meet.

use emap_interchange::{
    BedMetadata, DepartmentMetadata, EpicRecordStatus, Form as FormMessage, FormAnswer as Answer,
    InterchangeValue, Message, ResearchOptOut, RoomMetadata,
};
use emap_test_support::messages::admit;
use proptest::{prelude::*, sample::select};

use super::messages::{answer, bed, clarity, form, may, place, question, room, some, template, ward};

const DAYS: [&str; 5] = ["02", "03", "04", "05", "06"];
const WORDS: [&str; 3] = ["A", "B", "C"];

/// What differs between two messages of one family.
#[derive(Debug, Clone)]
struct Turn {
    day: &'static str,
    word: &'static str,
    previous: Option<&'static str>,
    number: i64,
    flag: bool,
    lacking: bool,
}

fn turn() -> impl Strategy<Value = Turn> {
    (
        select(&DAYS),
        select(&WORDS),
        proptest::option::of(select(&WORDS)),
        0..4_i64,
        any::<bool>(),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(day, word, previous, number, flag, lacking)| Turn {
            day,
            word,
            previous,
            number,
            flag,
            lacking,
        })
}

/// Any of them.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    (0..8_usize, turn()).prop_map(|(family, turn)| match family {
        0 => clarity(FormMessage {
            visit_number: (!turn.lacking).then(|| "V1".to_owned()),
            ..form(&format!("F{}", turn.number % 2), vec![answered(&turn, "Q1"), answered(&turn, turn.word)])
        }),
        1 => template("T1", turn.previous, (!turn.lacking).then_some(turn.day)),
        2 => question("Q1", turn.previous, (!turn.lacking).then_some(turn.day)),
        3 => clarity(place(Some(bay(&turn)), None)),
        4 => clarity(place(Some(room(100, "01")), Some(of_bay(&turn)))),
        6 => clarity(ResearchOptOut {
            mrn: (!turn.lacking).then(|| format!("M{}", turn.number % 2)),
            nhs_number: None,
            last_updated: Some(may(turn.day)),
            active: turn.flag,
        }),
        5 => admit("M1", "V1", "W1^BAY1^B1", "2031-05-02T08:00:00Z"),
        _ => clarity(DepartmentMetadata {
            department_record_status: (!turn.lacking).then_some(EpicRecordStatus::Active),
            department_hl7: turn.flag.then(|| "W1".to_owned()),
            ..ward(turn.word, turn.previous, turn.day)
        }),
    })
}

fn answered(turn: &Turn, question: &str) -> Answer {
    Answer {
        source_message_id: Some(format!("{question} {}", turn.number)),
        string_value: if turn.flag {
            InterchangeValue::Save(turn.word.to_owned())
        } else {
            InterchangeValue::Unknown
        },
        numeric_value: InterchangeValue::Save(if turn.lacking { f64::NAN } else { 1.0 }),
        ..answer(question, "", turn.day)
    }
}

fn bay(turn: &Turn) -> RoomMetadata {
    RoomMetadata {
        room_hl7: some(if turn.lacking { "BAY2" } else { "BAY1" }),
        ..room(100 + turn.number, turn.day)
    }
}

fn of_bay(turn: &Turn) -> BedMetadata {
    BedMetadata {
        is_pool_bed: Some(turn.flag),
        bed_hl7: some(if turn.lacking { "B2" } else { "B1" }),
        bed_facility: turn.previous.map(str::to_owned),
        ..bed(500 + turn.number, turn.day)
    }
}
