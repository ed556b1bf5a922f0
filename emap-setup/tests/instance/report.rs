//! The report about a validation run.

use emap_local_services::postgres;
use emap_test_support::database::{self, Database};
use serde_json::Value;

use crate::project::{Project, Ran, YAML};

const RUN: [&str; 8] =
    ["validation", "--yes", "--report", "--no-use-hoover", "-s", "2031-02-01", "-e", "2031-02-08"];

/// An instance that fills this database.
fn yaml(database: &Database) -> String {
    let url = database.jdbc_url().replace("127.0.0.1", "host.docker.internal");
    let uds = format!(
        "  UDS_SCHEMA: star\n  UDS_JDBC_URL: \"{url}\"\n  UDS_USERNAME: {}\n  UDS_PASSWORD: none\n",
        postgres::USER
    );
    YAML.replace("  UDS_SCHEMA: star_validation\n", &uds)
}

/// What a run would have left: later than any clock.
const LEFT: &str = "
    INSERT INTO etl_per_message_logging (id, message_type, error, process_message_duration, processing_end_time)
        VALUES (1, 'a.b.AdtMessage', false, 2000000, '2099-01-01'), (2, 'a.b.AdtMessage', false, 4000000, '2099-01-01'),
               (3, 'a.b.LabOrderMsg', true, 9000000, '2099-01-01'), (4, 'a.b.LabOrderMsg', false, NULL, '2001-01-01');
    INSERT INTO etl_message_reject (etl_message_reject_id, message_type, queue, reason, body, rejected_at)
        VALUES (5, 'a.b.LabOrderMsg', 'hl7Queue', 'no | test code', 'BODY-OF-A-PATIENT', '2099-01-01Z');
    INSERT INTO mrn (mrn_id, mrn, source_system, stored_from) VALUES (6, '40900001', 'EPIC', '2031-02-01Z')";

/// The report's two files.
fn report(project: &Project) -> (String, Value) {
    let logs = project.logs();
    let find = |end: &str| {
        let name = logs.iter().find(|name| name.ends_with(end)).unwrap_or_else(|| panic!("{end}: {logs:?}"));
        project.read(&format!("project/validation_logs/{name}"))
    };
    (find("_report.md"), serde_json::from_str(&find("_report.json")).unwrap())
}

fn stamps(project: &Project) -> std::collections::BTreeSet<String> {
    project.logs().iter().map(|name| name.rsplit_once('_').unwrap().0.to_owned()).collect()
}

#[test]
fn amounts_errors_rules_and_speed_are_written_beside_the_logs() {
    let database = database::fresh();
    database.execute(LEFT);
    let project = Project::ready(&yaml(&database));
    project.respond("image", "echo sha256:1 2.0 abc");
    let ran = project.run(&RUN).expect_success();
    let (text, json) = report(&project);
    assert_eq!(stamps(&project).len(), 1, "the logs' stamp");
    assert!(ran.stdout().contains("_report.md"), "{}", ran.stdout());
    assert_eq!(json["outcome"], "done");
    assert_eq!(json["days_of_data"], 7.0);
    assert!(json["days_of_data_per_day_of_run_time"].as_f64().unwrap() > 7.0);
    let messages = json["messages"].as_array().unwrap();
    let slowest: Vec<&str> = messages.iter().map(|found| found["message_type"].as_str().unwrap()).collect();
    assert_eq!(slowest, ["LabOrderMsg", "AdtMessage"], "without the message of an earlier run");
    assert_eq!((&messages[1]["messages"], &messages[1]["mean_milliseconds"]), (&2.into(), &3.0.into()));
    assert_eq!(json["errors"][0]["reason"], "no | test code");
    let rows = json["rows"].as_array().unwrap();
    assert!(rows.iter().any(|found| found["table"] == "mrn" && found["rows"] == 1), "{rows:?}");
    let rule = json["rules"].as_array().unwrap().iter().find(|found| found["rule"] == "I08").unwrap();
    assert_eq!(rule["rows"], 1, "a number without a link");
    assert!(json["problems"].as_array().unwrap().is_empty(), "{}", json["problems"]);
    for line in [
        "| Messages | 3 |",
        "| core | LabOrderMsg | no \\| test code | 1 |",
        "| I08 | **broken**: 1 rows |",
        "| LabOrderMsg | 9.00 | 9.00 | 0.01 |",
        "| Window | 2031-02-01T00:00:00.00Z → 2031-02-08T00:00:00.00Z |",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    for secret in ["BODY-OF-A-PATIENT", "40900001", "none"] {
        assert!(!text.contains(secret) && !json.to_string().contains(&format!("\"{secret}\"")), "{secret}");
    }
    // The containers go down before; nothing is started for a report.
    assert_eq!(project.compose_calls().last().unwrap(), "down");
}

#[test]
fn a_star_that_cannot_be_asked_is_said_and_fails_no_run() {
    let project = Project::ready(YAML);
    let ran = project.run(&RUN).expect_success();
    let (text, json) = report(&project);
    assert!(
        json["problems"][0].as_str().unwrap().contains("UDS_JDBC_URL is missing"),
        "{}",
        json["problems"]
    );
    assert!(text.contains("**Not found out:** the star database was not asked"), "{text}");
    assert!(ran.stderr().contains("WARNING  the star database was not asked"), "{}", ran.stderr());
    let closed = "  UDS_SCHEMA: star\n  UDS_JDBC_URL: jdbc:postgresql://127.0.0.1:1/x\n  UDS_USERNAME: u\n  UDS_PASSWORD: p\n";
    let project = Project::ready(&YAML.replace("  UDS_SCHEMA: star_validation\n", closed));
    let ran = project.run(&RUN).expect_success();
    let said = "postgresql://127.0.0.1:1/x cannot be reached: ";
    assert!(ran.stderr().contains(said) && report(&project).0.contains(said), "{}", ran.stderr());
}

#[test]
fn a_run_that_fails_has_its_report_too() {
    let database = database::fresh();
    let project = Project::ready(&yaml(&database));
    project.respond("up", "case \"$*\" in *hl7-reader*) exit 3;; esac");
    project.run(&RUN).expect_failure(1, "hl7-reader ended with exit code 3");
    let (_, json) = report(&project);
    assert!(json["outcome"].as_str().unwrap().contains("exit code 3"));
}

#[test]
fn a_report_that_cannot_be_written_fails_with_its_file() {
    let project = Project::ready(YAML);
    // The first file of the report is a directory by then.
    project.respond(
        "logs",
        "for log in validation_logs/*_hl7-reader.txt; do mkdir -p \"${log%_hl7-reader.txt}_report.md\"; done",
    );
    let ran = project.run(&RUN);
    ran.expect_failure(1, "the run is done, but its report could not be written: ");
    ran.expect_failure(1, "_report.md");
}

#[test]
fn without_the_option_there_is_none() {
    let project = Project::ready(YAML);
    Ran::of(project.command(&["validation", "--yes", "--no-use-hoover"])).expect_success();
    assert!(project.logs().iter().all(|name| !name.contains("report")));
}
