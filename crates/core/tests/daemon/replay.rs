//! Rejected messages are sent again.

use std::{collections::BTreeSet, fmt::Write, sync::Arc, time::Duration};

use emap_core::{CoreSettings, ReplayError, ReplaySettings, ReplaySummary, replay};
use emap_interchange::{
    InterchangeValue::Save,
    LabOrder, LabResult, Message, ValueType,
    queues::{DATABASE_EXTRACTS, EXTENSION_PROJECTS, HL7_QUEUE},
};
use emap_local_services::{postgres, rabbitmq};
use emap_queue::{
    BatchLimit, BrokerConfig, Consumer, ConsumerSettings, Transport, transport::in_process::Broker,
};
use emap_service::{DatabaseSettings, Runtime};
use emap_star::{RejectFilter, migrations};
use emap_test_support::{
    database::{self, Database, SCHEMA},
    messages::{admit, at},
};

use crate::{PATIENCE, Running, bodies, publish, publisher, transport};

const ADMISSION: &str = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";
const LAB_ORDER: &str = "uk.ac.ucl.rits.inform.interchange.lab.LabOrderMsg";

fn settings(url: &str) -> ReplaySettings {
    ReplaySettings::for_core(CoreSettings::for_database(DatabaseSettings::from_url(url, SCHEMA).unwrap()))
}

async fn all(database: &Database, transport: &Transport) -> ReplaySummary {
    replay(settings(&database.url()), Runtime::new(transport.clone())).await.unwrap()
}

fn sent(count: u64) -> ReplaySummary {
    ReplaySummary { rejects: count, sent: count, ..ReplaySummary::default() }
}

/// Potassium of a patient: one message of the laboratory.
fn potassium(value: f64) -> Message {
    let result = LabResult {
        test_item_local_code: Some("K".to_owned()),
        mime_type: Some(ValueType::Numeric),
        numeric_value: Save(value),
        result_time: Some(at("2031-03-02T09:00:00Z")),
        ..LabResult::default()
    };
    let order = LabOrder {
        mrn: Some("40900017".to_owned()),
        lab_specimen_number: Some("S1".to_owned()),
        test_battery_local_code: Some("UE".to_owned()),
        test_battery_coding_system: Some("WIN_PATH".to_owned()),
        status_change_time: Some(at("2031-03-02T09:00:00Z")),
        lab_results: vec![result],
        ..LabOrder::default()
    };
    let source_system = Some("LAB".to_owned());
    Message { source_message_id: Some("0000000017".to_owned()), source_system, ..Message::of(order) }
}

/// One reject: what varies from test to test, times as seconds after some moment.
struct Reject<'r> {
    id: i64,
    second: u32,
    source_id: Option<&'r str>,
    message_type: Option<&'r str>,
    queue: &'r str,
    body: &'r str,
}

/// A body that core could not read.
const UNREAD: Reject<'_> = Reject {
    id: 1,
    second: 0,
    source_id: None,
    message_type: None,
    queue: HL7_QUEUE,
    body: "no message at all",
};

