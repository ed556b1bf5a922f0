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

/// A patient with a visit of two stays, the first of which has a former version, and a result of the laboratory.
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
                '2031-02-01T08:00Z', '2031-02-01T10:00Z');
    INSERT INTO lab_battery (lab_battery_id, battery_code, lab_provider, valid_from, stored_from)
        VALUES (9, 'FBC', 'LAB', '2031-02-01Z', '2031-02-01Z');
    INSERT INTO lab_test_definition (lab_test_definition_id, test_lab_code, lab_provider, valid_from, stored_from)
        VALUES (10, 'HB', 'LAB', '2031-02-01Z', '2031-02-01Z');
    INSERT INTO lab_sample (lab_sample_id, mrn_id, external_lab_number, valid_from, stored_from)
        VALUES (11, 1, 'S1', '2031-02-01Z', '2031-02-01Z');
    INSERT INTO lab_order (lab_order_id, lab_battery_id, lab_sample_id, valid_from, stored_from)
        VALUES (12, 9, 11, '2031-02-01Z', '2031-02-01Z');
    INSERT INTO lab_result (lab_result_id, lab_order_id, lab_test_definition_id, mime_type, value_as_real, valid_from,
            stored_from)
        VALUES (13, 12, 10, 'numeric/plain', 5, '2031-02-01Z', '2031-02-01Z')";

