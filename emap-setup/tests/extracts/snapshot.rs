//! All rows of all tables of the star schema, with their primary keys and the times at which they were stored.

use std::{collections::BTreeMap, fmt::Write};

use emap_test_support::database::Database;

/// Tables in which a repeated message leaves a row, whatever it says.
const GROWS: [&str; 3] = ["etl_per_message_logging", "etl_message_reject", "form_answer_audit"];
/// Columns that a repeated message changes, or a progress that begins anew.
const CHANGES: [(&str, &str); 3] = [
    // Beds of a pool are counted by their messages.
    ("bed_state", "pool_bed_count"),
    // An edited answer goes back to the first one and forth again.
    ("form_answer", "stored_from"),
    ("etl_hoover_progress", "id,last_processing_datetime"),
];

/// The rows of every table, sorted, but for what a second pass changes.
pub(crate) fn of(star: &Database) -> BTreeMap<String, Vec<String>> {
    let mut tables = star.rows(&format!(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = '{}' AND table_type = 'BASE TABLE'",
        star.schema()
    ));
    assert!(tables.len() > 50, "{} tables", tables.len());
    tables.retain(|table| !GROWS.contains(&table.as_str()));
    tables.into_iter().map(|table| (rows(star, &table), table)).map(|(rows, table)| (table, rows)).collect()
}

fn rows(star: &Database, table: &str) -> Vec<String> {
    let changes = CHANGES.into_iter().find(|(of, _)| *of == table);
    let left_out = changes.map_or("", |(_, columns)| columns);
    star.rows(&format!("SELECT to_jsonb(found) - '{{{left_out}}}'::text[] FROM {table} AS found ORDER BY 1"))
}

/// Shows only the rows that one of both has.
pub(crate) fn assert_same(after: &BTreeMap<String, Vec<String>>, before: &BTreeMap<String, Vec<String>>) {
    assert!(after.keys().eq(before.keys()), "other tables");
    let mut differences = String::new();
    for (table, rows) in after {
        for (sign, rows, others) in [('-', &before[table], rows), ('+', rows, &before[table])] {
            for row in rows.iter().filter(|row| !others.contains(row)) {
                writeln!(differences, "{sign} {table}: {row}").unwrap();
            }
        }
    }
    assert!(differences.is_empty(), "\n{differences}");
}
