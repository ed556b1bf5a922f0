//! Queries that take too long, and those whose rows nobody wants any more: nothing is left running in the source.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use emap_hoover::{
    SourceSettings,
    data_types::definitions,
    source::{Database, Query, SourceError},
    strategy::Definition,
};
use emap_local_services::{postgres, sql_server::Fault};
use emap_queue::transport::in_process::Broker;

use crate::{daemon::run_with, site::Site};

/// Far less than the queries would take.
const SOON: Duration = Duration::from_secs(20);
/// Rows as of forms, without an end.
const ENDLESS: &str = "WITH n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 100) \
    SELECT CAST(a.i AS bigint) AS form_no, 'a form' AS form_title, CAST(NULL AS varchar(200)) AS patient_title, \
    CAST(NULL AS datetime2(0)) AS effective_from_local \
    FROM n AS a CROSS JOIN n AS b CROSS JOIN n AS c CROSS JOIN n AS d CROSS JOIN n AS e";

fn forms() -> &'static Definition {
    definitions().into_iter().find(|definition| definition.name == "FormMetadata").unwrap()
}

/// The reporting database of a site that waits for answers for so many seconds.
fn database(site: &Site, seconds: &str) -> Arc<dyn Database> {
    let settings = site.settings(&[("HOOVER_QUERY_TIMEOUT_SECONDS", seconds)]);
    SourceSettings::from_settings(&settings, &[forms().name]).unwrap().database(forms()).unwrap()
}

fn query(sql: &str) -> Query {
    let columns = forms().columns;
    Query { file: forms().file.to_owned(), sql: sql.into(), parameters: Vec::new(), columns }
}

/// Statements that PostgreSQL under the stand-in works on for the reporting database.
fn active(site: &Site) -> String {
    let clarity = site.clarity.name();
    let query =
        format!("SELECT count(*) FROM pg_stat_activity WHERE datname = '{clarity}' AND state = 'active'");
    postgres::shared().query("postgres", &query).unwrap().trim().to_owned()
}

/// The source runs nothing, soon, nor does PostgreSQL under the stand-in.
#[track_caller]
fn assert_nothing_is_left(site: &Site) {
    wait_until(|| site.server.running() == 0, "the source runs a query");
    wait_until(|| active(site) == "0", "PostgreSQL runs a statement");
}

#[track_caller]
fn wait_until(holds: impl Fn() -> bool, otherwise: &str) {
    let begin = Instant::now();
    while !holds() {
        assert!(begin.elapsed() < SOON, "{otherwise}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_without_an_answer_in_time_is_ended_on_the_server_and_the_next_one_runs() {
    let site = Site::new();
    let database = database(&site, "1");
    let counted = ENDLESS.replace("CAST(a.i AS bigint)", "CAST(COUNT(*) AS bigint)");
    let expected = SourceError::TimedOut { file: forms().file.to_owned(), limit: Duration::from_secs(1) };
    let mut rows = database.open(query(&counted)).await.unwrap();
    assert_eq!(rows.next().await.unwrap_err(), expected);
    assert_nothing_is_left(&site);
    assert_eq!(database.describe(query(&counted)).await.unwrap_err(), expected);
    assert_nothing_is_left(&site);
    let mut rows = database.open(query(forms().built_in.split("WHERE").next().unwrap())).await.unwrap();
    assert_eq!(rows.next().await.unwrap().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_wants_any_more_are_not_read_to_their_end() {
    let site = Site::new();
    let mut rows = database(&site, "600").open(query(ENDLESS)).await.unwrap();
    assert!(!rows.next().await.unwrap().unwrap().is_empty());
    drop(rows);
    assert_nothing_is_left(&site);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_type_whose_query_takes_too_long_is_named_and_the_others_are_finished() {
    let (site, broker) = (Site::new(), Broker::new());
    for _ in 0..2 {
        site.server.fail_next("rpt_form AS f", Fault::Delay(Duration::from_secs(600)));
    }
    let settings = [
        ("HOOVER_DATA_TYPES", "FormMetadata,FormQuestionMetadata"),
        ("HOOVER_QUERY_TIMEOUT_SECONDS", "1"),
        ("HOOVER_MAX_FAILURES", "2"),
    ];
    let finished = run_with(&site, &broker, &settings).await;
    let reason = "clarity/form_metadata.sql: no answer within 1 s".to_owned();
    assert_eq!((finished.failed, finished.is_saved), (vec![("FormMetadata", reason)], true));
    assert_eq!(broker.depth(emap_interchange::queues::DATABASE_EXTRACTS), 2);
    assert_nothing_is_left(&site);
}
