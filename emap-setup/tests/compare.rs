//! `emap compare` of two star schemas in real databases.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::process::{Command, Output};

use diesel::connection::SimpleConnection;
use emap_core::{Engine, Incoming, Rules};
use emap_hospital::{Hospital, Mix, Settings};
use emap_interchange::{Message, queues};
use emap_star::Session;
use emap_test_support::database::{self, Database};

fn fill(database: &Database, messages: &[Message], first_key: u32) {
    let mut connection = emap_star::connect(&database.url(), database.schema()).unwrap();
    connection.batch_execute(&format!("SELECT setval('hibernate_sequence', {first_key})")).unwrap();
    let mut engine = Engine::new(Session::on_database(connection).unwrap(), Rules::default());
    for batch in messages.chunks(30) {
        let incoming: Vec<_> = batch
            .iter()
            .map(|message| Incoming::decode(queues::HL7_QUEUE.into(), message.to_json()))
            .collect();
        engine.process(&incoming).unwrap();
    }
}

fn url(database: &Database) -> String {
    database.url()
}

fn compare(a: &Database, b: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.args([
        "compare",
        "--a",
        &url(a),
        "--schema-a",
        a.schema(),
        "--b",
        &url(b),
        "--schema-b",
        b.schema(),
    ]);
    command.args(arguments).output().unwrap()
}

fn json(output: &Output) -> serde_json::Value {
    let errors = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {errors}"))
}

/// Patients of the invented hospital, all families.
fn messages() -> Vec<Message> {
    let settings = Settings { messages: 400, mix: Mix::HOSPITAL, ..Settings::default() };
    Hospital::new(settings).flat_map(|arrival| arrival.event.messages()).collect()
}

#[test]
fn the_same_messages_give_equal_schemas_whatever_the_keys() {
    let (a, b) = (database::fresh(), database::fresh());
    let messages = messages();
    fill(&a, &messages, 1);
    fill(&b, &messages, 5_000_000);
    let output = compare(&a, &b, &[]);
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.trim_end().ends_with("equal"), "{text}");
    assert!(text.contains("etl_per_message_logging: of the programs themselves"), "{text}");
}

/// A text of another value of the same type.
fn other(type_name: &str) -> &'static str {
    match type_name {
        "boolean" => "NOT coalesce({c}, false)",
        "bigint" | "integer" => "coalesce({c}, 0) + 1000003",
        "double precision" => "coalesce({c}, 0) + 1.5",
        "date" => "coalesce({c}, date '2031-01-01') + 1",
        "bytea" => "coalesce({c}, '') || '\\x00'",
        name if name.starts_with("timestamp") => "coalesce({c}, '2031-01-01') + interval '1 microsecond'",
        _ => "coalesce({c}, '') || '~'",
    }
}

#[test]
fn each_published_column_changed_in_one_row_is_found_and_nothing_else() {
    let (a, b) = (database::fresh(), database::fresh());
    let messages = messages();
    fill(&a, &messages, 1);
    fill(&b, &messages, 5_000_000);
    let columns = b.rows(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) AS type FROM pg_class c
         JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relnamespace = 'star'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
           AND c.relname NOT LIKE 'etl%' AND c.relname NOT LIKE '\\_\\_%' AND a.attname NOT LIKE 'stored_%'
           AND a.attname <> c.relname || '_id' AND a.atttypid <> 'bigint'::regtype
         ORDER BY 1, a.attnum",
    );
    let mut tried = 0;
    for column in columns {
        let parts: Vec<&str> = column.split('|').collect();
        let (table, column, type_name) = (parts[0], parts[1], parts[2]);
        if b.value(&format!("SELECT count(*) FROM {table}")) == "0" || is_known_by(table, column) {
            continue;
        }
        let key = format!("{table}_id");
        let row = b.value(&format!("SELECT max({key}) FROM {table}"));
        let changed = other(type_name).replace("{c}", column);
        let before = format!("CREATE TABLE kept AS SELECT {key}, {column} FROM {table} WHERE {key} = {row}");
        b.execute(&format!("{before}; UPDATE {table} SET {column} = {changed} WHERE {key} = {row}"));
        let report = json(&compare(&a, &b, &["--json", "--only", table]));
        let found = &report["tables"][0];
        let differing: Vec<&String> = found["columns"].as_object().unwrap().keys().collect();
        let counts = ["changed", "only_a", "only_b"].map(|name| found[name].as_i64().unwrap());
        let former = column == "valid_from" && table.ends_with("_audit");
        if former || column == "parent_table" {
            // A former version is known by the one, and what an answer belongs to by the other.
            assert_eq!(counts, [0, 1, 1], "{table}.{column}");
        } else {
            assert_eq!((counts, differing), ([1, 0, 0], vec![&column.to_owned()]), "{table}.{column}");
        }
        let back = format!("UPDATE {table} t SET {column} = k.{column} FROM kept k WHERE k.{key} = t.{key}");
        b.execute(&format!("{back}; DROP TABLE kept"));
        tried += 1;
    }
    assert!(tried > 120, "{tried} columns");
    assert!(compare(&a, &b, &[]).status.success());
}

fn is_known_by(table: &str, column: &str) -> bool {
    let table = table.strip_suffix("_audit").unwrap_or(table);
    emap_star::known_by(table).iter().flat_map(|set| set.iter()).any(|name| *name == column)
}

#[test]
fn rows_of_one_side_moved_rows_and_what_is_left_out_are_reported() {
    let (a, b) = (database::fresh(), database::fresh());
    let messages = messages();
    fill(&a, &messages, 1);
    fill(&b, &messages, 5_000_000);
    b.execute(
        "ALTER TABLE mrn ADD COLUMN extra text; CREATE TABLE waveform (waveform_id bigint PRIMARY KEY);
         DELETE FROM visit_observation WHERE visit_observation_id = (SELECT max(visit_observation_id) FROM visit_observation);
         UPDATE location_visit SET location_id = (SELECT max(location_id) FROM location)
         WHERE location_visit_id = (SELECT location_visit_id FROM location_visit
                                    WHERE location_id <> (SELECT max(location_id) FROM location) ORDER BY 1 LIMIT 1)",
    );
    let output = compare(&a, &b, &["--json"]);
    assert_eq!(output.status.code(), Some(1));
    let report = json(&output);
    let table = |name: &str| {
        report["tables"].as_array().unwrap().iter().find(|table| table["table"] == name).unwrap().clone()
    };
    assert_eq!(table("visit_observation")["only_a"], 1);
    assert_eq!(
        (&table("location_visit")["only_a"], &table("location_visit")["only_b"]),
        (&1.into(), &1.into())
    );
    assert_eq!(table("hospital_visit")["changed"], 0);
    let left_out = report["left_out"].to_string();
    assert!(left_out.contains("\"extra\"") && left_out.contains("waveform"), "{left_out}");
    let ignored = ["--only", "location_visit", "--ignore", "location_visit.location_id", "--json"];
    let report = json(&compare(&a, &b, &ignored));
    assert_eq!(report["left_out"][0]["reason"], "--ignore");
}

#[test]
fn what_cannot_be_compared_is_exit_code_two() {
    let (a, b) = (database::fresh(), database::empty());
    let code = |output: &Output| output.status.code();
    let missing = compare(&a, &b, &[]);
    assert_eq!(code(&missing), Some(2));
    assert!(String::from_utf8_lossy(&missing.stderr).contains("no schema star"));
    assert_eq!(code(&compare(&a, &a, &["--only", "nothing"])), Some(2));
    assert_eq!(code(&compare(&a, &a, &["--ignore", "nothing"])), Some(2));
}