#[test]
fn a_sound_database_keeps_every_rule() {
    let database = database::fresh();
    database.execute(PATIENT);
    let output = check(&database, &[]);
    let lines = text(&output);
    let kept = |line: &&str| line.ends_with("  ok") || line.contains("  not applicable: the schema has no ");
    assert_eq!(lines.lines().filter(kept).count(), 28, "{lines}");
    // Everything that needs no table of a later release was asked.
    assert!(lines.lines().filter(|line| line.ends_with("  ok")).count() >= 23, "{lines}");
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
        (
            "ALTER TABLE location_visit ALTER valid_from DROP NOT NULL; \
             UPDATE location_visit SET valid_from = NULL WHERE location_visit_id = 7",
            "I03",
            "location_visit 7",
        ),
        ("UPDATE location_visit_audit SET stored_until = '2031-01-01Z'", "I05", "location_visit_audit 8"),
        (
            "ALTER TABLE location_visit_audit ALTER valid_until DROP NOT NULL; \
             UPDATE location_visit_audit SET valid_until = NULL",
            "I06",
            "location_visit_audit 8",
        ),
        (
            "INSERT INTO department (department_id, internal_id, name) VALUES (30, 1, 'W'); \
             INSERT INTO department_state (department_state_id, department_id, status, valid_from, stored_from) \
             VALUES (31, 30, 'Active', '2031-01-01Z', '2031-01-01Z'), (32, 30, 'Active', '2031-01-02Z', '2031-01-02Z')",
            "I07",
            "department_state 32",
        ),
        ("UPDATE location_visit_audit SET stored_until = '2031-02-01T09:00Z'", "I21", "location_visit 8"),
        ("DELETE FROM mrn_to_live", "I08", "mrn 1"),
        (
            "ALTER TABLE core_demographic DROP CONSTRAINT IF EXISTS core_demographic_natural_key; \
             DROP INDEX IF EXISTS core_demographic_natural_key; \
             INSERT INTO core_demographic (core_demographic_id, mrn_id, valid_from, stored_from) \
             VALUES (33, 1, '2031-02-01Z', '2031-02-01Z'), (34, 1, '2031-02-01Z', '2031-02-01Z')",
            "I09",
            "core_demographic 34",
        ),
        (
            "UPDATE location_visit SET discharge_datetime = '2031-02-01T11:00Z' WHERE location_visit_id = 6",
            "I10",
            "location_visit 6",
        ),
        ("UPDATE hospital_visit SET discharge_datetime = '2031-02-03Z'", "I12", "hospital_visit 3"),
        (
            "INSERT INTO visit_observation_type (visit_observation_type_id, id_in_application, source_observation_type, \
                 valid_from, stored_from) VALUES (35, '8', 'flowsheet', '2031-02-01Z', '2031-02-01Z'); \
             INSERT INTO visit_observation (visit_observation_id, source_system, hospital_visit_id, visit_observation_type_id, \
                 observation_datetime, value_as_real, value_as_text, valid_from, stored_from) \
             VALUES (36, 'EPIC', 3, 35, '2031-02-01Z', 1, 'one', '2031-02-01Z', '2031-02-01Z')",
            "I13",
            "visit_observation 36",
        ),
        (
            "INSERT INTO visit_observation_type (visit_observation_type_id, source_observation_type, valid_from, \
                 stored_from) VALUES (37, 'flowsheet', '2031-02-01Z', '2031-02-01Z')",
            "I14",
            "visit_observation_type 37",
        ),
        ("UPDATE lab_result SET range_low = 9, range_high = 3", "I15", "lab_result 13"),
        (
            "INSERT INTO lab_isolate (lab_isolate_id, lab_result_id, lab_internal_id, valid_from, stored_from) \
             VALUES (43, 13, '1', '2031-02-01Z', '2031-02-01Z')",
            "I16",
            "lab_isolate 43",
        ),
        (
            "INSERT INTO condition_type (condition_type_id, data_type, internal_code, valid_from, stored_from) \
             VALUES (44, 'PROBLEM_LIST', '9', '2031-02-01Z', '2031-02-01Z'); \
             INSERT INTO patient_condition (patient_condition_id, condition_type_id, mrn_id, added_datetime, valid_from, \
                 stored_from) VALUES (45, 44, 1, '2031-02-01Z', '2031-02-01Z', '2031-02-01Z')",
            "I17",
            "patient_condition 45",
        ),
        (
            "INSERT INTO question (question_id, question, valid_from, stored_from) \
             VALUES (46, 'Fasting?', '2031-02-01Z', '2031-02-01Z'); \
             INSERT INTO request_answer (request_answer_id, question_id, parent_id, parent_table, valid_from, stored_from) \
             VALUES (47, 46, 99, 'LAB_SAMPLE', '2031-02-01Z', '2031-02-01Z')",
            "I18",
            "request_answer 47",
        ),
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

/// Bedside data as a later release of the schema has it, two rows of one stream without a gap.
const WAVEFORMS: &str = "
    CREATE TABLE IF NOT EXISTS waveform (
        waveform_id bigint PRIMARY KEY, stored_from timestamptz NOT NULL, valid_from timestamptz NOT NULL,
        observation_datetime timestamptz NOT NULL, sampling_rate bigint NOT NULL, source_location varchar(255) NOT NULL,
        unit varchar(255) NOT NULL, values_array double precision[] NOT NULL, location_visit_id bigint,
        visit_observation_type_id bigint NOT NULL);
    INSERT INTO visit_observation_type (visit_observation_type_id, interface_id, id_in_application,
            source_observation_type, valid_from, stored_from)
        VALUES (50, '27', '27', 'waveform', '2031-02-01Z', '2031-02-01Z');
    INSERT INTO waveform (waveform_id, stored_from, valid_from, observation_datetime, sampling_rate, source_location, unit,
            values_array, location_visit_id, visit_observation_type_id)
        SELECT 50 + n, t, t, t, 50, 'BED1', 'mV', array_fill(0.5::float8, ARRAY[50]), 7, 50
        FROM (VALUES (1, '2031-02-01T12:00:00Z'::timestamptz), (2, '2031-02-01T12:00:01Z')) AS rows(n, t)";

#[test]
fn rules_about_waveforms_find_what_breaks_them() {
    let of = |statement: &str, arguments: &[&str]| {
        let database = database::fresh();
        database.execute(&format!("{PATIENT};{WAVEFORMS};{statement}"));
        let output = check(&database, arguments);
        (text(&output), output.status.code())
    };
    let all = ["I23", "I24", "I25", "I26", "I27"];
    assert_eq!(of("", &all), ("I23  ok\nI24  ok\nI25  ok\nI26  ok\nI27  ok\n".to_owned(), Some(0)));
    for (statement, rule, row) in [
        // One millisecond is what rounding makes.
        (
            "UPDATE waveform SET observation_datetime = '2031-02-01T12:00:01.002Z' WHERE waveform_id = 52",
            "I23",
            "waveform 52: follows the row before it after a gap of 0.002 s",
        ),
        (
            "UPDATE waveform SET observation_datetime = '2031-02-01T12:00:00.9985Z' WHERE waveform_id = 52",
            "I23",
            "waveform 52: overlaps the row before it",
        ),
        ("UPDATE waveform SET values_array = '{}' WHERE waveform_id = 52", "I24", "waveform 52: no samples"),
        (
            "UPDATE waveform SET values_array = array_fill(1.0::float8, ARRAY[3001]) WHERE waveform_id = 52",
            "I24",
            "waveform 52: more than 3000 samples",
        ),
        (
            "UPDATE waveform SET sampling_rate = 0 WHERE waveform_id = 52",
            "I24",
            "waveform 52: sampling_rate is not above 0",
        ),
        (
            "UPDATE waveform SET observation_datetime = '2031-02-01T09:00Z', location_visit_id = 7 WHERE waveform_id = 52",
            "I26",
            "waveform 52: observation_datetime is outside of the stay",
        ),
        (
            "UPDATE waveform SET observation_datetime = '2031-02-01T09:00Z', location_visit_id = 6 WHERE waveform_id = 52",
            "I26",
            "waveform 52: rows of one source_location are linked to stays at several locations",
        ),
        (
            "INSERT INTO visit_observation_type (visit_observation_type_id, interface_id, id_in_application, \
              source_observation_type, valid_from, stored_from) \
          VALUES (60, '27', NULL, 'waveform', '2031-02-01Z', '2031-02-01Z')",
            "I27",
            "visit_observation_type 60",
        ),
    ] {
        let (lines, code) = of(statement, &[rule]);
        assert!(
            lines.starts_with(&format!("{rule}  broken: ")) && lines.contains(row),
            "{statement}: {lines}"
        );
        assert_eq!(code, Some(1));
    }
    for allowed in [
        "UPDATE waveform SET observation_datetime = '2031-02-01T12:00:01.001Z' WHERE waveform_id = 52",
        "UPDATE waveform SET observation_datetime = '2031-02-01T12:05:00Z' WHERE waveform_id = 52",
        "ALTER TABLE waveform ADD COLUMN IF NOT EXISTS channel_id varchar(255); \
         UPDATE waveform SET observation_datetime = '2031-02-01T12:00:00Z', channel_id = waveform_id::text",
    ] {
        assert_eq!(of(allowed, &["I23"]), ("I23  ok\n".to_owned(), Some(0)), "{allowed}");
    }
    let (lines, code) = of("UPDATE waveform SET location_visit_id = NULL WHERE waveform_id = 52", &["I25"]);
    assert!(lines.starts_with("I25  to look at: 1 rows."), "{lines}");
    assert_eq!(code, Some(0));
}

#[test]
fn a_plan_that_is_matched_with_itself_or_with_nothing_is_to_be_looked_at() {
    const PLANS: &str = "
        ALTER TABLE planned_movement ADD COLUMN IF NOT EXISTS matched_movement_id bigint;
        INSERT INTO planned_movement (planned_movement_id, hospital_visit_id, event_type, cancelled, event_datetime,
                matched_movement_id, valid_from, stored_from)
            VALUES (20, 3, 'TRANSFER', false, '2031-02-01Z', 21, '2031-02-01Z', '2031-02-01Z'),
                   (21, 3, 'ADMISSION', false, '2031-02-01Z', NULL, '2031-02-01Z', '2031-02-01Z')";
    for (matched, found) in [("21", "I28  ok"), ("20", "is the row itself"), ("99", "leads to no row")] {
        let database = database::fresh();
        database.execute(&format!("{PATIENT};{PLANS}"));
        database.execute(&format!(
            "UPDATE planned_movement SET matched_movement_id = {matched} WHERE planned_movement_id = 20"
        ));
        let output = check(&database, &["I28"]);
        assert!(text(&output).contains(found), "{matched}: {}", text(&output));
        assert!(output.status.success());
    }
}

#[test]
fn a_rule_about_what_the_schema_does_not_have_is_not_applicable() {
    let database = database::fresh();
    database.execute(PATIENT);
    database.execute("ALTER TABLE planned_movement DROP COLUMN IF EXISTS matched_movement_id");
    database.execute("DROP TABLE IF EXISTS waveform CASCADE");
    let output = check(&database, &["I23", "I28"]);
    assert_eq!(
        text(&output),
        "I23  not applicable: the schema has no waveform\n\
         I28  not applicable: the schema has no planned_movement.matched_movement_id\n"
    );
    assert!(output.status.success());
    let json: serde_json::Value = serde_json::from_str(&text(&check(&database, &["--json", "I28"]))).unwrap();
    assert_eq!(json[0]["not_applicable"], "the schema has no planned_movement.matched_movement_id");
}

#[test]
fn the_database_may_be_named_on_the_command_line() {
    let database = database::fresh();
    database.execute(PATIENT);
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.args([
        "check",
        "--database-url",
        &database.url(),
        "--schema",
        database.schema(),
        "--to",
        "2031-02-01T00:00:00Z",
    ]);
    let output = command.env_remove("UDS_JDBC_URL").output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn what_is_to_be_looked_at_is_no_violation() {
    let database = database::fresh();
    database.execute(PATIENT);
    database.execute("UPDATE location_visit_audit SET valid_until = '2031-01-31Z'");
    // Two visits in one bed.
    database.execute(
        "INSERT INTO department (department_id, internal_id) VALUES (70, 1);
         INSERT INTO room (room_id, hl7string, department_id) VALUES (71, 'R', 70);
         INSERT INTO bed (bed_id, hl7string, room_id) VALUES (72, 'B', 71);
         UPDATE location SET department_id = 70, room_id = 71, bed_id = 72 WHERE location_id = 5;
         INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, source_system, valid_from, stored_from)
         VALUES (73, 1, 'V2', 'EPIC', '2031-02-01Z', '2031-02-01Z');
         INSERT INTO location_visit (location_visit_id, hospital_visit_id, location_id, admission_datetime,
             inferred_admission, inferred_discharge, valid_from, stored_from)
         VALUES (74, 73, 5, '2031-02-01T10:00Z', false, false, '2031-02-01T10:00Z', '2031-02-01T10:00Z')",
    );
    let output = check(&database, &["I4", "i05", "i11"]);
    assert!(text(&output).starts_with("I04  to look at: 1 rows."));
    assert!(text(&output).contains("I11  to look at: 2 rows."));
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

/// Nothing was found broken, as nothing was found.
#[test]
fn a_database_that_is_not_there_is_no_broken_rule() {
    for (arguments, words) in [
        (
            &["--database-url", "postgresql://127.0.0.1:1/star", "--schema", "star"][..],
            "emap: the star database, postgresql://127.0.0.1:1/star",
        ),
        (&[], "emap: set UDS_JDBC_URL"),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
        let output = command.arg("check").args(arguments).env_remove("UDS_JDBC_URL").output().unwrap();
        let errors = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && errors.starts_with(words), "{errors}");
        assert_eq!(errors.lines().count(), 1, "{errors}");
    }
}
