//! Changes of a message that must make no difference to what it gives, and changes whose effect is known, for every HL7
//! message of the test files.
//!
//! `EMAP_METAMORPHIC_CHANGES=100000` tries as many changes; the ordinary run a few thousand. Each test prints how many
//! of each kind it tried.
#![allow(clippy::unwrap_used, clippy::needless_for_each)]
#![allow(clippy::print_stdout, reason = "each test prints how many changes it tried")]

#[path = "../../../fuzz/changes.rs"]
mod changes;
#[path = "../../../fuzz/seeds.rs"]
#[allow(dead_code)]
mod seeds;
mod support;

use std::{cell::RefCell, collections::BTreeMap};

use emap_ids_reader::{Conversion, ConversionOutcome};
use emap_interchange::{Message, Payload};
use proptest::{
    prelude::*,
    test_runner::{RngAlgorithm, TestRng, TestRunner},
};

use self::{
    changes::{Change, Kind, Text},
    support::convert,
};

/// How many changes each test makes, about.
fn wanted() -> u32 {
    let wanted = std::env::var("EMAP_METAMORPHIC_CHANGES").ok().and_then(|number| number.parse().ok());
    wanted.unwrap_or(6000)
}

/// The messages of the test files, but for those that are cut off within the header: more separators make them longer.
fn samples() -> Vec<String> {
    let seeds = seeds::seeds("convert").unwrap().into_iter();
    let texts = seeds.map(|seed| String::from_utf8(seed).unwrap());
    texts.filter(|text| given(convert(text)) != Given::Nothing("truncated")).collect()
}

fn change(kinds: &'static [Kind]) -> impl Strategy<Value = Change> {
    (prop::sample::select(kinds), any::<[u16; 4]>()).prop_map(|(kind, numbers)| Change { kind, numbers })
}

/// What a message gives; of a reason why it gives nothing, only which it is: places move with the segments.
#[derive(Debug, PartialEq)]
enum Given {
    Messages(Vec<Message>),
    Nothing(&'static str),
}

fn given(conversion: Conversion) -> Given {
    match conversion.outcome {
        ConversionOutcome::Messages(messages) => Given::Messages(messages),
        ConversionOutcome::Skipped { reason } => Given::Nothing(reason.label()),
        ConversionOutcome::Rejected { reason } => Given::Nothing(reason.label()),
    }
}

#[derive(Default)]
struct Counts(RefCell<BTreeMap<Kind, usize>>);

impl Counts {
    fn add(&self, kind: Kind) {
        *self.0.borrow_mut().entry(kind).or_default() += 1;
    }

    fn print(&self, title: &str) {
        println!("{title}:");
        self.0.borrow().iter().for_each(|(kind, count)| println!("{count:8} {kind:?}"));
        println!("{:8} together", self.0.borrow().values().sum::<usize>());
    }
}

/// Draws samples and changes, the same in each run.
fn check<C: std::fmt::Debug>(
    cases: u32,
    changes: impl Strategy<Value = C>,
    holds: impl Fn(&str, &C) -> Result<(), TestCaseError>,
) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        max_shrink_iters: 2000,
        ..ProptestConfig::default()
    };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let drawn = (prop::sample::select(samples()), changes);
    runner.run(&drawn, |(sample, changes)| holds(&sample, &changes)).unwrap();
}

#[test]
fn what_must_make_no_difference_makes_none() {
    let counts = Counts::default();
    let changes = prop::collection::vec(change(&Kind::NEUTRAL), 1..6);
    check(wanted() / 3, changes, |sample, changes| {
        let original = given(convert(sample));
        let mut text = Text::of(sample);
        let made: Vec<_> = changes.iter().filter(|change| text.apply(change)).collect();
        made.iter().for_each(|change| counts.add(change.kind));
        let changed = convert(&text.joined());
        let bad_items = made.iter().filter(|change| change.kind == Kind::BadItem).count();
        if matches!(original, Given::Messages(_)) {
            prop_assert!(changed.partial.len() >= bad_items.min(1), "not recorded: {:?}", text.joined());
        }
        prop_assert_eq!(given(changed), original, "{:?}", text.joined());
        Ok(())
    });
    counts.print("changes that must make no difference");
}

