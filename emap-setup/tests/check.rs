//! `emap check` on a real database.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, Output};

use emap_test_support::database::{self, Database};

fn check(database: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.arg("check").args(arguments);
    command.env("UDS_JDBC_URL", database.jdbc_url()).env("UDS_SCHEMA", database.schema());
    command.env("UDS_USERNAME", emap_local_services::postgres::USER).output().unwrap()
}

fn text(output: &Output) -> String {
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// A patient with a visit of two stays, the first of which has a former version.
const PATIENT: &str = "
    INSERT INTO mrn (mrn_id, mrn, source_system, stored_from) VALUES (1, '40900001', 'EPIC', '2031-02-01Z');
    INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
        VALUES (2, 1, 1, '2031-02-01Z', '2031-02-01Z');
    INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, source_system, valid_from, stored_from)
        VALUES (3, 1, 'V1', 'EPIC', '2031-02-01Z', '2031-02-01Z');
    INSERT INTO location (location_id, location_string) VALUES (4, 'W1^R^B'), (5, 'W2^R^B');
    INSERT INTO location_visit (location_visit_id, hospital_visit_id, location_id, admission_datetime,
            discharge_datetime, inferred_admission, inferred_discharge, valid_from, stored_from)
        VALUES (6, 3, 4, '2031-02-01T08:00Z', '2031-02-01T10:00Z', false, false, '2031-02-01T10:00Z', '2031-02-01T10:00Z'),
               (7, 3, 5, '2031-02-01T10:00Z', NULL, false, false, '2031-02-01T10:00Z', '2031-02-01T10:00Z');
    INSERT INTO location_visit_audit (location_visit_audit_id, location_visit_id, hospital_visit_id, location_id,
            admission_datetime, inferred_admission, inferred_discharge, valid_from, valid_until, stored_from, stored_until)
        VALUES (8, 6, 3, 4, '2031-02-01T08:00Z', false, false, '2031-02-01T08:00Z', '2031-02-01T10:00Z',
                '2031-02-01T08:00Z', '2031-02-01T10:00Z')";

#[test]
fn a_sound_database_keeps_every_rule() {
    let database = database::fresh();
    database.execute(PATIENT);
    let output = check(&database, &[]);
    let lines = text(&output);
    assert_eq!(lines.lines().filter(|line| line.ends_with("  ok")).count(), 22, "{lines}");
    assert!(output.status.success());
}

#[test]
fn each_broken_rule_is_found_with_its_rows() {
    for (statement, rule, row) in [
        (
            "UPDATE location_visit SET admission_datetime = NULL WHERE location_visit_id = 7",
            "I01",
            "location_visit 7",
        ),
        (
            "UPDATE location_visit SET discharge_datetime = '2031-01-01Z' WHERE location_visit_id = 7",
            "I02",
            "location_visit 7",
        ),
        ("UPDATE location_visit_audit SET stored_until = '2031-01-01Z'", "I05", "location_visit_audit 8"),
        ("UPDATE location_visit_audit SET stored_until = '2031-02-01T09:00Z'", "I21", "location_visit 8"),
        ("DELETE FROM mrn_to_live", "I08", "mrn 1"),
        (
            "UPDATE location_visit SET discharge_datetime = '2031-02-01T11:00Z' WHERE location_visit_id = 6",
            "I10",
            "location_visit 6",
        ),
        ("UPDATE hospital_visit SET discharge_datetime = '2031-02-03Z'", "I12", "hospital_visit 3"),
        ("UPDATE hospital_visit SET patient_class = 'GHOST'", "I20", "hospital_visit 3"),
        (
            "INSERT INTO planned_movement (planned_movement_id, hospital_visit_id, event_type, cancelled, event_datetime, \
                 valid_from, stored_from) VALUES (20, 3, 'TRANSFER', true, '2031-02-01Z', '2031-02-01Z', '2031-02-01Z')",
            "I19",
            "planned_movement 20",
        ),
        (
            "INSERT INTO etl_per_message_logging (id, processing_start_time, processing_end_time) \
             VALUES (21, '2031-02-02', '2031-02-01')",
            "I22",
            "etl_per_message_logging 21",
        ),
    ] {
        let database = database::fresh();
        database.execute(PATIENT);
        database.execute(statement);
        let output = check(&database, &[]);
        let lines = text(&output);
        let broken = lines.lines().find(|line| line.starts_with(rule)).unwrap();
        assert!(broken.contains("broken: "), "{statement}: {lines}");
        assert!(lines.contains(&format!("  {row}: ")), "{statement}: {lines}");
        assert_eq!(output.status.code(), Some(1));
    }
}

#[test]
fn what_is_to_be_looked_at_is_no_violation() {
    let database = database::fresh();
    database.execute(PATIENT);
    database.execute("UPDATE location_visit_audit SET valid_until = '2031-01-31Z'");
    let output = check(&database, &["I4", "i05"]);
    assert!(text(&output).starts_with("I04  to look at: 1 rows."));
    assert!(output.status.success());
}

#[test]
fn a_window_leaves_out_what_was_stored_at_other_times() {
    let database = database::fresh();
    database.execute(PATIENT);
    database.execute("DELETE FROM mrn_to_live");
    let codes = [
        (vec!["--until", "2031-02-01T00:00:00Z"], 0),
        (vec!["--from", "2031-02-01T00:00:00Z"], 1),
        (vec!["--from", "2031-02-02T00:00:00Z"], 0),
    ];
    for (arguments, code) in codes {
        assert_eq!(check(&database, &arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn json_has_the_same_and_what_cannot_be_checked_is_an_error() {
    let database = database::fresh();
    database.execute(PATIENT);
    database.execute("DROP TABLE bed_state CASCADE");
    let output = check(&database, &["--json"]);
    let findings: serde_json::Value = serde_json::from_str(&text(&output)).unwrap();
    let of = |rule: &str| {
        findings.as_array().unwrap().iter().find(|finding| finding["rule"] == rule).unwrap().clone()
    };
    assert_eq!((of("I01")["rows"].as_i64(), of("I07")["not_checked"].is_string()), (Some(0), true));
    assert_eq!(output.status.code(), Some(2));
}
