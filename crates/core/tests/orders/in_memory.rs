//! Small sets of messages in all orders.

use emap_core::orders::{Choice, Findings};
use emap_test_support::messages::with;

use crate::story::{JOURNEYS, PLANS, explore, messages, plans, stays};

const ALL: Choice = Choice { at_most: 5040, seed: 0 };

fn in_all_orders(text: &str) -> Findings {
    let messages = messages("M1", "V1", text);
    assert!(ALL.is_all(messages.len()));
    explore(&messages, ALL.orders(messages.len()))
}

/// What the only row of a table holds in a column.
fn cell(findings: &Findings, table: &str, column: &str) -> String {
    let [row] = findings.table(table).unwrap().contents[0].content.rows() else { panic!("{findings:?}") };
    row.iter().find(|cell| cell.column == column).unwrap().text.clone()
}

#[test]
fn links_lead_to_what_the_other_row_is_known_by() {
    let sent = messages("M1", "V1", "admit A 9:00");
    let findings = explore(&sent, [vec![0]]);
    assert_eq!(cell(&findings, "location_visit", "hospital_visit_id"), "V1");
    assert_eq!(cell(&findings, "location_visit", "location_id"), "A");
    assert_eq!(cell(&findings, "hospital_visit", "mrn_id"), "M1");
    // Whoever has no hospital number is known by the other.
    let unnumbered = with(sent[0].clone(), |adt| (adt.mrn, adt.nhs_number) = (None, Some("N1".to_owned())));
    let patient = cell(&explore(&[unnumbered], [vec![0]]), "hospital_visit", "mrn_id");
    assert_eq!(patient, "N1");
}

/// How many orders lead to each list of plans.
fn outcomes(text: &str) -> Vec<(String, usize)> {
    let findings = in_all_orders(text);
    let contents = &findings.table("planned_movement").unwrap().contents;
    contents.iter().map(|outlet| (plans(&outlet.content), outlet.orders)).collect()
}

#[test]
fn stays_are_the_same_in_every_order() {
    for (text, expected) in JOURNEYS {
        let findings = in_all_orders(text);
        assert!(findings.failures.is_empty(), "{text}: {:?}", findings.failures);
        for name in ["location", "location_event", "location_visit"] {
            assert_eq!(findings.table(name).unwrap().contents.len(), 1, "{name}: {text}");
        }
        let only = &findings.table("location_visit").unwrap().contents[0];
        assert_eq!(stays(&only.content), expected, "{text}");
    }
}

#[test]
fn a_plan_and_its_cancellation_find_each_other() {
    assert_eq!(outcomes(PLANS[0]), [("A 10:00-10:15".to_owned(), 2)]);
}

#[test]
fn two_plans_and_their_cancellations_find_each_other_in_most_orders() {
    assert_eq!(
        outcomes(PLANS[1]),
        [
            ("A 10:00-10:15, A 11:00-11:15".to_owned(), 16),
            // The first plan was the only one when the second one's cancellation came.
            ("A 10:00-11:15, A 11:00-open, A ?-10:15".to_owned(), 6),
            // The later cancellation, still without a plan, stood for the earlier one too.
            ("A 10:00-11:15, A 11:00-open".to_owned(), 1),
            ("A 10:00-open, A 11:00-11:15".to_owned(), 1),
        ]
    );
}

#[test]
fn plans_without_a_destination_do_not_meet_the_others() {
    let alone = outcomes(PLANS[1]);
    let mixed = outcomes(PLANS[2]);
    assert_eq!(mixed.len(), alone.len());
    assert_eq!(mixed[0], ("- 10:00-10:15, A 10:00-10:15, A 11:00-11:15".to_owned(), 480));
    assert_eq!(mixed.iter().map(|(_, orders)| orders).sum::<usize>(), 720);
}
