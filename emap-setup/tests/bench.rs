//! A short bench on real private servers: every stage is measured and every message arrives.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used)]

use std::process::Command;

fn emap() -> Command {
    Command::new(env!("CARGO_BIN_EXE_emap"))
}

#[test]
fn every_stage_is_measured_and_written_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("figures.json");
    let mut bench = emap();
    bench.args("bench --messages 400 --rounds 1 --disorder 10 --duplicates 5 --json".split(' '));
    let output = bench.arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    for words in ["Raw limits of this machine", "core, queue to star", "of publish", "half-way"] {
        assert!(table.contains(words), "{table}");
    }
    let figures: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let stages = figures["stages"].as_object().unwrap();
    assert_eq!(stages.len(), 9);
    for (name, stage) in stages {
        assert!(stage["median_per_second"].as_f64().unwrap() > 0.0, "{name}");
    }
    assert!(stages["core"]["memory"]["peak_bytes"].as_u64().unwrap() > 0);
}

#[test]
fn nonsense_is_refused_before_anything_starts() {
    let output = emap().args(["bench", "--disorder", "120"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("--disorder must be a percentage"));
}
