//! Messages of observations, conditions, requests and decisions as they come about few things, so that they meet.

use emap_interchange::{
    AdvanceDecision, Condition, ConditionAction, ConsultMetadata, ConsultRequest, Flowsheet,
    InterchangeValue, Message,
};
use proptest::{prelude::*, sample::select};

use super::messages::{
    allergy, asked, at, clarity, consult, decision, described, epic, live_infection, numbered_infection,
    problem, pulse, text,
};

const TIMES: [&str; 5] = ["07:00", "08:00", "09:00", "10:00", "11:00"];
const WORDS: [&str; 3] = ["active", "resolved", "new"];

/// What differs between two messages of one family.
#[derive(Debug, Clone)]
struct Turn {
    time: &'static str,
    word: &'static str,
    patient: &'static str,
    visit: Option<&'static str>,
    flag: bool,
    lacking: bool,
}

fn turn() -> impl Strategy<Value = Turn> {
    (
        select(&TIMES),
        select(&WORDS),
        select(vec!["M1", "M2"]),
        proptest::option::weighted(0.8, select(vec!["V1", "V2"])),
        any::<bool>(),
        proptest::bool::weighted(0.1),
    )
        .prop_map(|(time, word, patient, visit, flag, lacking)| Turn {
            time,
            word,
            patient,
            visit,
            flag,
            lacking,
        })
}

/// Any of them.
pub(crate) fn message() -> impl Strategy<Value = Message> {
    (0..10_usize, turn()).prop_map(|(family, turn)| match family {
        0 => epic(observed(&turn, Some("77"), None)),
        1 => clarity(observed(&turn, None, Some("F9"))),
        2 => clarity(described(Some("77"), turn.flag.then_some("F9"), turn.time)),
        3 => clarity(of_condition(&turn, allergy(&[turn.word, "rash"], turn.time))),
        4 => epic(of_condition(&turn, problem(turn.time))),
        5 => epic(of_condition(&turn, live_infection(turn.time))),
        6 => clarity(of_condition(&turn, numbered_infection(5, turn.time))),
        7 => epic(ConsultRequest {
            mrn: Some(turn.patient.to_owned()),
            visit_number: turn.visit.map(str::to_owned),
            cancelled: turn.flag,
            notes: text(turn.word),
            questions: asked(&[("Urgent?", turn.word)]),
            epic_consult_id: (!turn.lacking).then_some(31),
            ..consult(turn.time)
        }),
        8 => epic(AdvanceDecision {
            mrn: Some(turn.patient.to_owned()),
            visit_number: turn.visit.map(str::to_owned),
            cancelled: turn.flag,
            advance_care_code: (!turn.lacking).then(|| "AD3".to_owned()),
            ..decision(turn.time)
        }),
        _ => clarity(ConsultMetadata {
            code: (!turn.lacking).then(|| "CON9".to_owned()),
            name: turn.flag.then(|| turn.word.to_owned()),
            last_updated_date: Some(at(turn.time)),
        }),
    })
}

fn observed(turn: &Turn, interface_id: Option<&str>, flowsheet_id: Option<&str>) -> Flowsheet {
    Flowsheet {
        mrn: Some(turn.patient.to_owned()),
        visit_number: turn.visit.map(str::to_owned),
        interface_id: interface_id.map(str::to_owned),
        flowsheet_id: flowsheet_id.map(str::to_owned),
        comment: text(turn.word),
        value_type: if turn.lacking { None } else { pulse(0.0, turn.time).value_type },
        is_real_time: Some(turn.flag),
        ..pulse(if turn.word == "new" { f64::NAN } else { 80.0 }, turn.time)
    }
}

fn of_condition(turn: &Turn, condition: Condition) -> Condition {
    Condition {
        mrn: Some(turn.patient.to_owned()),
        visit_number: InterchangeValue::from_option(turn.visit.map(str::to_owned)),
        condition_name: text(turn.word),
        status: if turn.lacking { InterchangeValue::Unknown } else { text(turn.word) },
        action: Some(if turn.flag { ConditionAction::Delete } else { ConditionAction::Add }),
        ..condition
    }
}
