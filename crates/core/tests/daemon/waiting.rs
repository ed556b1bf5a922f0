//! Databases that make core wait: readiness says so, nothing is rejected for it, and the work goes on afterwards.

use std::{sync::atomic::Ordering, time::Duration};

use diesel::connection::SimpleConnection;
use emap_core::{Engine, Incoming, Rules, Unavailable};
use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::rabbitmq;
use emap_postgres::Config;
use emap_service::health::{State, components};
use emap_star::Session;
use emap_test_support::{
    database,
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Kind, SqlState},
        server::postgres::Database,
    },
};

use super::{Running, admissions, proxied, publish, publisher, transport};

/// What a component says while it is down.
fn reason(core: &Running, component: &str) -> Option<String> {
    match core.health.snapshot().get(component)? {
        State::Down(reason) => Some(reason.clone()),
        State::Up => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_falls_silent_is_noticed_and_no_message_is_lost_or_done_twice() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    let (url, proxy) = proxied(&database, "?socketTimeout=2");
    let core = Running::start(&url, transport);
    core.until_ready().await;
    proxy.arm(Fault::at_client(Kind::CopyData, Action::Silence));
    publish(&publisher, "all", admissions(0, 60)).await;
    publisher.drain().await;
    core.until(|| reason(&core, components::STAR).is_some()).await;
    // Until the server notices too, the lost session keeps its locks.
    proxy.cut();
    core.until_settled(60).await;
    core.until_ready().await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (60, 0));
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging"), "60");
    assert_eq!(database.value("SELECT count(*) FROM hospital_visit"), "60");
}

/// No error says so for a long time: that nothing is settled while messages wait is enough.
#[tokio::test(flavor = "multi_thread")]
async fn a_locked_table_is_seen_in_readiness_until_the_next_commit() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    let core = Running::start_with(&database.url(), transport, |settings| {
        settings.stall_limit = Duration::from_secs(1);
    });
    core.until_ready().await;
    let locked = Database::new(&database.url(), database.name()).locked("star.hospital_visit");
    publish(&publisher, "all", admissions(0, 60)).await;
    publisher.drain().await;
    core.until(|| {
        reason(&core, components::PROGRESS).is_some_and(|reason| reason.contains("nothing was committed"))
    })
    .await;
    assert_eq!(reason(&core, components::STAR), None, "the server answers");
    assert_eq!(core.settled.load(Ordering::Relaxed), 0);
    locked.end();
    core.until_settled(60).await;
    core.until_ready().await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (60, 0));
}

/// Whoever holds the lock is at fault, however often the message meets it.
#[test]
fn a_message_that_waits_for_a_lock_has_not_failed() {
    let database = database::fresh();
    let config = Config::from_url(&format!("{}?socketTimeout=1", database.url())).unwrap();
    let connection = emap_star::connect_to(&config, database.schema()).unwrap();
    let session = Session::on_database(connection).unwrap();
    let mut engine = Engine::new(session, Rules::default()).with_lock_wait(config.lock_wait());
    let incoming = |body| Incoming::decode("hl7Queue".into(), body);
    let messages: Vec<_> = admissions(0, 1).into_iter().map(incoming).collect();
    engine.process(&messages).unwrap();

    let mut holder = database.connection();
    for lock in
        ["SELECT pg_advisory_xact_lock(hashtextextended('visit V0', 0))", "SELECT FROM mrn FOR UPDATE"]
    {
        holder.batch_execute(&format!("BEGIN; {lock}")).unwrap();
        let moved = emap_test_support::messages::transfer("M0", "V0", "W9^R^B", "2031-03-02T09:15:00Z");
        let merged = incoming(moved.to_json());
        let waited = engine.process(std::slice::from_ref(&merged));
        if lock.contains("advisory") {
            assert!(matches!(waited, Err(Unavailable::Unwilling(_))), "{waited:?}");
        }
        holder.batch_execute("ROLLBACK").unwrap();
    }
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "0");
}

/// Without a message nobody would ask the database for anything.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_goes_away_while_there_is_nothing_to_do_is_noticed() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let (url, proxy) = proxied(&database, "");
    let core = Running::start(&url, transport);
    core.until_ready().await;
    proxy.arm(Fault::at_client(Kind::Startup, Action::Refuse(SqlState::TOO_MANY_CONNECTIONS)).always());
    proxy.cut();
    core.until(|| reason(&core, components::STAR).is_some()).await;
    proxy.disarm();
    core.until_ready().await;
    core.stop().await;
}

/// It answers, but would take no rows.
#[tokio::test(flavor = "multi_thread")]
async fn a_database_that_takes_no_rows_is_not_ready_at_the_start() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let (url, proxy) = proxied(&database, "");
    proxy.arm(
        Fault::at_client(Filter::statement("INSERT INTO bed "), Action::Refuse(SqlState::DISK_FULL)).always(),
    );
    let core = Running::start(&url, transport);
    core.until(|| reason(&core, components::STAR).is_some_and(|reason| reason.contains("database"))).await;
    assert!(!core.health.is_ready());
    proxy.disarm();
    core.until_ready().await;
    core.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_does_not_fill_goes_out_however_long_it_may_wait() {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let database = database::fresh();
    let publisher = publisher(&transport, HL7_QUEUE);
    let core = Running::start_with(&database.url(), transport, |settings| {
        settings.batch_max_delay = Duration::from_secs(2);
    });
    publish(&publisher, "few", admissions(0, 3)).await;
    publisher.drain().await;
    core.until_settled(3).await;
    core.stop().await;
}
