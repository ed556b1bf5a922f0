//! `core process`: YAML files in, a line for each message out, rows in the database.
#![allow(clippy::unwrap_used)]

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use emap_test_support::{database, fixtures};
use serde_json::{Value, json};

const CLASS: &str = "uk.ac.ucl.rits.inform.interchange.adt";

fn process(url: &str, schema: &str, arguments: &[&str], files: &[PathBuf]) -> (Output, Vec<Value>) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
    command.args(["process", "--database-url", url, "--schema", schema]).args(arguments).args(files);
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let lines = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    (output, lines)
}

fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

#[test]
fn each_message_has_its_line_and_none_harms_another() {
    let directory = tempfile::tempdir().unwrap();
    let wrapped = |value: &str| {
        format!(
            r#"{{"@class": "uk.ac.ucl.rits.inform.interchange.InterchangeValue", status: SAVE, value: "{value}"}}"#
        )
    };
    let admission = format!(
        r#"
- "@class": "{CLASS}.AdmitPatient"
  sourceMessageId: "0000000001"
  sourceSystem: "EPIC"
  recordedDateTime: "2031-03-02T08:15:00Z"
  mrn: "M1"
  visitNumber: "V1"
  fullLocationString: {}
- "@class": "{CLASS}.AdmitPatient"
  mrm: "M2"
- "@class": "{CLASS}.TransferPatient"
  sourceMessageId: "0000000003"
  sourceSystem: "EPIC"
  recordedDateTime: "2031-03-02T09:15:00Z"
  mrn: "M1"
"#,
        wrapped("W1^W1 BAY1^W1-01")
    );
    let files = [
        file(directory.path(), "first.yaml", &admission),
        file(directory.path(), "broken.yaml", "- [\n"),
        file(directory.path(), "empty.yaml", ""),
    ];
    let database = database::empty();
    let (output, lines) = process(&database.url(), "star", &["--migrate", "--feature", "sde=true"], &files);
    assert_eq!(output.status.code(), Some(1), "not everything could be read");
    assert_eq!(lines.len(), 4);
    assert_eq!(
        lines[0],
        json!({"file": files[0].to_str(), "index": 0, "type": format!("{CLASS}.AdmitPatient"),
               "source_id": "0000000001", "outcome": "success", "message": null})
    );
    assert_eq!((&lines[1]["index"], &lines[1]["outcome"]), (&json!(1), &json!("error")));
    assert!(lines[1]["message"].as_str().unwrap().contains("mrm"), "{}", lines[1]);
    assert_eq!(lines[2]["outcome"], "required_data_missing");
    assert_eq!(lines[2]["message"], "required data missing: visit number");
    assert_eq!((&lines[3]["index"], &lines[3]["outcome"]), (&Value::Null, &json!("error")));
    assert_eq!(database.rows("SELECT encounter FROM hospital_visit"), ["V1"]);
    assert_eq!(database.value("SELECT count(*) FROM etl_message_reject"), "2");
}

#[test]
fn what_the_reader_makes_of_the_test_files_goes_in() {
    let mut files: Vec<PathBuf> = std::fs::read_dir(fixtures::path("interchange/AdtMessages"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 10, "{files:?}");
    let database = database::fresh();
    let (output, lines) = process(&database.url(), database.schema(), &[], &files);
    assert!(output.status.success());
    assert!(lines.len() >= files.len());
    // One of them swaps beds without the number of a visit.
    let refused: Vec<_> = lines.iter().filter(|line| line["outcome"] != "success").collect();
    let reasons: Vec<_> = refused.iter().map(|line| line["message"].as_str().unwrap()).collect();
    assert_eq!(reasons, ["required data missing: visit number"]);
    assert_eq!(
        database.value("SELECT count(*) FROM etl_per_message_logging WHERE NOT error"),
        (lines.len() - 1).to_string()
    );
    assert_eq!(
        database.value("SELECT count(*) FROM mrn_to_live"),
        database.value("SELECT count(*) FROM mrn")
    );
    assert_ne!(database.value("SELECT count(*) FROM location_visit"), "0");
}

/// So that no password must stand on a command line, which all users of the machine can read.
#[test]
fn the_database_may_be_named_by_the_environment_or_a_file() {
    let directory = tempfile::tempdir().unwrap();
    let empty = file(directory.path(), "empty.yaml", "");
    let database = database::empty();
    let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
    command.args(["process", "--migrate"]).arg(&empty);
    command.env("UDS_JDBC_URL", database.url()).env("UDS_SCHEMA", "from_environment");
    assert!(command.status().unwrap().success());
    let url = file(directory.path(), "url", &format!("{}\n", database.url()));
    let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
    command.args(["process", "--migrate", "--schema", "from_file"]).arg(&empty);
    command.arg("--database-url-file").arg(&url);
    assert!(command.status().unwrap().success());
    let schemas = "SELECT nspname::text FROM pg_namespace WHERE nspname LIKE 'from%' ORDER BY nspname";
    assert_eq!(database.rows(schemas), ["from_environment", "from_file"]);

    let url = file(directory.path(), "url", "postgresql://emap:hunter2@127.0.0.1:1/x");
    let mut command = Command::new(env!("CARGO_BIN_EXE_core"));
    command.args(["process", "--schema", "star", "--database-url-file"]).arg(&url).arg(&empty);
    let output = command.output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success() && error.contains("127.0.0.1") && !error.contains("hunter2"), "{error}");
}

#[test]
fn a_wrong_argument_says_what_is_right() {
    let (output, lines) =
        process("postgresql://127.0.0.1:1/nowhere", "star", &["--feature", "sed=true"], &["x".into()]);
    assert!(!output.status.success() && lines.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("known: sde"));
}
