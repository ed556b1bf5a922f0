//! Sources that hold what they should not, or say nothing: what is wrong is named, and nothing else stops.

use std::time::{Duration, Instant};

use emap_hoover::{RunSettings, SourceSettings, progress::EtlHooverProgress, run::run};
use emap_interchange::{Message, Payload, queues};
use emap_queue::{Transport, transport::in_process::Broker};
use emap_service::Runtime;

use crate::{
    daemon::{run_with, taken},
    site::Site,
    sources::ids,
};

const SOON: Duration = Duration::from_secs(60);

#[track_caller]
fn forms(site: &Site) -> (Vec<Message>, String) {
    site.query_with_log(&["Form", "--from", "2021-06-01T00:00:00Z", "--until", "2021-06-03T00:00:00Z"])
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_load_status_a_source_is_not_read_and_the_other_is() {
    let (site, broker) = (Site::new(), Broker::new());
    site.clarity.run_script("DELETE FROM dbo.rpt_load_status").unwrap();
    let types = ("HOOVER_DATA_TYPES", "PatientInfection,FormMetadata,Flowsheet");
    let settings = site.settings(&[types]);
    let own = RunSettings::from_settings(&settings, &[]).unwrap();
    let sources = SourceSettings::from_settings(&settings, &own.data_types).unwrap();
    let runtime = Runtime::new(Transport::InProcess(broker.clone()));
    let (health, cancel) = (runtime.health.clone(), runtime.cancel.clone());
    let running = tokio::spawn(run(sources, own, runtime, |_: &EtlHooverProgress| ()));
    let begin = Instant::now();
    let reason = |name: &str| health.to_json()["components"][name]["details"]["reason"].clone();
    let are_down = || {
        ["PatientInfection", "FormMetadata"]
            .map(reason)
            .iter()
            .all(|why| why == "clarity: the load status is empty")
    };
    while broker.depth(queues::DATABASE_EXTRACTS) < 4 || !are_down() {
        assert!(begin.elapsed() < SOON, "{}", health.to_json());
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(reason("Flowsheet").is_null(), "{}", health.to_json());
    cancel.cancel();
    running.await.unwrap().unwrap();
    assert!(taken(&broker).await.iter().all(|(class, _)| class == "Flowsheet"));
    // A run with an end does not ask for it.
    assert!(run_with(&site, &broker, &[types]).await.is_complete);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_query_with_a_syntax_error_or_none_at_all_stops_its_data_type_only() {
    let (site, broker) = (Site::new(), Broker::new());
    let directory = tempfile::tempdir().unwrap();
    std::fs::create_dir(directory.path().join("clarity")).unwrap();
    let own = |text: &str| {
        std::fs::write(directory.path().join("clarity/patient_problems.sql"), text).unwrap();
        directory.path().to_str().unwrap()
    };
    let settings = [
        ("HOOVER_DATA_TYPES", "PatientProblem,PatientAllergy"),
        ("HOOVER_MAX_FAILURES", "1"),
        ("HOOVER_SQL_DIR", own("SELECT problem_no FROM WHERE")),
    ];
    let finished = run_with(&site, &broker, &settings).await;
    let [(name, reason)] = finished.failed.as_slice() else { panic!("{finished:?}") };
    assert_eq!(*name, "PatientProblem");
    assert!(reason.starts_with("clarity/patient_problems.sql: error 156"), "{reason}");
    assert_eq!(taken(&broker).await.len(), 3, "the allergies");

    // So does a file without a statement.
    own("-- later");
    let finished = run_with(&site, &broker, &settings).await;
    assert_eq!(finished.failed.len(), 1);
    assert!(finished.failed[0].1.ends_with("clarity/patient_problems.sql is empty"), "{finished:?}");
    let output = site.hoover(&["check", "PatientProblem"], &[settings[2]]);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("patient_problems.sql is empty"));
    let query =
        ["query", "PatientProblem", "--from", "2021-06-01T00:00:00Z", "--until", "2021-06-02T00:00:00Z"];
    let output = site.hoover(&query, &[settings[2]]);
    assert_ne!(output.status.code(), Some(0));
    assert!(String::from_utf8_lossy(&output.stderr).contains("patient_problems.sql is empty"));
}

#[test]
fn texts_longer_than_their_columns_pass_unshortened() {
    let site = Site::new();
    let long = "x".repeat(10_000);
    site.clarity
        .run_script(&format!("UPDATE dbo.rpt_infection SET note_text = '{long}' WHERE infection_no = 22"))
        .unwrap();
    site.clarity.run_on_postgres("ALTER TABLE dbo.rpt_form ALTER COLUMN form_title TYPE text").unwrap();
    site.clarity.run_on_postgres(&format!("UPDATE dbo.rpt_form SET form_title = '{long}'")).unwrap();
    let forms = site.query(&["FormMetadata"]);
    let Payload::FormMetadata(form) = &forms[0].payload else { panic!("{forms:?}") };
    assert_eq!(form.form_name.as_deref(), Some(long.as_str()));
    let from = ["--from", "2021-06-11T00:00:00Z", "--until", "2021-06-12T00:00:00Z"];
    let infections = site.query(&[&["PatientInfection"], &from[..]].concat());
    let Payload::Condition(infection) = &infections[1].payload else { panic!("{infections:?}") };
    assert_eq!(infection.comment.get().map(String::len), Some(long.len()));
    let output = site.hoover(&["check", "FormMetadata"], &[]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn an_answer_of_an_unknown_kind_keeps_its_text_and_is_named() {
    let site = Site::new();
    let change = "UPDATE ids.form_answer_feed SET data_kind = 'Colour', value_text = 'red' WHERE row_id = 3";
    emap_local_services::postgres::shared().query(&site.uds, change).unwrap();
    let (messages, log) = forms(&site);
    assert_eq!(messages.len(), 3);
    let Payload::Form(form) = &messages[0].payload else { panic!("{messages:?}") };
    assert_eq!(form.answers[2].string_value.get().map(String::as_str), Some("red"));
    assert!(form.answers[2].numeric_value.is_unknown());
    assert!(log.contains("row=3") && log.contains("data_kind"), "{log}");
}

#[test]
fn codes_that_nobody_knows_leave_out_their_row_and_no_other() {
    let site = Site::new();
    let change = |sql: &str| site.clarity.run_script(sql).unwrap();
    change("UPDATE dbo.rpt_allergy SET state_code = 77 WHERE allergy_no = 61");
    change("UPDATE dbo.rpt_code_label SET label = 'Doubtful' WHERE code_set = 'ALLERGY_STATE' AND code = 1");
    change("DELETE FROM dbo.rpt_code_label WHERE code_set = 'SEVERITY' AND code = 3");
    let window = ["PatientAllergy", "--from", "2021-06-15T00:00:00Z", "--until", "2021-06-16T00:00:00Z"];
    let (messages, log) = site.query_with_log(&window);
    assert!(messages.is_empty());
    for reason in [
        "row 61: state_code: code 77 has no label",
        "row 62: state_code: unknown state \"Doubtful\"",
        "row 63: severity_code: code 3 has no label",
    ] {
        assert!(log.contains(reason), "{reason}: {log}");
    }
    change("UPDATE dbo.rpt_consult_order SET state_code = 4 WHERE order_no = 81");
    change("UPDATE dbo.rpt_consult_order SET state_code = 78 WHERE order_no = 82");
    let window = ["ConsultRequest", "--from", "2021-06-20T00:00:00Z", "--until", "2021-06-21T00:00:00Z"];
    let (messages, log) = site.query_with_log(&window);
    assert_eq!(ids(&messages), ["81", "83"], "on hold is a state, if none that is told apart");
    assert!(log.contains("row 82: state_code: code 78 has no label"), "{log}");
}