/// Also in messages that are odd already. Bad items are left out of this: in an odd message one may be the only one.
#[test]
fn nor_in_odd_messages() {
    const NEUTRAL: &[Kind] = &[
        Kind::LocalSegment,
        Kind::FieldSeparators,
        Kind::ComponentSeparators,
        Kind::SubcomponentSeparators,
        Kind::Blanks,
        Kind::DoubledPatient,
        Kind::LineEnds,
        Kind::VersionComponents,
    ];
    let counts = Counts::default();
    let disturbing = prop::collection::vec(change(&Kind::DISTURBING), 1..4);
    let changes = (disturbing, prop::collection::vec(change(NEUTRAL), 1..4));
    check(wanted() / 2, changes, |sample, (disturbing, neutral)| {
        let mut text = Text::of(sample);
        disturbing.iter().filter(|change| text.apply(change)).for_each(|change| counts.add(change.kind));
        let odd = text.joined();
        neutral.iter().filter(|change| text.apply(change)).for_each(|change| counts.add(change.kind));
        prop_assert_eq!(
            given(convert(&text.joined())),
            given(convert(&odd)),
            "{:?}\n{:?}",
            text.joined(),
            odd
        );
        Ok(())
    });
    counts.print("odd messages, and changes to them that must make no difference");
}

fn payloads(given: Given) -> Vec<Payload> {
    match given {
        Given::Messages(messages) => messages.into_iter().map(|message| message.payload).collect(),
        Given::Nothing(_) => Vec::new(),
    }
}

/// Lines of a sample that are items of their own, each with the notes that follow it.
fn items(sample: &str) -> Vec<(usize, usize)> {
    let lines: Vec<&str> = sample.lines().collect();
    let is_item = |line: &str| line.starts_with("IAM|") || line.starts_with("PRB|");
    let with_notes = |start: usize| {
        let notes = lines[start + 1..].iter().take_while(|line| line.starts_with("NTE"));
        (start, start + 1 + notes.count())
    };
    (0..lines.len()).filter(|&number| is_item(lines[number])).map(with_notes).collect()
}

/// An allergy or a problem that is dropped or made bad takes its message with it, and no other.
#[test]
fn an_item_less_is_a_message_less() {
    let (mut dropped_items, mut bad_items) = (0, 0);
    for sample in samples().iter().filter(|sample| items(sample).len() > 1) {
        let whole = payloads(given(convert(sample)));
        assert_eq!(whole.len(), items(sample).len());
        for (number, (start, end)) in items(sample).into_iter().enumerate() {
            let mut expected = whole.clone();
            expected.remove(number);
            let mut lines: Vec<String> = sample.lines().map(str::to_owned).collect();
            let mut bad: Vec<&str> = lines[start].split('|').collect();
            let code = if bad[0] == "IAM" { 6 } else { 1 };
            bad[code] = "?";
            let bad = bad.join("|");
            lines[start] = bad;
            let conversion = convert(&lines.join("\r"));
            assert_eq!(conversion.partial.len(), 1);
            assert_eq!(payloads(given(conversion)), expected);
            lines.drain(start..end);
            assert_eq!(payloads(given(convert(&lines.join("\r")))), expected);
            dropped_items += 1;
            bad_items += 1;
        }
    }
    println!("changes with a known effect:\n{dropped_items:8} items dropped\n{bad_items:8} items made bad");
    assert!(bad_items > 3);
}

/// A value of a chart that is dropped or made bad takes its message with it, and no other.
#[test]
fn a_value_less_on_the_chart_is_a_message_less() {
    let mut tried = 0;
    for sample in samples() {
        let whole = payloads(given(convert(&sample)));
        if !whole.iter().any(|payload| matches!(payload, Payload::Flowsheet(_))) {
            continue;
        }
        let lines: Vec<&str> = sample.lines().collect();
        for number in (0..lines.len()).filter(|&number| lines[number].starts_with("OBX|")) {
            let mut fields: Vec<&str> = lines[number].split('|').collect();
            fields.resize(fields.len().max(15), "");
            fields[14] = "soon";
            let bad =
                [&lines[..number], &[fields.join("|").as_str()], &lines[number + 1..]].concat().join("\r");
            let changed = payloads(given(convert(&bad)));
            let gone: Vec<_> = whole.iter().filter(|payload| !changed.contains(payload)).collect();
            assert!(changed.iter().all(|payload| whole.contains(payload)) && gone.len() <= 1, "{bad:?}");
            tried += 1;
        }
    }
    println!("changes with a known effect:\n{tried:8} values made bad");
    assert!(tried > 3);
}