fn insert(rejects: &[Reject<'_>]) -> String {
    let text = |value: Option<&str>| value.map_or("NULL".to_owned(), |value| format!("'{value}'"));
    let mut rows = String::new();
    for Reject { id, second, source_id, message_type, queue, body } in rejects {
        let (source_id, message_type) = (text(*source_id), text(*message_type));
        let comma = if rows.is_empty() { "" } else { "," };
        write!(
            rows,
            "{comma} ({id}, {source_id}, {message_type}, '{queue}', 'out of order', '{body}', \
             '2031-03-02T10:00:00Z'::timestamptz + interval '1 second' * {second})"
        )
        .unwrap();
    }
    format!(
        "INSERT INTO {SCHEMA}.etl_message_reject \
         (etl_message_reject_id, source_id, message_type, queue, reason, body, rejected_at) VALUES {rows}"
    )
}

/// `count` rejected admissions, numbered from 0 in the order of rejection; their keys run the other way. The bodies are
/// not as this program would write them.
fn numbered(count: u32) -> String {
    format!(
        r#"INSERT INTO {SCHEMA}.etl_message_reject
           (etl_message_reject_id, source_id, message_type, queue, reason, body, rejected_at)
           SELECT {count} - number, id, '{ADMISSION}', '{HL7_QUEUE}', 'out of order',
                  format('{{ "sourceMessageId":"%s",  "@class" : "{ADMISSION}"}}', id),
                  '2031-03-02T10:00:00Z'::timestamptz + interval '1 second' * number
           FROM (SELECT number, lpad(number::text, 10, '0') AS id
                 FROM generate_series(0, {count} - 1) AS number) AS numbered"#
    )
}

/// Source ids of so many messages on a queue, in order.
async fn take(transport: &Transport, queue: &str, count: usize) -> Vec<String> {
    let settings = ConsumerSettings { prefetch: 0, ..ConsumerSettings::of(vec![queue.to_owned()]) };
    let mut consumer = Consumer::start(transport.clone(), settings);
    let mut taken = Vec::new();
    while taken.len() < count {
        let next = tokio::time::timeout(
            PATIENCE,
            consumer.next_batch(BatchLimit::messages(count), Duration::from_millis(20)),
        );
        let delivered = next.await.expect("as many messages as expected").unwrap();
        for mut delivery in delivered.deliveries {
            let message = delivery.decode().unwrap();
            assert_eq!(delivery.type_header.as_deref(), Some(message.class_name()));
            taken.push(message.source_message_id.unwrap());
        }
        delivered.ticket.settle(&[]);
    }
    consumer.close().await;
    taken
}

fn in_order(count: u32) -> Vec<String> {
    (0..count).map(|number| format!("{number:010}")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_result_that_the_database_refused_is_in_the_star_after_it_was_put_right() {
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let database = database::fresh();
    database.execute("ALTER TABLE lab_result ADD CONSTRAINT plausible CHECK (value_as_real < 6)");
    let to_extracts = publisher(&transport, DATABASE_EXTRACTS);
    publish(&to_extracts, "first", bodies([potassium(6.1)])).await;
    to_extracts.drain().await;
    let core = Running::start(&database.url(), transport.clone());
    core.until_settled(1).await;
    assert_eq!(database.value("SELECT count(*) FROM lab_result"), "0");
    assert_eq!(
        database.rows("SELECT source_id, message_type, queue, replayed_at FROM etl_message_reject"),
        [format!("0000000017|{LAB_ORDER}|{DATABASE_EXTRACTS}|")]
    );

    database.execute("ALTER TABLE lab_result DROP CONSTRAINT plausible");
    assert_eq!(all(&database, &transport).await, sent(1));
    core.until_settled(2).await;
    assert_eq!(database.value("SELECT value_as_real FROM lab_result"), "6.1");
    let noted = "SELECT replayed_at BETWEEN rejected_at AND now() FROM etl_message_reject";
    assert_eq!(database.rows(noted), ["true"]);

    assert_eq!(all(&database, &transport).await, sent(0));
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fails_again_is_rejected_once_more_and_not_sent_in_the_same_run() {
    const COUNT: u64 = 250;
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let nameless = |n| admit(&format!("M{n}"), "", "W1^R^B", "2031-03-02T08:15:00Z");
    let to_core = publisher(&transport, HL7_QUEUE);
    publish(&to_core, "first", bodies((0..COUNT).map(nameless))).await;
    to_core.drain().await;
    // Core rejects the first messages again while the last are still being sent.
    let core = Running::start(&database.url(), transport.clone());
    core.until_settled(COUNT).await;

    assert_eq!(all(&database, &transport).await, sent(COUNT));
    core.until_settled(2 * COUNT).await;
    core.stop().await;
    let by_state =
        "SELECT replayed_at IS NULL AS open, count(*) FROM etl_message_reject GROUP BY 1 ORDER BY 1";
    assert_eq!(database.rows(by_state), ["false|250", "true|250"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_go_in_the_order_of_rejection_and_what_cannot_be_sent_stays() {
    let server = rabbitmq::shared();
    let transport = transport(server, &server.fresh_virtual_host().unwrap());
    let database = database::fresh();
    database.execute(&numbered(230));
    let spoilt = format!(r#"{{"@class": "{ADMISSION}", "sourceSystem": "{}"}}"#, char::REPLACEMENT_CHARACTER);
    let readable = format!(r#"{{"@class": "{ADMISSION}", "sourceMessageId": "now"}}"#);
    database.execute(&insert(&[
        Reject { id: 1001, ..UNREAD },
        Reject { id: 1002, body: &spoilt, ..UNREAD },
        Reject { id: 1003, queue: "file", body: &readable, ..UNREAD },
        // A program that did not know this message yet could not read it.
        Reject { id: 1004, queue: EXTENSION_PROJECTS, body: &readable, ..UNREAD },
        Reject { id: 1005, second: 500, ..UNREAD },
    ]));

    let expected = ReplaySummary { rejects: 235, sent: 231, unreadable: 3, other_queues: 1 };
    assert_eq!(all(&database, &transport).await, expected);
    assert_eq!(take(&transport, HL7_QUEUE, 230).await, in_order(230));
    assert_eq!(take(&transport, EXTENSION_PROJECTS, 1).await, ["now"]);
    let open = "SELECT etl_message_reject_id FROM etl_message_reject WHERE replayed_at IS NULL ORDER BY 1";
    assert_eq!(database.rows(open), ["1001", "1002", "1003", "1005"]);

    let again = ReplaySummary { rejects: 4, sent: 0, unreadable: 3, other_queues: 1 };
    assert_eq!(all(&database, &transport).await, again);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_as_it_was_kept() {
    let (database, broker) = (database::fresh(), Broker::new());
    database.execute(&numbered(1));
    let transport = Transport::InProcess(broker);
    assert_eq!(all(&database, &transport).await, sent(1));
    let settings = ConsumerSettings { prefetch: 0, ..ConsumerSettings::of(vec![HL7_QUEUE.to_owned()]) };
    let mut consumer = Consumer::start(transport, settings);
    let delivered = consumer.next_batch(BatchLimit::messages(1), Duration::ZERO).await.unwrap();
    let body = String::from_utf8(delivered.deliveries[0].body.clone()).unwrap();
    assert_eq!(database.rows("SELECT body FROM etl_message_reject"), [body]);
}

#[tokio::test(flavor = "multi_thread")]
async fn filters_choose_and_a_dry_run_sends_nothing() {
    let database = database::fresh();
    let body = |class: &str, id: &str| format!(r#"{{"@class": "{class}", "sourceMessageId": "{id}"}}"#);
    let (admission, order) = (body(ADMISSION, "a"), body(LAB_ORDER, "b"));
    let admitted = Reject { source_id: Some("a"), message_type: Some(ADMISSION), body: &admission, ..UNREAD };
    let ordered = Reject { source_id: Some("b"), message_type: Some(LAB_ORDER), body: &order, ..UNREAD };
    database.execute(&insert(&[
        Reject { id: 1, ..admitted },
        Reject { id: 2, ..ordered },
        Reject { id: 3, queue: DATABASE_EXTRACTS, ..ordered },
        Reject { id: 4, ..UNREAD },
    ]));
    // What a run sends is what it newly marks; then all is as before.
    let chosen = async |change: &dyn Fn(&mut ReplaySettings)| {
        database.execute("UPDATE etl_message_reject SET replayed_at = NULL");
        database.execute("UPDATE etl_message_reject SET replayed_at = '2031-03-03' WHERE source_id = 'a'");
        let broker = Broker::new();
        let mut settings = settings(&database.url());
        change(&mut settings);
        let done = replay(settings, Runtime::new(Transport::InProcess(broker.clone()))).await.unwrap();
        let marked = "SELECT string_agg(etl_message_reject_id::text, ' ' ORDER BY etl_message_reject_id) \
                      FROM etl_message_reject WHERE replayed_at <> '2031-03-03'";
        (database.value(marked), broker.depth(HL7_QUEUE) + broker.depth(DATABASE_EXTRACTS), done)
    };
    let filter = |set: fn(&mut RejectFilter)| move |settings: &mut ReplaySettings| set(&mut settings.filter);

    let (marked, on_queues, done) = chosen(&filter(|_| ())).await;
    assert_eq!((marked.as_str(), on_queues, done.unreadable), ("2 3", 2, 1));
    let (marked, ..) = chosen(&filter(|filter| filter.again = true)).await;
    assert_eq!(marked, "1 2 3");
    let (marked, _, done) = chosen(&filter(|filter| filter.message_type = Some(LAB_ORDER.to_owned()))).await;
    assert_eq!((marked.as_str(), done), ("2 3", sent(2)));
    let (marked, ..) = chosen(&filter(|filter| filter.queue = Some(HL7_QUEUE.to_owned()))).await;
    assert_eq!(marked, "2");
    let (marked, _, done) = chosen(&filter(|filter| {
        filter.source_id = Some("a".to_owned());
        filter.again = true;
    }))
    .await;
    assert_eq!((marked.as_str(), done), ("1", sent(1)));
    let (marked, on_queues, done) = chosen(&|settings| settings.dry_run = true).await;
    assert_eq!((marked.as_str(), on_queues, done.sent, done.unreadable), ("", 0, 2, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_that_core_does_not_read_is_refused() {
    let mut settings = settings(&database::fresh().url());
    settings.filter.queue = Some("hl7queue".to_owned());
    let refused = replay(settings, Runtime::new(Transport::InProcess(Broker::new()))).await.unwrap_err();
    let text = refused.to_string();
    assert!(text.contains("hl7queue") && text.contains("CORE_RABBITMQ_LISTEN_QUEUES"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_it_waits_until_it_is_stopped() {
    let database = database::fresh();
    database.execute(&numbered(1));
    let nowhere = Transport::Amqp(BrokerConfig { port: 1, ..BrokerConfig::default() });
    let no_database = "postgresql://127.0.0.1:1/uds".to_owned();
    for (url, transport) in [(database.url(), nowhere), (no_database, Transport::InProcess(Broker::new()))] {
        let runtime = Runtime::new(transport);
        let cancel = runtime.cancel.clone();
        let waiting = tokio::spawn(replay(settings(&url), runtime));
        tokio::time::sleep(Duration::from_millis(500)).await;
        assert!(!waiting.is_finished());
        cancel.cancel();
        let ended = tokio::time::timeout(PATIENCE, waiting).await.expect("it stops").unwrap();
        assert!(matches!(ended, Err(ReplayError::Stopped)), "{ended:?}");
    }
    assert_eq!(database.value("SELECT count(replayed_at) FROM etl_message_reject"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_restarts_in_mid_run_is_waited_for() {
    let store = Arc::new(postgres::Server::start(postgres::Options::default()).unwrap());
    store.create_database("uds").unwrap();
    let url = store.database_url("uds");
    migrations::migrate(&mut emap_star::connect(&url, SCHEMA).unwrap(), SCHEMA).unwrap();
    store.query("uds", &numbered(230)).unwrap();
    // A short queue keeps the replay in its second part while the database goes away.
    let broker = Broker::new();
    broker.declare(HL7_QUEUE, 150);
    let transport = Transport::InProcess(broker.clone());
    let running = tokio::spawn(replay(settings(&url), Runtime::new(transport.clone())));
    let filled = async {
        while broker.depth(HL7_QUEUE) < 150 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(PATIENCE, filled).await.expect("the queue fills");
    let server = Arc::clone(&store);
    tokio::task::spawn_blocking(move || server.crash().unwrap()).await.unwrap();
    let mut taken = take(&transport, HL7_QUEUE, 200).await;
    assert!(!running.is_finished(), "nothing is noted yet of the second part");
    let server = Arc::clone(&store);
    tokio::task::spawn_blocking(move || server.start_again().unwrap()).await.unwrap();
    taken.extend(take(&transport, HL7_QUEUE, 30).await);
    let done = tokio::time::timeout(PATIENCE, running).await.expect("it ends").unwrap().unwrap();
    assert_eq!(done, sent(230));
    assert_eq!(taken.into_iter().collect::<BTreeSet<_>>(), in_order(230).into_iter().collect());
    let noted = "SELECT count(replayed_at) FROM star.etl_message_reject";
    assert_eq!(store.query("uds", noted).unwrap(), "230");
}
