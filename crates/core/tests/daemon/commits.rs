//! Commits whose answer is lost: the batch is neither lost nor done twice.

use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::rabbitmq;
use emap_test_support::{
    database::{self, Database},
    faults::{
        plan::Action,
        postgres::{Fault, Filter, Proxy},
    },
    messages::admit,
};

use super::{Running, admissions, bodies, proxied, publish, publisher, transport};

const COUNT: u64 = 120;

/// Messages through a database whose conversation has a fault; afterwards the effect log has every message once.
async fn once_each(database: &Database, options: &str, fault: Fault) -> (Proxy, Running) {
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let publisher = publisher(&transport, HL7_QUEUE);
    let (url, proxy) = proxied(database, options);
    let core = Running::start(&url, transport);
    core.until_ready().await;
    proxy.arm(fault);
    let mut sent = admissions(0, COUNT - 1);
    sent.extend(bodies([admit("M0", "", "W1^R^B", "2031-03-02T08:15:00Z")]));
    publish(&publisher, "all", sent).await;
    publisher.drain().await;
    core.until_settled(COUNT).await;
    core.until_ready().await;
    assert!(!proxy.seen().is_empty(), "the fault happened");
    let log = "SELECT count(*), count(DISTINCT source_id) FROM etl_per_message_logging";
    assert_eq!(database.value(log), format!("{COUNT}|{COUNT}"));
    assert_eq!(database.value("SELECT count(*) FROM hospital_visit"), (COUNT - 1).to_string());
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "1");
    (proxy, core)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_is_not_done_again() {
    for nth in 1..=3 {
        let fault = Fault::at_client(Filter::statement("COMMIT"), Action::LoseAnswer).nth(nth);
        let (_proxy, core) = once_each(&database::fresh(), "", fault).await;
        assert_eq!(core.stop().await.messages, COUNT);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_never_arrived_is_done_again() {
    let fault = Fault::at_client(Filter::statement("COMMIT"), Action::Cut).nth(2);
    let (_proxy, core) = once_each(&database::fresh(), "", fault).await;
    assert_eq!(core.stop().await.messages, COUNT);
}

/// The server takes several seconds to commit, and the connection is lost meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_goes_on_without_us_is_waited_for() {
    let database = database::fresh();
    database.execute(
        "CREATE FUNCTION star.slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(3); RETURN NULL; END $$;
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON star.hospital_visit DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW WHEN (NEW.encounter = 'V7') EXECUTE FUNCTION star.slow()",
    );
    let fault = Fault::at_client(Filter::statement("COMMIT"), Action::Silence);
    let (_proxy, core) = once_each(&database, "?socketTimeout=2", fault).await;
    assert_eq!(core.stop().await.messages, COUNT);
}

/// A failure that is recorded by itself is a commit like any other.
#[tokio::test(flavor = "multi_thread")]
async fn the_record_of_a_failure_is_not_made_twice() {
    let database = database::fresh();
    // Refused for its own sake: the batch is done message by message, and V7 is recorded as failed.
    database.execute("ALTER TABLE star.hospital_visit ADD CHECK (encounter <> 'V7')");
    let broker = rabbitmq::shared();
    let transport = transport(broker, &broker.fresh_virtual_host().unwrap());
    let publisher = publisher(&transport, HL7_QUEUE);
    let (url, proxy) = proxied(&database, "");
    let core = Running::start(&url, transport);
    core.until_ready().await;
    // One COMMIT for each of V0 to V6, the eighth is that of the record.
    proxy.arm(Fault::at_client(Filter::statement("COMMIT"), Action::LoseAnswer).nth(8));
    publish(&publisher, "all", admissions(0, 20)).await;
    publisher.drain().await;
    core.until_settled(20).await;
    let tally = core.stop().await;
    assert_eq!((tally.messages, tally.errors), (20, 1));
    assert_eq!(proxy.seen().len(), 1);
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging"), "20");
    assert_eq!(database.value("SELECT count(*) FROM etl_per_message_logging WHERE error"), "1");
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "1");
}
