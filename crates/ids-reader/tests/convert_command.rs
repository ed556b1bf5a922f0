//! The command `ids-reader convert`, as people and scripts run it.
#![allow(clippy::unwrap_used)]

mod support;

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use emap_interchange::yaml;
use emap_test_support::fixtures;

fn convert(configure: impl FnOnce(&mut Command) -> &mut Command) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ids-reader"));
    command.arg("convert");
    for setting in
        ["TZ", "IDS_CFG_DEFAULT_START_DATETIME", "EMAP_INTERCHANGE_PRESET", "EMAP_INTERCHANGE_FEATURES"]
    {
        command.env_remove(setting);
    }
    configure(&mut command).output().unwrap()
}

fn file(dir: &Path, name: &str, text: &str) -> PathBuf {
    let path = dir.join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn all_messages_of_all_files_in_order() {
    let files = ["journey/01_a04", "journey/02_a01", "journey/03_a02", "journey/04_a03"];
    let paths = files.map(|file| fixtures::path(&format!("hl7/adt/{file}.hl7")));
    let output = convert(|command| command.args(["--source-id", "42"]).args(paths));
    assert!(output.status.success(), "{}", stderr(&output));
    let expected = files.map(|file| fixtures::adt(&format!("{file}.yaml")));
    assert_eq!(yaml::read(&stdout(&output)).unwrap(), expected);
    assert_eq!(stderr(&output), "");
}

#[test]
fn a_skipped_message_gives_an_empty_sequence_and_a_reason() {
    let dir = tempfile::tempdir().unwrap();
    let skipped = file(dir.path(), "a09.hl7", &support::triggered("A09", &[]));
    let output = convert(|command| command.arg(&skipped));
    assert_eq!((output.status.code(), stdout(&output).trim()), (Some(0), "[]"));
    assert!(
        stderr(&output).contains("a09.hl7: skipped: no rule for this ADT trigger"),
        "{}",
        stderr(&output)
    );
    let good = file(dir.path(), "a01.hl7", &support::message(&[]));
    let output = convert(|command| command.arg(&skipped).arg(good));
    assert_eq!((output.status.code(), yaml::read(&stdout(&output)).unwrap().len()), (Some(0), 1));
}

#[test]
fn a_bad_message_gives_an_empty_sequence_a_reason_and_exit_code_1() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(dir.path(), "good.hl7", &support::message(&[]));
    let bad = file(dir.path(), "bad.hl7", &support::message(&[("EVN-2", "20241301")]));
    let output = convert(|command| command.arg(good).arg(bad));
    assert_eq!((output.status.code(), stdout(&output).trim()), (Some(1), "[]"));
    assert!(
        stderr(&output).contains("bad.hl7: rejected: EVN-2 (segment 2): no such date"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn settings_come_from_the_environment() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(dir.path(), "good.hl7", &support::message(&[]));
    let output = convert(|command| command.arg(&good).env("TZ", "Asia/Kolkata"));
    assert!(stdout(&output).contains("2024-01-05T05:00:00Z"), "{}", stdout(&output));
    let output = convert(|command| command.arg(&good).env("TZ", "Atlantis/Capital"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("ids-reader: set TZ to a time zone name"), "{}", stderr(&output));
    let output = convert(|command| command.arg(&good).env("IDS_CFG_DEFAULT_START_DATETIME", "soon"));
    assert!(
        stderr(&output).contains("set IDS_CFG_DEFAULT_START_DATETIME to an instant"),
        "{}",
        stderr(&output)
    );
}

#[test]
fn receivers_get_what_they_understand() {
    let dir = tempfile::tempdir().unwrap();
    let admission = support::message(&[("PV1-4", "Elective"), ("PV1-10", "Renal")]);
    let files = [
        file(dir.path(), "a01.hl7", &admission),
        file(dir.path(), "a16.hl7", &support::triggered("A16", &[])),
    ];
    let given = |preset: &str, features: &str| {
        let environment = [("EMAP_INTERCHANGE_PRESET", preset), ("EMAP_INTERCHANGE_FEATURES", features)];
        convert(|command| command.args(&files).envs(environment))
    };
    // What is printed, and how many messages it is.
    for (preset, features, properties, count) in [
        ("", "", &[][..], 1),
        ("main", "+admission_type", &["admissionType"], 1),
        ("develop", "", &["pendingDestination", "hospitalService"], 2),
        ("2026", "-admission_type,-pending_discharge", &["hospitalService"], 1),
        ("2026", "", &["admissionType", "hospitalService", "pendingDestination"], 2),
    ] {
        let output = given(preset, features);
        let printed = stdout(&output);
        for property in ["admissionType", "hospitalService", "pendingDestination"] {
            assert_eq!(printed.contains(property), properties.contains(&property), "{property}\n{printed}");
        }
        assert_eq!(yaml::read(&printed).unwrap().len(), count, "{preset} {features}");
        let skipped =
            "a16.hl7: skipped: no rule for this ADT trigger while the feature pending_discharge is off";
        assert_eq!(stderr(&output).contains(skipped), count == 1, "{}", stderr(&output));
    }
    for (preset, features, line) in [
        (
            "2025",
            "",
            "ids-reader: set EMAP_INTERCHANGE_PRESET to one of main, develop, 2026 (it is \"2025\")",
        ),
        ("main", "+waveform_low_freq", "ids-reader: set EMAP_INTERCHANGE_FEATURES to a list"),
    ] {
        let output = given(preset, features);
        assert_eq!(output.status.code(), Some(1));
        assert!(
            stderr(&output).starts_with(line) && stderr(&output).lines().count() == 1,
            "{}",
            stderr(&output)
        );
    }
}

#[test]
fn settings_come_from_the_file_of_the_daemon_too() {
    let dir = tempfile::tempdir().unwrap();
    let good = file(dir.path(), "good.hl7", &support::message(&[]));
    let config = file(dir.path(), "reader.yaml", "tz: Asia/Kolkata\nids: {reader: {block-rows: 500}}\n");
    let output = convert(|command| command.arg("--config").arg(&config).arg(&good));
    assert!(stdout(&output).contains("2024-01-05T05:00:00Z"), "{}", stderr(&output));
    let output = convert(|command| command.arg("--config").arg(&config).arg(&good).env("TZ", "UTC"));
    assert!(!stdout(&output).contains("2024-01-05T05:00:00Z"), "the environment wins over the file");
}

#[test]
fn the_former_name_of_replay_is_still_accepted() {
    for name in ["replay", "retry"] {
        let output =
            Command::new(env!("CARGO_BIN_EXE_ids-reader")).args([name, "--config", "no/such.yaml"]).output();
        let output = output.unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(stderr(&output).contains("no/such.yaml"), "{}", stderr(&output));
    }
}

#[test]
fn a_file_that_cannot_be_read_is_named() {
    let output = convert(|command| command.arg("no/such/file.hl7"));
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("no/such/file.hl7"), "{}", stderr(&output));
}
