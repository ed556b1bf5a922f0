//! Every HL7 file under `test-files/hl7` but the demo's, through reader and core into PostgreSQL: what the tables hold
//! afterwards is what `test-files/star` says. `make expectations` accepts a change.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod expectations;
mod printed;

use std::path::{Path, PathBuf};

use emap_core::{Engine, Incoming, Rules};
use emap_ids_reader::{ConversionOutcome, ConvertSettings, Converter};
use emap_interchange::{Features, Generation, Message, queues};
use emap_star::Session;
use emap_test_support::{database, fixtures};

/// Small enough that a patient's messages fall into several batches, large enough that most batches hold several
/// patients.
const BATCH: usize = 20;

/// The HL7 files, in the order of their names; one message each.
fn files() -> Vec<PathBuf> {
    let mut files = Vec::new();
    collect(&fixtures::path("hl7"), &mut files);
    files.sort();
    files
}

fn collect(directory: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("demo") {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "hl7") {
            files.push(path);
        }
    }
}

/// The file's name below `test-files/hl7`, which serves as id of its messages: rows that name their source say where
/// they come from.
fn name(file: &Path) -> String {
    let name = file.strip_prefix(fixtures::path("hl7")).unwrap().with_extension("");
    name.to_str().unwrap().to_owned()
}

/// All messages of all files, and a line for each file that gives none.
fn converted(files: &[PathBuf]) -> (Vec<Message>, String) {
    let features = Features::of(Generation::Latest);
    let mut converter = Converter::new(ConvertSettings { features, ..ConvertSettings::default() });
    let (mut messages, mut unconverted) = (Vec::new(), Vec::new());
    for file in files {
        let name = name(file);
        let text = std::fs::read(file).unwrap();
        let reason = match converter.convert(&name, &text).outcome {
            ConversionOutcome::Messages(found) => {
                messages.extend(found);
                continue;
            }
            ConversionOutcome::Skipped { reason } => format!("skipped: {reason}"),
            ConversionOutcome::Rejected { reason } => format!("rejected: {reason}"),
        };
        unconverted.push(format!("{name}: {reason}\n"));
    }
    (messages, unconverted.concat())
}

#[test]
fn all_files_fill_the_tables_as_expected() {
    let files = files();
    assert!(files.len() > 50, "{} files", files.len());
    let (messages, unconverted) = converted(&files);
    let database = database::fresh();
    let connection = emap_star::connect(&database.url(), database.schema()).unwrap();
    let mut engine = Engine::new(Session::on_database(connection).unwrap(), Rules::default());
    for batch in messages.chunks(BATCH) {
        let bodies = batch.iter().map(|message| {
            // As they come from the queue.
            Incoming::decode(queues::HL7_QUEUE.into(), message.to_json())
        });
        engine.process(&bodies.collect::<Vec<_>>()).unwrap();
    }
    let mut found = printed::tables(&database);
    if !unconverted.is_empty() {
        found.insert("not_converted".to_owned(), unconverted);
    }
    expectations::compare(&fixtures::path("star"), &found);
}
