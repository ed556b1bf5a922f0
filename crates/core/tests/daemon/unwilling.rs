//! A star database that is up and does not take rows: nothing is settled, readiness says so, and nothing is lost once it
//! takes them again.

use std::{sync::atomic::Ordering, time::Duration};

use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::rabbitmq;
use emap_test_support::{
    database,
    faults::{
        postgres::SqlState,
        server::postgres::{Database, Lasting},
    },
};

use super::{Running, admissions, publish, publisher, transport};

const COUNT: u64 = 60;

/// Publishes behind a database with this fault, waits until core says that it cannot work, ends the fault; then every
/// message has its rows and none is rejected.
async fn survives(fault: impl FnOnce(&Database) -> Lasting) {
    let broker = rabbitmq::shared();
    let virtual_host = broker.fresh_virtual_host().unwrap();
    let transport = transport(broker, &virtual_host);
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "first", admissions(0, 1)).await;
    publisher.drain().await;
    let core = Running::start(&database.url(), transport);
    core.until_settled(1).await;

    let fault = fault(&Database::new(&database.url(), database.name()));
    publish(&publisher, "during", admissions(1, COUNT)).await;
    publisher.drain().await;
    core.until(|| !core.health.is_ready()).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(core.settled.load(Ordering::Relaxed), 1, "nothing is settled meanwhile");
    tokio::task::block_in_place(|| fault.end());

    core.until_settled(1 + COUNT).await;
    core.until_ready().await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (1 + COUNT, 0));
    assert_eq!(database.value("SELECT count(*) FROM hospital_visit"), (1 + COUNT).to_string());
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging"), (1 + COUNT).to_string());
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_read_only_database_is_waited_for() {
    survives(|database| {
        let fault = database.read_only();
        database.end_sessions();
        fault
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_table_is_waited_for() {
    survives(|database| database.table_gone("star", "hospital_visit")).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_effect_log_that_takes_no_rows_is_waited_for() {
    survives(|database| database.refusing("star.etl_per_message_logging", SqlState::DISK_FULL)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_table_on_a_broken_disk_is_waited_for() {
    survives(|database| database.refusing("star.location_visit", SqlState::IO_ERROR)).await;
}

/// The driver does not show what most errors are. A message that goes on failing by itself, while the database would
/// take rows of every table, is at fault after all: it is recorded, and the next go on.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_fails_alone_again_and_again_is_recorded_and_passed() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    database.execute(
        "CREATE FUNCTION star.choosy() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
           IF NEW.encounter = 'V7' THEN RAISE EXCEPTION 'not this one' USING ERRCODE = '22023'; END IF;
           RETURN NEW; END $$;
         CREATE TRIGGER choosy BEFORE INSERT ON star.hospital_visit FOR EACH ROW EXECUTE FUNCTION star.choosy()",
    );
    let publisher = publisher(&transport, HL7_QUEUE);
    publish(&publisher, "all", admissions(0, 20)).await;
    publisher.drain().await;
    let core = Running::start(&database.url(), transport);
    core.until(|| !core.health.is_ready()).await;
    core.until_settled(20).await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (20, 1));
    assert_eq!(database.value("SELECT count(*) FROM hospital_visit"), "19");
    assert_eq!(database.value("SELECT reason FROM etl_message_reject"), "database: not this one");
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging WHERE error"), "1");
}
