//! `core orders` as a command.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use emap_interchange::{InterchangeValue, yaml};
use emap_test_support::messages::with;

use crate::story::messages;

/// Cancelling a discharge clears the visit's, whether it is known yet or not; the stay does not care.
const PRINTED: &str = "\
\x20  1  AdmitPatient V1-2031-03-02T09:00:00Z
   2  DischargePatient V1-2031-03-02T10:00:00Z
   3  CancelDischargePatient V1-2031-03-02T10:05:00Z
   4  PendingTransfer V1-2031-03-02T10:30:00Z
   5  CancelPendingTransfer V1-2031-03-02T10:45:00Z

table                        contents   orders
mrn                                 1      120
mrn_to_live                         1      120
hospital_visit                      2      120
  60 orders, first 1 2 3 4 5
  60 orders, first 1 3 2 4 5
    ~ encounter=V1, mrn_id=M1 | discharge_datetime: null -> 2031-03-02T10:00:00Z, \
discharge_destination: null -> Home, discharge_disposition: null -> Home
core_demographic                    1      120
location                            1      120
location_visit                      1      120
location_event                      1      120
planned_movement                    1      120
";

/// Of two discharges the one processed last counts for the visit; the stay goes by their times.
const SHORTEST: [&str; 5] = [
    "hospital_visit                      3      300",
    "  messages 4 8 alone show it",
    "  1 orders, first 4 8",
    "  1 orders, first 8 4",
    "    ~ encounter=V1, mrn_id=M1 | discharge_datetime: 2031-03-02T11:00:00Z -> 2031-03-02T10:00:00Z",
];

fn orders(arguments: &[&str], files: &[PathBuf]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_core")).arg("orders").args(arguments).args(files).output().unwrap()
}

fn printed(arguments: &[&str], files: &[PathBuf]) -> String {
    let output = orders(arguments, files);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn file(directory: &Path, name: &str, text: &str) -> PathBuf {
    let path = directory.join(name);
    std::fs::write(&path, yaml::write_sequence(&messages("M1", "V1", text))).unwrap();
    path
}

#[test]
fn tells_for_each_table_what_comes_out() {
    let directory = tempfile::tempdir().unwrap();
    let files = [
        file(directory.path(), "1.yaml", "admit A 9:00; discharge A 10:00; cancel discharge A 10:00"),
        file(directory.path(), "2.yaml", "plan B 10:30; call off B 10:45"),
    ];
    assert_eq!(printed(&[], &files), PRINTED);
}

#[test]
fn the_shortest_stream_shows_what_the_whole_one_shows() {
    let directory = tempfile::tempdir().unwrap();
    let files = [file(
        directory.path(),
        "long.yaml",
        "plan B 8:30; admit A 9:00; transfer B 9:10 from A; discharge B 10:00; cancel discharge B 10:00; \
         transfer C 10:10 from B; call off B 10:15; discharge C 11:00",
    )];
    let text = printed(&["--shortest", "--sample", "300"], &files);
    let tables = text.split_once("table ").unwrap().1;
    let visit: Vec<_> =
        tables.lines().skip_while(|line| !line.starts_with("hospital_visit")).take(5).collect();
    assert_eq!(visit, SHORTEST, "{text}");
    assert!(tables.lines().any(|line| line.split_whitespace().eq(["location_visit", "1", "300"])), "{text}");
}

#[test]
fn a_message_that_fails_is_told_with_its_reason() {
    let directory = tempfile::tempdir().unwrap();
    let failing = with(messages("M1", "V1", "admit A 9:00").remove(0), |adt| {
        adt.full_location_string = InterchangeValue::delete();
    });
    let path = directory.path().join("failing.yaml");
    std::fs::write(&path, yaml::write_sequence([&failing])).unwrap();
    let text = printed(&[], &[path]);
    assert!(
        text.ends_with("message 1 failed in 1 of 1 orders: the present location cannot be deleted\n"),
        "{text}"
    );
}

#[test]
fn a_sample_is_what_its_seed_says() {
    let directory = tempfile::tempdir().unwrap();
    let files = [file(
        directory.path(),
        "plans.yaml",
        "plan A 10:00; call off A 10:15; plan A 11:00; call off A 11:15",
    )];
    let sample = |seed| printed(&["--sample", "7", "--seed", seed], &files);
    assert_eq!(sample("1"), sample("1"));
    assert_ne!(sample("1"), sample("2"));
}

#[test]
fn what_cannot_be_read_is_named() {
    let directory = tempfile::tempdir().unwrap();
    let broken = directory.path().join("broken.yaml");
    std::fs::write(&broken, "- mrn: M1\n").unwrap();
    let output = orders(&[], &[broken]);
    assert!(!output.status.success() && output.stdout.is_empty());
    assert!(String::from_utf8(output.stderr).unwrap().contains("broken.yaml"));
    let output = orders(&[], &[directory.path().join("missing.yaml")]);
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("missing.yaml"));
}
