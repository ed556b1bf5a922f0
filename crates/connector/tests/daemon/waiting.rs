//! What a sender waits for that sends the next message after the answer to the last.

use std::{collections::BTreeMap, io::Write, time::Duration};

use emap_hl7::mllp::frame;
use emap_local_services::postgres as server;
use emap_test_support::{
    database,
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Kind, Proxy},
    },
};

use super::{
    messages::{adt, visit},
    mllp::answers,
    site::Site,
};

const MESSAGES: usize = 50;

/// With its row and that of the message store. What makes a client wait for its server is counted.
///
/// Actions are stored by the same statement; without a broker there are none, and nobody publishes meanwhile.
#[test]
fn a_message_costs_one_trip_to_the_server() {
    let proxy = Proxy::start(([127, 0, 0, 1], server::shared().port()).into()).unwrap();
    let database = database::empty();
    database.execute("CREATE SCHEMA ids");
    let url = format!("jdbc:postgresql://127.0.0.1:{}/{}", proxy.port(), database.name());
    let mut site = Site::of_database(
        database,
        &[
            ("DATABASE_PORT", proxy.port().to_string()),
            ("RABBITMQ_DISABLED", "true".to_owned()),
            ("CONNECTOR_IDS_ENABLED", "true".to_owned()),
            ("IDS_JDBC_URL", url),
            ("IDS_USERNAME", server::USER.to_owned()),
            ("IDS_SCHEMA", "ids".to_owned()),
        ],
    );
    site.start();
    site.await_ready();
    let mut stream = site.mllp();
    let mut send = |id: &str| {
        stream.write_all(&frame(adt("A01", id, &visit()).as_bytes())).unwrap();
        let answer = answers(&mut stream, 1).remove(0);
        assert!(answer.contains(&format!("MSA|AA|{id}")), "{answer}");
    };
    // The first one prepares the statement.
    send("first");
    let count = |kind: Kind| Fault::at_client(Filter::kind(kind), Action::Delay(Duration::ZERO)).always();
    proxy.arm(emap_test_support::faults::plan::FaultPlan::from(count(Kind::Sync)).and(count(Kind::Query)));
    let before = proxy.happened();
    for number in 0..MESSAGES {
        send(&number.to_string());
    }
    let mut trips: BTreeMap<u64, usize> = BTreeMap::new();
    for seen in &proxy.seen()[before..] {
        *trips.entry(seen.connection).or_default() += 1;
    }
    proxy.disarm();
    // Other connections only look now and then for what is to be sent out; this one whether it still lives.
    let trips = trips.into_values().max().unwrap();
    assert!((MESSAGES..MESSAGES + 5).contains(&trips), "{trips} trips for {MESSAGES} messages");
    assert_eq!(site.database.value("SELECT count(*) FROM ids.tbl_ids_master"), (MESSAGES + 1).to_string());
}
