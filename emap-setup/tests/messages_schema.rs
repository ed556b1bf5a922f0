//! `emap messages schema` gives the schemas that are published with the documents.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used)]

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn schema(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_emap")).args(["messages", "schema"]).args(args).output().unwrap()
}

fn published(class: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/interchange");
    fs::read_to_string(directory.join(format!("{class}.json"))).unwrap()
}

#[test]
fn all_types_are_listed_and_each_has_a_schema() {
    let output = schema(&[]);
    let names = String::from_utf8(output.stdout).unwrap();
    assert_eq!(names.lines().count(), 38);
    for name in ["AdmitPatient", "LabOrderMsg", "WaveformMessage"] {
        assert!(names.lines().any(|line| line == name), "{name} in {names}");
        assert_eq!(String::from_utf8(schema(&[name]).stdout).unwrap(), published(name));
    }
}

#[test]
fn schemas_are_written_to_files() {
    let directory = tempfile::tempdir().unwrap();
    let schemas = directory.path().join("new/schemas");
    let out = schemas.to_str().unwrap();
    assert!(schema(&["uk.ac.ucl.rits.inform.interchange.form.FormMsg", "--out", out]).status.success());
    assert_eq!(fs::read_to_string(schemas.join("FormMsg.json")).unwrap(), published("FormMsg"));
    assert!(schema(&["--out", out]).status.success());
    assert_eq!(fs::read_dir(&schemas).unwrap().count(), 38);
}

#[test]
fn an_unknown_type_is_named() {
    let output = schema(&["AdmitPatients"]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("AdmitPatients"));
}
