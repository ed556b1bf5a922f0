//! The tables as text that is the same in every run: links are followed to what people know the other row by, primary
//! keys and times of processing are left out.

use std::collections::{BTreeMap, HashMap};

use emap_test_support::database::Database;
use serde_json::{Map, Value};

type Row = Map<String, Value>;

/// What a row is known by, for tables that others or their own former versions refer to.
const KNOWN_BY: [(&str, &[&str]); 30] = [
    ("mrn", &["mrn", "nhs_number"]),
    ("mrn_to_live", &["mrn_id"]),
    ("core_demographic", &["mrn_id"]),
    ("hospital_visit", &["encounter"]),
    ("department", &["internal_id"]),
    ("room", &["department_id", "hl7string"]),
    ("bed", &["room_id", "hl7string"]),
    ("bed_state", &["csn"]),
    ("location", &["location_string"]),
    ("location_visit", &["hospital_visit_id", "location_id", "admission_datetime"]),
    ("visit_observation_type", &["source_observation_type", "interface_id", "id_in_application"]),
    ("lab_battery", &["lab_provider", "battery_code"]),
    ("lab_test_definition", &["lab_provider", "test_lab_code"]),
    ("lab_sample", &["mrn_id", "external_lab_number"]),
    ("lab_order", &["lab_sample_id", "lab_battery_id"]),
    ("lab_result", &["lab_order_id", "lab_test_definition_id"]),
    ("lab_isolate", &["lab_result_id", "lab_internal_id"]),
    ("lab_sensitivity", &["lab_isolate_id", "agent"]),
    ("lab_battery_element", &["lab_battery_id", "lab_test_definition_id"]),
    ("planned_movement", &["hospital_visit_id", "event_type", "location_id"]),
    ("condition_type", &["data_type", "internal_code"]),
    ("patient_condition", &["mrn_id", "condition_type_id", "internal_id"]),
    ("allergen_reaction", &["patient_condition_id", "name"]),
    ("consultation_type", &["code"]),
    ("consultation_request", &["internal_id"]),
    ("advance_decision_type", &["care_code"]),
    ("advance_decision", &["internal_id"]),
    ("question", &["question"]),
    ("request_answer", &["parent_id", "question_id"]),
    ("visit_observation", &["hospital_visit_id", "visit_observation_type_id", "observation_datetime"]),
];

/// Number of a record in its source system: the one key-like column that leads to no row.
const NUMBER_IN_SOURCE: &str = "internal_id";
/// Columns that depend on when the test runs, or repeat a whole message.
const LEFT_OUT: [&str; 9] = [
    "stored_from",
    "stored_until",
    "processing_start_time",
    "processing_end_time",
    "process_message_duration",
    "stack_trace",
    "rejected_at",
    "body",
    "id",
];

/// Every table that has rows, printed.
pub(crate) fn tables(database: &Database) -> BTreeMap<String, String> {
    let tables: BTreeMap<String, Vec<Row>> = names(database)
        .into_iter()
        .map(|name| (rows(database, &name), name))
        .filter(|(rows, _)| !rows.is_empty())
        .map(|(rows, name)| (name, rows))
        .collect();
    let links = Links::between(&tables);
    tables.iter().map(|(name, rows)| (name.clone(), printed(name, rows, &links))).collect()
}

fn names(database: &Database) -> Vec<String> {
    database.rows(&format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}' \
         AND table_type = 'BASE TABLE' AND table_name NOT LIKE '\\_\\_%'",
        database.schema()
    ))
}

fn rows(database: &Database, table: &str) -> Vec<Row> {
    // Instants are in the zone of the connection: UTC on a private server.
    let lines = database.rows(&format!("SELECT to_json(found)::text FROM {table} AS found"));
    lines.iter().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A paragraph for each row, a line for each column that is not null; sorted.
fn printed(table: &str, rows: &[Row], links: &Links) -> String {
    let mut paragraphs: Vec<String> = rows.iter().map(|row| paragraph(table, row, links)).collect();
    paragraphs.sort_unstable();
    paragraphs.join("\n")
}

fn paragraph(table: &str, row: &Row, links: &Links) -> String {
    let key = format!("{table}_id");
    let first = known_by(table.trim_end_matches("_audit")).unwrap_or_default();
    let place = |column: &String| first.iter().position(|name| name == column).unwrap_or(first.len());
    let mut columns: Vec<_> = row
        .iter()
        .filter(|(column, value)| **column != key && !LEFT_OUT.contains(&column.as_str()) && !value.is_null())
        .collect();
    columns.sort_by_key(|(column, _)| (place(column), column.as_str()));
    let lines =
        columns.into_iter().map(|(column, value)| format!("{column}: {}\n", links.text(column, value)));
    lines.collect::<Vec<_>>().concat()
}

fn known_by(table: &str) -> Option<&'static [&'static str]> {
    KNOWN_BY.iter().find(|(name, _)| *name == table).map(|(_, columns)| *columns)
}

/// What each primary key leads to. All tables draw their keys from one sequence.
#[derive(Default)]
struct Links<'t> {
    rows: HashMap<i64, (&'static [&'static str], &'t Row)>,
}

impl<'t> Links<'t> {
    /// Rows that are there, and former versions of those that were deleted.
    fn between(tables: &'t BTreeMap<String, Vec<Row>>) -> Self {
        let mut links = Self::default();
        for (table, columns) in KNOWN_BY {
            let key = format!("{table}_id");
            for name in [table.to_owned(), format!("{table}_audit")] {
                for row in tables.get(&name).into_iter().flatten() {
                    if let Some(id) = row[&key].as_i64() {
                        links.rows.entry(id).or_insert((columns, row));
                    }
                }
            }
        }
        links
    }

    /// A value; for a link what the other row is known by.
    fn text(&self, column: &str, value: &Value) -> String {
        match value {
            Value::Number(id) if column.ends_with("_id") && column != NUMBER_IN_SOURCE => {
                let row = id.as_i64().and_then(|id| self.rows.get(&id));
                let (columns, row) = row.unwrap_or_else(|| panic!("{column}: nothing is known of row {id}"));
                let known = columns.iter().filter(|column| !row[**column].is_null());
                known.map(|column| self.text(column, &row[*column])).collect::<Vec<_>>().join(" / ")
            }
            Value::String(text) => text.replace('\n', "\\n"),
            value => value.to_string(),
        }
    }
}
