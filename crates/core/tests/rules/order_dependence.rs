//! Generated streams of each family in many orders: which tables the order of arrival decides.

use std::collections::BTreeSet;

use emap_core::{
    Rules,
    orders::{self, Choice},
};
use emap_interchange::Message;
use emap_test_support::streams::seeded;
use proptest::{collection::vec, prelude::*};

use crate::{clinical, labs, reference};

fn depending(family: &str, message: impl Strategy<Value = Message>) -> BTreeSet<&'static str> {
    let rules = Rules { forms: true, ..Rules::default() };
    let stream = vec(message, 30);
    let mut names = BTreeSet::new();
    for seed in 0..5 {
        let messages = seeded(&stream, seed);
        let choice = Choice { at_most: 200, seed };
        let mut findings = orders::explore(&messages, rules, choice.orders(messages.len())).unwrap();
        orders::shorten(&messages, rules, choice, &mut findings).unwrap();
        let mut out = Vec::new();
        orders::write(&mut out, &messages, &findings).unwrap();
        std::fs::write(format!("/tmp/dep-{family}-{seed}.txt"), out).unwrap();
        std::fs::write(format!("/tmp/dep-{family}-{seed}.yaml"), emap_interchange::yaml::write_sequence(&messages)).unwrap();
        names.extend(findings.tables.iter().filter(|t| t.contents.len() > 1).map(|t| t.name));
    }
    names
}

#[test]
fn x() {
    println!("{:?}", depending("clinical", clinical::streams::message()));
    println!("{:?}", depending("labs", labs::streams::message()));
    println!("{:?}", depending("reference", reference::streams::message()));
}
