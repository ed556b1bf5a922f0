//! The daemon, from the databases to the queue.

use std::time::Duration;

use emap_hoover::{
    RunSettings, SourceSettings,
    data_types::definitions,
    progress::{EtlHooverProgress, ProgressTable},
    run::{Finished, run},
};
use emap_interchange::{Message, queues};
use emap_local_services::sql_server::Fault;
use emap_queue::{BatchLimit, Consumer, ConsumerSettings, Transport, transport::in_process::Broker};
use emap_service::{DatabaseSettings, Runtime};

use crate::site::Site;

const UNTIL: (&str, &str) = ("HOOVER_DATE_UNTIL", "2021-07-02T00:00:00Z");

pub(crate) async fn run_with(site: &Site, broker: &Broker, more: &[(&str, &str)]) -> Finished {
    let settings = site.settings(&[&[UNTIL], more].concat());
    let own = RunSettings::from_settings(&settings, &[]).unwrap();
    let sources = SourceSettings::from_settings(&settings, &own.data_types).unwrap();
    let runtime = Runtime::new(Transport::InProcess(broker.clone()));
    let running = run(sources, own, runtime, |_: &EtlHooverProgress| ());
    tokio::time::timeout(Duration::from_secs(120), running).await.expect("it ends by itself").unwrap()
}

pub(crate) async fn taken(broker: &Broker) -> Vec<(String, String)> {
    let count = broker.depth(queues::DATABASE_EXTRACTS);
    let transport = Transport::InProcess(broker.clone());
    let mut consumer =
        Consumer::start(transport, ConsumerSettings::of(vec![queues::DATABASE_EXTRACTS.to_owned()]));
    let mut messages = Vec::new();
    while messages.len() < count {
        let limit = BatchLimit::messages(count - messages.len());
        let batch = consumer.next_batch(limit, Duration::from_millis(5)).await.unwrap();
        messages.extend(batch.deliveries.iter().map(|delivery| {
            let message = Message::from_json(&delivery.body).unwrap();
            let class = message.class_name().rsplit('.').next().unwrap_or_default().to_owned();
            (class, message.source_message_id.unwrap())
        }));
        consumer.settle(batch.ticket, &[]);
    }
    consumer.close().await;
    messages
}

fn of<'m>(messages: &'m [(String, String)], class: &str) -> Vec<&'m str> {
    messages.iter().filter(|(of, _)| of == class).map(|(_, id)| id.as_str()).collect()
}

fn progress(site: &Site) -> Vec<EtlHooverProgress> {
    let uds = DatabaseSettings::uds(&site.settings(&[])).unwrap();
    ProgressTable::connect(&uds).unwrap().load().unwrap()
}

fn complete() -> Finished {
    Finished { failed: Vec::new(), is_complete: true, is_saved: true }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bounded_run_sends_everything_once_saves_and_ends() {
    let (site, broker) = (Site::new(), Broker::new());
    assert_eq!(run_with(&site, &broker, &[]).await, complete());
    let messages = taken(&broker).await;
    // In windows of a day each change comes on its own.
    assert_eq!(of(&messages, "PatientInfection"), ["21", "22", "21", "23"]);
    assert_eq!(of(&messages, "LabMetadataMsg"), ["2", "1", "1", "2"]);
    assert_eq!(of(&messages, "Flowsheet"), ["1001", "1002", "1003", "1006"]);
    assert_eq!((of(&messages, "FormMsg").len(), of(&messages, "LocationMetadata").len()), (3, 9));
    assert_eq!(site.server.most_running(), 2, "one at a time in each of two databases");

    let saved = progress(&site);
    let of_part = |name: &str, part: &str| {
        let row = saved.iter().find(|row| row.data_type == name && row.sub_id == part);
        row.map(|row| row.last_processed_datetime.to_rfc3339())
    };
    assert_eq!(saved.len(), definitions().iter().map(|definition| definition.sub_ids.len()).sum::<usize>());
    assert_eq!(of_part("Flowsheet", "").as_deref(), Some("2021-07-02T00:00:00+00:00"));
    assert_eq!(of_part("LabMetadata", "BATTERY").as_deref(), Some("2021-06-01T12:00:00.500+00:00"));
    assert_eq!(of_part("LabMetadata", "TEST").as_deref(), Some("2020-01-01T00:00:00+00:00"));
    // The greatest time that the source knows; not that which stands for an unknown one.
    assert_eq!(of_part("ResearchOptOut", "").as_deref(), Some("2021-01-02T00:00:00.250+00:00"));

    // Of the last row, also if no message could be made of it, and whatever empty windows came after.
    let last_id = |name: &str| saved.iter().find(|row| row.data_type == name)?.last_processed_id.as_deref();
    let found = ["ConsultRequest", "PatientProblem", "Flowsheet", "Form"].map(last_id);
    assert_eq!(found, ["83", "42", "1008", "8"].map(Some));

    // A second run finds nothing new.
    assert_eq!(run_with(&site, &broker, &[]).await, complete());
    assert_eq!(broker.depth(queues::DATABASE_EXTRACTS), 0);
    assert_eq!(progress(&site), saved);
}

#[tokio::test(flavor = "multi_thread")]
async fn deadlocks_and_cut_connections_only_repeat_a_window() {
    let (site, broker) = (Site::new(), Broker::new());
    site.server.fail_next("rpt_infection AS i", Fault::Refuse(1205));
    site.server.fail_next("wh_chart_value", Fault::CutAfter(0));
    site.server.fail_next("wh_chart_value", Fault::CutAfter(3));
    let only = ("HOOVER_DATA_TYPES", "PatientInfection,Flowsheet");
    assert_eq!(run_with(&site, &broker, &[only]).await, complete());
    let messages = taken(&broker).await;
    assert_eq!(of(&messages, "PatientInfection"), ["21", "22", "21", "23"]);
    assert_eq!(of(&messages, "Flowsheet"), ["1001", "1002", "1003", "1006"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_data_type_that_fails_ends_the_run_with_its_name_and_the_others_are_finished() {
    let (site, broker) = (Site::new(), Broker::new());
    site.clarity.run_on_postgres("ALTER TABLE dbo.rpt_problem DROP COLUMN note_text").unwrap();
    let settings =
        [("HOOVER_DATA_TYPES", "PatientProblem,PatientAllergy,Flowsheet"), ("HOOVER_MAX_FAILURES", "2")];
    let finished = run_with(&site, &broker, &settings).await;
    let [(name, reason)] = finished.failed.as_slice() else { panic!("{finished:?}") };
    assert_eq!((*name, finished.is_saved), ("PatientProblem", true));
    assert!(reason.contains("207") && reason.contains("note_text"), "{reason}");
    let messages = taken(&broker).await;
    assert_eq!(of(&messages, "PatientAllergy").len(), 3);
    assert_eq!(of(&messages, "Flowsheet").len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_login_is_not_tried_again_by_every_data_type() {
    let (site, broker) = (Site::new(), Broker::new());
    let settings =
        [("HOOVER_DATA_TYPES", "PatientProblem,PatientAllergy,Form"), ("CLARITY_PASSWORD", "wrong")];
    let finished = run_with(&site, &broker, &settings).await;
    assert_eq!(finished.failed.len(), 2);
    assert!(finished.failed[0].1.contains("login refused: error 18456"), "{finished:?}");
    assert_eq!(site.server.logins(), 1);
    assert_eq!(of(&taken(&broker).await, "FormMsg").len(), 3);
}
