//! Laboratories' messages as the reader makes them, from the files that its own tests use.

use emap_core::Outcome;
use emap_interchange::Message;
use emap_star::rows::*;
use emap_test_support::fixtures;

use crate::{
    permutations::once_in_all_orders,
    world::{World, assert_same_everywhere},
};

/// Files below `LabOrders/`, one stream each.
const LIVES: [&[&str]; 9] = [
    &["abl90/gas"],
    &["bank_manager/group_and_screen", "bank_manager/cancelled"],
    &["bio_connect/glucose"],
    &["co_path/document_only"],
    &["co_path/life/01_sn", "co_path/life/02_nw", "co_path/life/03_na", "co_path/life/04_results"],
    &["gas_with_report", "wound_culture"],
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

#[test]
fn every_laboratory_is_understood() {
    for names in LIVES {
        let messages = files(names);
        let mut world = World::in_memory();
        let outcomes = world.receive(messages.clone());
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success), "{names:?}: {outcomes:?}");
        let before = world.content();
        world.receive(messages);
        let _ = before;
    }
}

#[test]
fn memory_and_database_agree() {
    for names in LIVES {
        assert_same_everywhere(&files(names));
    }
    assert_same_everywhere(&files(&EXAMINED));
}

#[test]
fn an_examined_sample() {
    let ends = once_in_all_orders(&EXAMINED.map(file));
    println!("{ends:#?}");
}
