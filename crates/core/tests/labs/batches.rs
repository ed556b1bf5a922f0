//! Batches of laboratory messages of all kinds: a constant number of queries.

use emap_core::Outcome;
use emap_interchange::{LabOrder as Sent, LabsMetadataType, Message};

use crate::{
    messages::{
        asked, cancelled, culture, four_results, isolate, lab, named, numbered, order, ward, with_results,
    },
    world::World,
};

/// Ten messages about each of some patients; samples, batteries and tests are their own.
fn mixed(patients: std::ops::Range<i64>, time: &str) -> Vec<Message> {
    patients.flat_map(|n| about(n, time)).collect()
}

fn about(n: i64, time: &str) -> Vec<Message> {
    let of_patient = |battery: &str, order: Sent| {
        let mut order = Sent {
            mrn: Some(format!("M{n}")),
            visit_number: Some(format!("V{n}")),
            lab_specimen_number: Some(format!("S{n}")),
            test_battery_local_code: Some(format!("{battery}{n}")),
            ..order
        };
        for result in &mut order.lab_results {
            result.test_item_local_code = result.test_item_local_code.take().map(|code| format!("{code}{n}"));
        }
        order
    };
    let grown = vec![
        culture(isolate("1", time, &[("AMOX", "S"), ("GENT", "R")]), time),
        culture(isolate("2", "PSEU", &[("AMOX", time)]), time),
    ];
    let questions = asked(&[("Fasting?", time), (&format!("How is patient {n}?"), "well")]);
    vec![
        ward(of_patient("CHEM", Sent { questions, ..numbered("E1", time) })),
        lab(of_patient("CHEM", with_results(four_results(time), numbered("E1", time)))),
        ward(of_patient("MICRO", order(time))),
        lab(of_patient("MICRO", with_results(grown, order(time)))),
        lab(of_patient("GAS", with_results(four_results(time), order(time)))),
        ward(of_patient("HIST", numbered(time, "06:00"))),
        ward(of_patient("HIST", cancelled(time, "07:00"))),
        ward(of_patient("XRAY", cancelled("E3", time))),
        named(LabsMetadataType::Battery, &format!("CHEM{n}"), time, time),
        named(LabsMetadataType::Test, &format!("NA{n}"), time, time),
    ]
}

#[test]
fn a_batch_costs_a_constant_number_of_queries() {
    let mut world = World::on_postgres();
    let mut cost = |messages: Vec<Message>| {
        let before = world.statements();
        let outcomes = world.receive_together(messages);
        assert!(outcomes.iter().all(|outcome| *outcome == Outcome::Success), "{outcomes:?}");
        world.statements() - before
    };
    // Nobody and nothing is known.
    let (few, many) = (cost(mixed(0..2, "09:00")), cost(mixed(2..52, "09:00")));
    assert_eq!(few, many);
    // All is known.
    let (few, many) = (cost(mixed(0..2, "10:00")), cost(mixed(2..52, "10:00")));
    assert_eq!(few, many);
    assert!(many <= 16, "{many} statements to read what a batch needs");
}
