//! The same sets in random orders on PostgreSQL, a patient for each order. Message by message of an order arrives in
//! another batch, so that every one meets what the database kept of those before.

use std::{collections::BTreeMap, sync::Arc};

use emap_core::{Engine, Incoming, Rules, orders::Choice};
use emap_interchange::Message;
use emap_star::Session;
use emap_test_support::database::{Database, fresh};

use crate::story::{JOURNEYS, PLANS, explore, messages, plans};

const ORDERS: usize = 200;
/// Decides which orders.
const SEED: u64 = 11;

/// Visits by number, each with its messages in an order of its own.
type Visits = BTreeMap<String, Vec<Message>>;

/// A set's messages for many visits, each in an order of its own; those of a set that has fewer orders come again.
fn in_random_orders(set: &str, text: &str) -> impl Iterator<Item = (String, Vec<Message>, Vec<usize>)> {
    let count = messages("", "", text).len();
    let choice = Choice { at_most: ORDERS, seed: SEED };
    let orders: Vec<_> = choice.orders(count).collect();
    (0..ORDERS).map(move |number| {
        let visit = format!("{set}-{number:03}");
        let order = orders[number % orders.len()].clone();
        let sent = messages(&format!("M-{visit}"), &visit, text);
        (visit, order.iter().map(|place| sent[*place].clone()).collect(), order)
    })
}

fn process(visits: &Visits) -> Database {
    let database = fresh();
    let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
    let mut engine = Engine::new(Session::on_database(connection).unwrap(), Rules::default());
    let longest = visits.values().map(Vec::len).max().unwrap();
    for turn in 0..longest {
        let batch: Vec<_> = visits
            .values()
            .filter_map(|messages| messages.get(turn))
            .map(|message| Incoming::of(Arc::from("hl7Queue"), message.to_json(), Ok(message.clone())))
            .collect();
        engine.process(&batch).unwrap();
    }
    assert_eq!(
        database.value("SELECT count(*) FROM etl_per_message_logging WHERE stack_trace = 'error'"),
        "0"
    );
    database
}

/// The text that a query gives for each visit, by encounter.
fn by_visit(database: &Database, query: &str) -> BTreeMap<String, String> {
    let rows = database.rows(query);
    rows.into_iter()
        .map(|row| row.split_once('|').map(|(visit, text)| (visit.to_owned(), text.to_owned())).unwrap())
        .collect()
}

#[test]
fn stays_are_the_same_in_every_order() {
    let (mut visits, mut expected) = (Visits::new(), BTreeMap::new());
    for (set, (text, stays)) in ('a'..).zip(JOURNEYS) {
        for (visit, messages, _) in in_random_orders(&set.to_string(), text) {
            expected.insert(visit.clone(), stays.to_owned());
            visits.insert(visit, messages);
        }
    }
    let database = process(&visits);
    let found = by_visit(
        &database,
        "SELECT encounter, string_agg(format('%s %s%s-%s%s', location_string,
                CASE WHEN inferred_admission THEN '*' END,
                to_char(s.admission_datetime AT TIME ZONE 'UTC', 'FMHH24:MI'),
                coalesce(to_char(s.discharge_datetime AT TIME ZONE 'UTC', 'FMHH24:MI'), 'open'),
                CASE WHEN inferred_discharge THEN '*' END), ', ' ORDER BY s.admission_datetime)
         FROM location_visit s JOIN hospital_visit USING (hospital_visit_id) JOIN location USING (location_id)
         GROUP BY encounter",
    );
    assert_eq!(found.len(), ORDERS * JOURNEYS.len());
    assert_eq!(found, expected);
}

#[test]
fn plans_meet_their_cancellations_as_in_memory() {
    let (mut visits, mut expected) = (Visits::new(), BTreeMap::new());
    for (set, text) in ('a'..).zip(PLANS) {
        for (visit, sent, order) in in_random_orders(&set.to_string(), text) {
            let findings = explore(&messages("M1", "V1", text), [order]);
            let content = &findings.table("planned_movement").unwrap().contents[0].content;
            expected.insert(visit.clone(), plans(content));
            visits.insert(visit, sent);
        }
    }
    let database = process(&visits);
    let found = by_visit(
        &database,
        "SELECT encounter, string_agg(format('%s %s-%s', coalesce(location_string, '-'),
                coalesce(to_char(event_datetime AT TIME ZONE 'UTC', 'FMHH24:MI'), '?'),
                coalesce(to_char(cancelled_datetime AT TIME ZONE 'UTC', 'FMHH24:MI'), 'open')), ', '
                ORDER BY event_datetime, cancelled_datetime, location_string COLLATE \"C\" NULLS FIRST)
         FROM planned_movement JOIN hospital_visit USING (hospital_visit_id) LEFT JOIN location USING (location_id)
         GROUP BY encounter",
    );
    assert_eq!(found, expected);
}
