//! The analysts' data dictionary, `docs/data-dictionary.md`, is written from the comments in the database.

use std::fmt::Write;

use diesel::{prelude::*, sql_types::Text};

use crate::database::{expect_file, lines, migrated_with_progress};

const FILE: &str = "../../docs/data-dictionary.md";
const INTRODUCTION: &str = include_str!("dictionary-introduction.md");

/// The tables by subject, in the order in which a reader meets them.
const SUBJECTS: [(&str, &[&str]); 9] = [
    ("Patients and visits", &["mrn", "mrn_to_live", "core_demographic", "hospital_visit"]),
    (
        "Movement",
        &["location", "location_visit", "planned_movement", "location_event", "hospital_service_event"],
    ),
    (
        "Departments, rooms and beds",
        &[
            "department",
            "department_state",
            "department_event",
            "room",
            "room_state",
            "bed",
            "bed_state",
            "bed_facility",
        ],
    ),
    ("Observations", &["visit_observation_type", "visit_observation"]),
    (
        "Laboratory",
        &[
            "lab_sample",
            "lab_order",
            "lab_result",
            "lab_isolate",
            "lab_sensitivity",
            "lab_battery",
            "lab_test_definition",
            "lab_battery_element",
        ],
    ),
    (
        "Problems, infections and allergies",
        &["condition_type", "patient_condition", "condition_visits", "allergen_reaction"],
    ),
    (
        "Consultations, advance decisions and their questions",
        &[
            "consultation_type",
            "consultation_request",
            "advance_decision_type",
            "advance_decision",
            "question",
            "request_answer",
        ],
    ),
    ("Forms", &["form_definition", "form_question", "form", "form_answer"]),
    (
        "The programs' own tables",
        &[
            "etl_per_message_logging",
            "etl_message_reject",
            "etl_person_removal",
            "etl_ids_progress",
            "etl_ids_gap",
            "etl_ids_reject",
        ],
    ),
];

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    type_name: String,
    #[diesel(sql_type = Text)]
    null: String,
    #[diesel(sql_type = Text)]
    meaning: String,
}

#[test]
fn the_data_dictionary_says_what_the_database_says() {
    let mut connection = migrated_with_progress("dictionary");
    let mut text = INTRODUCTION.to_owned();
    for (subject, _) in SUBJECTS {
        let anchor = subject.to_lowercase().replace(' ', "-").replace([',', '\''], "");
        writeln!(text, "- [{subject}](#{anchor})").unwrap();
    }
    for (subject, tables) in SUBJECTS {
        write!(text, "\n## {subject}\n").unwrap();
        for table in tables {
            describe_table(&mut connection, &mut text, table);
        }
    }
    expect_file(FILE, &text);
}

#[test]
fn the_data_dictionary_has_every_table() {
    let mut connection = migrated_with_progress("dictionary_tables");
    let present = lines(
        &mut connection,
        "SELECT tablename::text AS line FROM pg_tables WHERE schemaname = current_schema()
           AND tablename NOT LIKE '%\\_audit' AND tablename NOT LIKE '\\_\\_%' ORDER BY tablename",
    );
    let mut described: Vec<&str> = SUBJECTS.iter().flat_map(|(_, tables)| tables.iter().copied()).collect();
    described.sort_unstable();
    assert_eq!(described, present);
}

fn describe_table(connection: &mut PgConnection, text: &mut String, table: &str) {
    let comment =
        lines(connection, &format!("SELECT obj_description('{table}'::regclass, 'pg_class') AS line"));
    let columns = columns(connection, table);
    write!(text, "\n### {table}\n\n{}\n\n{}\n\n", comment[0], history(connection, table)).unwrap();
    writeln!(text, "| Column | Type | Null | Meaning |\n|---|---|---|---|").unwrap();
    for Column { name, type_name, null, meaning } in columns {
        writeln!(text, "| `{name}` | {type_name} | {null} | {meaning} |").unwrap();
    }
}

/// Where former versions are, and which columns are not listed because they mean the same everywhere.
fn history(connection: &mut PgConnection, table: &str) -> String {
    let twin = format!("SELECT '' AS line WHERE to_regclass('{table}_audit') IS NOT NULL");
    let period = format!(
        "SELECT '' AS line FROM pg_attribute WHERE attrelid = '{table}'::regclass AND attname = 'valid_until'"
    );
    if !lines(connection, &twin).is_empty() {
        format!("Former versions: `{table}_audit`. Key `{table}_id`; `valid_from`, `stored_from`.")
    } else if !lines(connection, &period).is_empty() {
        format!(
            "Former versions: in the table itself. Key `{table}_id`; `valid_from`, `stored_from`, \
             `valid_until`, `stored_until`."
        )
    } else {
        let key = match table {
            "etl_per_message_logging" | "etl_ids_progress" => "id".to_owned(),
            "etl_ids_gap" => "first_unid".to_owned(),
            "etl_ids_reject" => "unid".to_owned(),
            _ => format!("{table}_id"),
        };
        format!("Former versions: none kept. Key `{key}`.")
    }
}

/// The table's columns but for the key, `valid_from` and so on of versioned tables.
fn columns(connection: &mut PgConnection, table: &str) -> Vec<Column> {
    diesel::sql_query(
        "SELECT a.attname::text AS name,
                replace(replace(replace(format_type(a.atttypid, a.atttypmod), 'character varying', 'varchar'),
                        'timestamp with time zone', 'timestamptz'),
                        'timestamp without time zone', 'timestamp')
                || coalesce(' → `' || k.confrelid::regclass || '`', '') AS type_name,
                CASE WHEN a.attnotnull THEN 'no' ELSE 'yes' END AS null,
                col_description(a.attrelid, a.attnum) AS meaning
         FROM pg_attribute a
         LEFT JOIN pg_constraint k ON k.conrelid = a.attrelid AND k.contype = 'f' AND k.conkey[1] = a.attnum
         WHERE a.attrelid = $1::regclass AND a.attnum > 0 AND NOT a.attisdropped
           AND a.attnum <> (SELECT conkey[1] FROM pg_constraint WHERE conrelid = a.attrelid AND contype = 'p')
           AND NOT (a.attname IN ('valid_from', 'stored_from', 'valid_until', 'stored_until')
                    AND (to_regclass($1 || '_audit') IS NOT NULL
                         OR EXISTS (SELECT FROM pg_attribute u
                                    WHERE u.attrelid = a.attrelid AND u.attname = 'valid_until')))
         ORDER BY a.attnum",
    )
    .bind::<Text, _>(table)
    .load(connection)
    .unwrap()
}
