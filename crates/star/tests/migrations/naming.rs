//! Rules that every table has to keep, the audit twins included.

use diesel::PgConnection;

use crate::database::{lines, migrated};

/// All columns of the tables that hold clinical data, as `c`. The programs' own tables follow no rules.
const CLINICAL_COLUMNS: &str = "information_schema.columns c
    WHERE c.table_schema = current_schema()
      AND c.table_name NOT LIKE 'etl\\_%' AND c.table_name NOT LIKE '\\_\\_%'";

fn assert_none(connection: &mut PgConnection, offending: &str) {
    assert_eq!(lines(connection, offending), Vec::<String>::new());
}

#[test]
fn points_in_time_have_a_zone_and_say_what_they_are() {
    let (mut connection, _) = migrated("naming_times");
    assert_none(
        &mut connection,
        &format!(
            "SELECT table_name || '.' || column_name AS line FROM {CLINICAL_COLUMNS}
             AND data_type LIKE 'time%' AND data_type <> 'timestamp with time zone'"
        ),
    );
    assert_none(
        &mut connection,
        &format!(
            "SELECT table_name || '.' || column_name AS line FROM {CLINICAL_COLUMNS}
             AND (data_type LIKE 'time%') <> (column_name LIKE '%\\_datetime' OR column_name IN
                 ('valid_from', 'valid_until', 'stored_from', 'stored_until',
                  'datetime_of_birth', 'datetime_of_death'))"
        ),
    );
}

#[test]
fn names_are_lower_case_words() {
    let (mut connection, _) = migrated("naming_case");
    assert_none(
        &mut connection,
        &format!(
            "SELECT table_name || '.' || column_name AS line FROM {CLINICAL_COLUMNS}
             AND (table_name || '.' || column_name) !~ '^[a-z]+(_[a-z]+)*[.][a-z0-9]+(_[a-z]+)*$'"
        ),
    );
}

#[test]
fn keys_are_named_after_tables() {
    let (mut connection, _) = migrated("naming_keys");
    let keys = "SELECT c.relname || '.' || a.attname AS line
                FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
                LEFT JOIN pg_class t ON t.oid = k.confrelid
                WHERE c.relnamespace = current_schema()::regnamespace
                  AND c.relname NOT LIKE '\\_\\_%' AND c.relname NOT LIKE 'etl\\_%'";
    assert_none(&mut connection, &format!("{keys} AND k.contype = 'p' AND a.attname <> c.relname || '_id'"));
    let mut odd_links = lines(
        &mut connection,
        &format!("{keys} AND k.contype = 'f' AND a.attname <> t.relname || '_id' ORDER BY 1"),
    );
    odd_links.retain(|link| link != "location_event.previous_location_id");
    assert_eq!(odd_links, ["mrn_to_live.live_mrn_id", "mrn_to_live_audit.live_mrn_id"]);
}

#[test]
fn audit_twins_have_all_columns_of_their_parents() {
    let (mut connection, _) = migrated("naming_twins");
    let twins = lines(
        &mut connection,
        "SELECT tablename::text AS line FROM pg_tables
         WHERE schemaname = current_schema() AND tablename LIKE '%\\_audit'",
    );
    assert_eq!(twins.len(), 26);
    assert_none(
        &mut connection,
        &format!(
            "SELECT table_name || '.' || column_name AS line FROM {CLINICAL_COLUMNS}
             AND EXISTS (SELECT FROM pg_tables t
                         WHERE t.schemaname = c.table_schema AND t.tablename = c.table_name || '_audit')
             AND NOT EXISTS (SELECT FROM information_schema.columns a
                             WHERE a.table_schema = c.table_schema AND a.table_name = c.table_name || '_audit'
                               AND a.column_name = c.column_name AND a.data_type = c.data_type
                               AND (a.is_nullable = c.is_nullable OR a.column_name = c.table_name || '_id'))"
        ),
    );
}

#[test]
fn every_table_and_column_has_a_comment() {
    let (mut connection, _) = migrated("naming_comments");
    let undescribed = "SELECT c.relname || coalesce('.' || a.attname, '') AS line
                       FROM pg_class c
                       LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                       WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r'
                         AND c.relname NOT LIKE '\\_\\_%'
                         AND (obj_description(c.oid, 'pg_class') IS NULL
                              OR col_description(c.oid, a.attnum) IS NULL)";
    assert_none(&mut connection, undescribed);
}
