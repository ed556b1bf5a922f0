//! Two cores at one database, each with patients of its own, that meet at all that patients share: kinds, places,
//! templates, and what is known by a number whoever has it. What they leave is what one core leaves that takes their
//! batches in some order.

use std::{
    sync::{Arc, Barrier},
    thread,
};

use emap_core::{Engine, Outcome};
use emap_interchange::{LabOrder, Message};
use emap_star::rows::LabTestDefinitionAudit;
use proptest::{collection::vec, prelude::*};

use crate::{
    labs::messages::{lab, number, order, with_results},
    same_everywhere::of_all_families,
    world::{World, incoming},
};

/// Batches of each core, one after the other.
type Batches = Vec<Vec<Message>>;

/// What the batches lead to: the rows, and how the messages of either core end.
type Result = (Vec<String>, [Vec<Outcome>; 2]);

/// Messages that do not name these numbers.
fn without(numbers: &'static [&'static str]) -> impl Strategy<Value = Message> {
    of_all_families().prop_filter("of the other core's patient", move |message| {
        let body = String::from_utf8(message.to_json()).unwrap();
        !numbers.iter().any(|number| body.contains(&format!("\"{number}\"")))
    })
}

fn batches(numbers: &'static [&'static str]) -> impl Strategy<Value = Batches> {
    vec(vec(without(numbers), 1..6), 1..=3)
}

/// Both work at the same time.
fn at_the_same_time(cores: &[Batches; 2]) -> Result {
    let world = World::on_postgres();
    let start = Arc::new(Barrier::new(2));
    let threads = cores.clone().map(|batches| {
        let (mut engine, start) = (world.other_engine(), Arc::clone(&start));
        thread::spawn(move || {
            start.wait();
            batches.iter().flat_map(|batch| outcomes(&mut engine, batch)).collect()
        })
    });
    let outcomes = threads.map(|thread| thread.join().unwrap());
    world.assert_history();
    (world.content(), outcomes)
}

/// How the messages of a batch end.
pub(crate) fn outcomes(engine: &mut Engine, batch: &[Message]) -> Vec<Outcome> {
    let batch: Vec<_> = batch.iter().map(incoming).collect();
    engine.process(&batch).unwrap().into_iter().map(|report| report.outcome).collect()
}

/// One core takes the batches; each turn says whose is next.
fn one_after_the_other(cores: &[Batches; 2], turns: &[usize]) -> Result {
    let mut world = World::in_memory();
    let mut left = cores.each_ref().map(|batches| batches.iter());
    let mut outcomes = [Vec::new(), Vec::new()];
    for &core in turns {
        let batch = left[core].next().unwrap();
        outcomes[core].extend(world.receive_together(batch.clone()));
    }
    (world.content(), outcomes)
}

/// All ways to take that many of one and that many of the other.
fn orders(left: [usize; 2]) -> Vec<Vec<usize>> {
    let mut orders = Vec::new();
    for core in [0, 1] {
        if left[core] > 0 {
            let mut rest = left;
            rest[core] -= 1;
            orders.extend(orders_after(core, rest));
        }
    }
    if left == [0, 0] { vec![Vec::new()] } else { orders }
}

fn orders_after(core: usize, rest: [usize; 2]) -> impl Iterator<Item = Vec<usize>> {
    orders(rest).into_iter().map(move |mut turns| {
        turns.insert(0, core);
        turns
    })
}

/// Of several results the one that differs least, for the reader of a failure.
fn nearest<'r>(found: &Result, possible: &'r [Result]) -> &'r Result {
    let distance = |result: &&Result| {
        let only = |these: &Vec<String>, those: &Vec<String>| {
            these.iter().filter(|line| !those.contains(line)).count()
        };
        only(&found.0, &result.0) + only(&result.0, &found.0) + usize::from(found.1 != result.1)
    };
    possible.iter().min_by_key(distance).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn two_cores_leave_what_one_leaves_in_some_order(
        first in batches(&["M2", "V2", "N2"]),
        second in batches(&["M1", "V1", "N1"]),
    ) {
        let cores = [first, second];
        let found = at_the_same_time(&cores);
        let possible: Vec<_> =
            orders([cores[0].len(), cores[1].len()]).iter().map(|turns| one_after_the_other(&cores, turns)).collect();
        if !possible.contains(&found) {
            let (found, nearest) = (&found, nearest(&found, &possible));
            prop_assert_eq!(&found.1, &nearest.1);
            let surplus: Vec<_> = found.0.iter().filter(|line| !nearest.0.contains(line)).collect();
            let missing: Vec<_> = nearest.0.iter().filter(|line| !found.0.contains(line)).collect();
            prop_assert!(false, "in no order, but with\n{surplus:#?}\ninstead of\n{missing:#?}");
        }
    }
}

/// Each message changes the one test that all report, so that every core starts again most of the time.
#[test]
fn cores_that_change_one_row_all_the_time_get_on_and_lose_no_change() {
    const CORES: usize = 3;
    const MESSAGES: usize = 8;
    let world = World::on_postgres();
    let start = Arc::new(Barrier::new(CORES));
    let threads: Vec<_> = (0..CORES)
        .map(|core| {
            let (mut engine, start) = (world.other_engine(), Arc::clone(&start));
            thread::spawn(move || {
                start.wait();
                let messages = (0..MESSAGES).map(|place| of_department(core, place));
                messages.flat_map(|message| outcomes(&mut engine, &[message])).collect::<Vec<_>>()
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), [Outcome::Success; MESSAGES]);
    }
    assert_eq!(world.count::<LabTestDefinitionAudit>(), CORES * MESSAGES - 1);
    world.assert_history();
}

/// The core's own patient, a test of a department that no other message names.
fn of_department(core: usize, place: usize) -> Message {
    lab(LabOrder {
        mrn: Some(format!("M{core}")),
        visit_number: Some(format!("V{core}")),
        lab_specimen_number: Some(format!("S{core}")),
        lab_department: Some(format!("D{core}-{place}")),
        ..with_results(vec![number("NA", 1.0, "09:00")], order("09:00"))
    })
}
