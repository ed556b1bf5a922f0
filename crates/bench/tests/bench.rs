//! A short bench on real private servers: every stage is measured and every message arrives.

// In a test, a panic is the failure report.
#![allow(clippy::unwrap_used)]

use std::process::Command;

fn bench() -> Command {
    Command::new(env!("CARGO_BIN_EXE_emap-bench"))
}

#[test]
fn every_stage_is_measured_and_written_to_the_file() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("figures.json");
    let mut bench = bench();
    bench.args("--messages 400 --rounds 1 --disorder 10 --duplicates 5 --json".split(' '));
    let output = bench.arg(&path).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    let expected = [
        "Raw limits of this machine",
        "core, queue to star",
        "of publish",
        "of COPY",
        "which binds",
        "half-way",
        "of commit",
        "connector, 16 HTTP senders: 99 % of answers within",
        "% flowsheets",
    ];
    for words in expected {
        assert!(table.contains(words), "{table}");
    }
    let figures: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let stages = figures["stages"].as_object().unwrap();
    assert_eq!(stages.len(), 15);
    for (name, stage) in stages {
        assert!(stage["median_per_second"].as_f64().unwrap() > 0.0, "{name}");
    }
    for daemon in ["core", "connector_mllp", "hoover"] {
        assert!(stages[daemon]["memory"]["peak_bytes"].as_u64().unwrap() > 0);
    }
    assert!(stages["connector_mllp"]["p99_seconds"].as_f64().unwrap() > 0.0);
    assert_eq!(stages["core"]["errors"], 0);
    let core = &stages["core"];
    let binding = core["bound_by"].as_str().unwrap();
    assert!(["raw_consume", "raw_copy"].contains(&binding), "{binding}");
    assert_eq!(core["share_of_limits"][binding], core["ratio"]);
    assert!(core["rows_per_second"][0].as_f64().unwrap() > core["median_per_second"].as_f64().unwrap());
    for phase in ["decode", "load", "rules", "flush", "commit"] {
        let took = stages["core"]["time_spent"][phase]["microseconds_per_message"].as_f64().unwrap();
        assert!(took > 0.0 && table.contains(&format!("\n  {phase} ")), "{phase}: {took}\n{table}");
    }
    let messages = |family: &str| figures["messages_by_family"][family].as_u64().unwrap();
    assert!(
        messages("flowsheets") > 200
            && messages("labs") > 50
            && messages("ADT") > 30
            && messages("others") > 10
    );
}

#[test]
fn a_stream_of_movements_only_is_measured_too() {
    let output = bench().args("--mix adt --messages 200 --rounds 1".split(' ')).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let table = String::from_utf8(output.stdout).unwrap();
    assert!(
        table.contains("200 messages out of 200 HL7 messages") && table.contains("100.0 % ADT"),
        "{table}"
    );
}

#[test]
fn nonsense_is_refused_before_anything_starts() {
    let output = bench().args(["--disorder", "120"]).output().unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8(output.stderr).unwrap().contains("--disorder must be a percentage"));
}

/// A small star; how long writers wait there says little, but that all of it works.
#[test]
fn a_star_is_brought_up_to_date_under_load() {
    let output =
        bench().args("migration --observations 20000 --writers 2 --seconds 1".split(' ')).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("while it migrates") && text.contains(" 0 warnings"), "{text}");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
