//! Laboratories' messages as the reader makes them, from the files that its own tests use.

use emap_core::Outcome;
use emap_interchange::Message;
use emap_test_support::fixtures;

use super::permutations::once_in_all_orders;
use crate::world::World;

/// Files below `LabOrders/`, one stream each.
const LIVES: [&[&str]; 9] = [
    &["abl90/gas"],
    &["bank_manager/group_and_screen", "bank_manager/cancelled"],
    &["bio_connect/glucose"],
    &["co_path/document_only"],
    &["co_path/life/01_sn", "co_path/life/02_nw", "co_path/life/03_na", "co_path/life/04_results"],
    &["gas_with_report"],
    &["imaging/narrative", "imaging/report"],
    &["win_path/cultures/growing/01_first", "win_path/cultures/growing/02_more"],
    &["win_path/cultures/no_growth", "win_path/cultures/two_isolates"],
];
const EXAMINED: [&str; 6] = [
    "win_path/life/01_nw",
    "win_path/life/02_sc",
    "win_path/life/03_sn",
    "win_path/life/04_na",
    "win_path/life/05_results",
    "win_path/life/06_corrected",
];

const CANCELLED: [&str; 6] = [
    "win_path/cancelled/01_nw",
    "win_path/cancelled/02_ca",
    "win_path/cancelled/03_sn",
    "win_path/cancelled/04_cr",
    "win_path/cancelled/05_na",
    "win_path/cancelled/06_results",
];

fn file(name: &str) -> Vec<Message> {
    let file = format!("{name}.yaml");
    if fixtures::path(&format!("interchange/LabOrders/{name}_order_defaults.yaml")).is_file() {
        fixtures::lab_orders(&file, fixtures::SOURCE_ID)
    } else {
        vec![fixtures::lab_order(&file)]
    }
}

fn files(names: &[&str]) -> Vec<Message> {
    names.iter().flat_map(|name| file(name)).collect()
}

/// The states in which a stream may end.
fn ends(names: &[&str]) -> Vec<String> {
    let ends = once_in_all_orders(&names.iter().map(|name| file(name)).collect::<Vec<_>>());
    ends.states().cloned().collect()
}

#[test]
fn every_laboratory_is_understood() {
    for names in LIVES {
        let outcomes = World::in_memory().receive(files(names));
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success), "{names:?}: {outcomes:?}");
    }
}

#[test]
fn memory_and_database_agree() {
    let streams = LIVES.iter().copied().chain([EXAMINED.as_slice(), &CANCELLED]);
    World::everywhere(&streams.flat_map(files).collect::<Vec<_>>());
}

#[test]
fn an_examined_sample_has_its_results_in_every_order() {
    let blood_count =
        "; FBC 90010001 ordered 07:30 requested 07:29 ?anaemia WinPath 5500501011 results 4; TELH 90010002 ";
    for state in ends(&EXAMINED) {
        assert!(state.contains(blood_count), "{state}");
        assert!(state.ends_with(" results 2; 2 questions"), "{state}");
    }
}

#[test]
fn a_cancelled_order_is_not_there_in_any_order_and_the_other_one_is() {
    let other = "; FBCC 90010012 ordered 20:30 requested 20:30 - ";
    for state in ends(&CANCELLED) {
        assert!(state.contains(other) && state.ends_with(" results 1"), "{state}");
        assert!(!state.contains("; FBC "), "{state}");
    }
}
