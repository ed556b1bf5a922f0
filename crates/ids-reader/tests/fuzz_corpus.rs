//! What the fuzz targets check (`fuzz/`, see `docs/how-to/fuzz.md`), for the inputs they begin with and for changes
//! to them: the same in each run, and with the ordinary compiler.
#![allow(clippy::unwrap_used)]

#[path = "../../../fuzz/checks/convert.rs"]
mod convert;
#[path = "../../../fuzz/checks/hl7_parse.rs"]
mod hl7_parse;
#[path = "../../../fuzz/checks/message_json.rs"]
mod message_json;
#[path = "../../../fuzz/checks/message_yaml.rs"]
mod message_yaml;
#[path = "../../../fuzz/seeds.rs"]
mod seeds;

use proptest::{
    prelude::*,
    sample::Index,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

/// What a fuzzer does to an input.
#[derive(Debug, Clone)]
enum Change {
    Set(Index, u8),
    Insert(Index, u8),
    /// Takes out what is between two places.
    Remove(Index, Index),
    /// Puts the beginning, up to a place, at another place.
    Repeat(Index, Index),
}

fn change() -> impl Strategy<Value = Change> {
    let index = any::<Index>;
    let byte = || prop_oneof![any::<u8>(), prop::sample::select(b"|^~\\&\r\n\"{}[]:,-.0".as_slice())];
    prop_oneof![
        (index(), byte()).prop_map(|(at, byte)| Change::Set(at, byte)),
        (index(), byte()).prop_map(|(at, byte)| Change::Insert(at, byte)),
        (index(), index()).prop_map(|(from, to)| Change::Remove(from, to)),
        (index(), index()).prop_map(|(end, at)| Change::Repeat(end, at)),
    ]
}

fn apply(change: &Change, input: &mut Vec<u8>) {
    let at = |index: &Index| index.index(input.len() + 1);
    match change {
        Change::Set(place, byte) => {
            let place = at(place);
            input.splice(place..input.len().min(place + 1), [*byte]);
        }
        Change::Insert(place, byte) => input.insert(at(place), *byte),
        Change::Remove(one, other) => {
            let (one, other) = (at(one), at(other));
            input.drain(one.min(other)..one.max(other));
        }
        Change::Repeat(end, place) => {
            let (beginning, place) = (input[..at(end)].to_vec(), at(place));
            input.splice(place..place, beginning);
        }
    }
}

/// Checks the inputs that a target begins with, then changes to them.
fn assert_holds(target: &str, check: fn(&[u8])) {
    let seeds = seeds::seeds(target).unwrap();
    assert!(seeds.len() > 30, "only {} inputs", seeds.len());
    for seed in &seeds {
        check(seed);
    }
    let config = ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let changes = proptest::collection::vec(change(), 1..6);
    let outcome = runner.run(&(prop::sample::select(seeds), changes), |(mut input, changes)| {
        for change in &changes {
            apply(change, &mut input);
        }
        check(&input);
        Ok(())
    });
    outcome.unwrap();
}

#[test]
fn hl7_parse_holds() {
    assert_holds("hl7_parse", hl7_parse::check);
}

#[test]
fn convert_holds() {
    assert_holds("convert", convert::check);
}

#[test]
fn message_json_holds() {
    assert_holds("message_json", message_json::check);
}

#[test]
fn message_yaml_holds() {
    assert_holds("message_yaml", message_yaml::check);
}
