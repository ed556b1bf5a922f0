//! Schemas that another program created and filled.

use std::collections::BTreeSet;

use diesel::{PgConnection, RunQueryDsl, connection::SimpleConnection};
use emap_star::migrations::{MigrationReport, migrate};

use crate::{
    catalogue::describe,
    database::{connect, create_schema, lines, migrated, number},
};

const EARLIER_PROGRAM: &str = include_str!("earlier-program.sql");

fn adopted(schema: &str) -> (PgConnection, MigrationReport) {
    let mut connection = connect();
    create_schema(&mut connection, schema);
    connection.batch_execute(EARLIER_PROGRAM).unwrap();
    let report = migrate(&mut connection, schema).unwrap();
    (connection, report)
}

/// A query of all rows of the tables present now, with the columns present now.
fn rows_query(connection: &mut PgConnection) -> String {
    lines(
        connection,
        "SELECT format('SELECT %L || row(%s)::text AS line FROM %I', table_name,
                       string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position),
                       table_name) AS line
         FROM information_schema.columns WHERE table_schema = current_schema() GROUP BY table_name",
    )
    .join(" UNION ALL ")
        + " ORDER BY 1"
}

#[test]
fn no_row_is_lost_or_changed() {
    let mut connection = connect();
    create_schema(&mut connection, "adopted_rows");
    connection.batch_execute(EARLIER_PROGRAM).unwrap();
    let query = rows_query(&mut connection);
    let before = lines(&mut connection, &query);
    assert_eq!(before.len(), 17);

    migrate(&mut connection, "adopted_rows").unwrap();

    assert_eq!(lines(&mut connection, &query), before);
}

#[test]
fn what_the_data_forbids_is_left_out_and_said() {
    let (_, report) = adopted("adopted_warnings");
    let expected = [
        "constraint on hospital_visit: unique (encounter) left out",
        "column hospital_visit.source_system added without NOT NULL: the table has rows",
        "natural key of mrn_to_live (mrn_id) left out",
        "column department.hl7string does not allow null",
        "column department.internal_id added without NOT NULL: the table has rows",
        "column department.name is of type character varying(120), not character varying(255)",
        "column department.speciality is unknown but mandatory: no row can be added",
        "natural key of location (location_string) left out",
        "column location_visit.location_id allows null",
        "constraint on location_visit: FOREIGN KEY (hospital_visit_id) REFERENCES hospital_visit",
        "column location_visit_audit.inferred_admission added without NOT NULL: the table has rows",
        "column location_visit_audit.inferred_discharge added without NOT NULL: the table has rows",
        "sequence hibernate_sequence stood at 16, not beyond the largest key 901: moved on",
    ];
    for expected in expected {
        assert!(
            report.warnings.iter().any(|warning| warning.starts_with(expected)),
            "{expected}: {report:#?}"
        );
    }
    assert_eq!(report.warnings.len(), expected.len(), "{:#?}", report.warnings);
    let text = report.warnings.join(" ");
    for value in ["E500", "EAST1", "K100"] {
        assert!(!text.contains(value), "{text}");
    }
}

#[test]
fn everything_else_is_as_in_a_fresh_schema() {
    let (mut fresh, _) = migrated("adopted_model");
    let (mut adopted, _) = adopted("adopted_catalogue");
    let fresh: BTreeSet<String> = describe(&mut fresh).into_iter().collect();
    let adopted: BTreeSet<String> = describe(&mut adopted).into_iter().collect();

    let missing: Vec<_> = fresh.difference(&adopted).map(String::as_str).collect();
    assert_eq!(
        missing,
        [
            "department: column hl7string character varying(255)",
            "department: column internal_id bigint not null",
            "department: column name character varying(255)",
            "etl_per_message_logging: index etl_per_message_logging_source_id (source_id)",
            "hospital_visit: UNIQUE (encounter)",
            "hospital_visit: column source_system character varying(255) not null",
            "location: unique index location_natural_key (location_string)",
            "location_visit: FOREIGN KEY (hospital_visit_id) REFERENCES hospital_visit(hospital_visit_id)",
            "location_visit: column location_id bigint not null",
            "location_visit_audit: column inferred_admission boolean not null",
            "location_visit_audit: column inferred_discharge boolean not null",
            "mrn_to_live: unique index mrn_to_live_natural_key (mrn_id)",
        ]
    );
    let additional: Vec<_> = adopted.difference(&fresh).map(String::as_str).collect();
    assert_eq!(
        additional,
        [
            "department: column hl7string character varying(255) not null",
            "department: column internal_id bigint",
            "department: column name character varying(120)",
            "department: column speciality character varying(255) not null",
            "etl_per_message_logging: index idxm4n5o6p7 (source_id)",
            "hospital_visit: column source_system character varying(255)",
            "location_visit: column location_id bigint",
            "location_visit_audit: column inferred_admission boolean",
            "location_visit_audit: column inferred_discharge boolean",
            "ward_notes: column note text",
            "ward_notes: column ward text",
        ]
    );
}

#[test]
fn equal_constraints_are_not_added_again() {
    let (mut connection, _) = adopted("adopted_constraints");
    let repeated = "SELECT count(*) FROM (
            SELECT FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
            WHERE c.relnamespace = current_schema()::regnamespace
            GROUP BY k.conrelid, k.contype, k.conkey, k.confrelid HAVING count(*) > 1) r";
    assert_eq!(number(&mut connection, repeated), 0);
    let kept = "SELECT count(*) FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
                WHERE c.relnamespace = current_schema()::regnamespace
                  AND conname IN ('fk1a2b3c', 'fk4d5e6f', 'fk7g8h9i', 'fkj1k2l3', 'uk_4tfoq0xr1v2')";
    assert_eq!(number(&mut connection, kept), 5);
}

#[test]
fn adopting_twice_changes_nothing_more() {
    let (mut connection, first) = adopted("adopted_twice");
    assert_eq!(migrate(&mut connection, "adopted_twice").unwrap(), MigrationReport::default());
    let before = describe(&mut connection);
    diesel::sql_query("DELETE FROM __diesel_schema_migrations").execute(&mut connection).unwrap();

    let second = migrate(&mut connection, "adopted_twice").unwrap();

    assert_eq!(describe(&mut connection), before);
    // What does not fit is said again, but the sequence has moved already.
    assert!(second.warnings.len() < first.warnings.len());
}

#[test]
fn the_sequence_moves_beyond_the_largest_key_but_never_back() {
    let (mut connection, _) = adopted("adopted_behind");
    assert_eq!(number(&mut connection, "SELECT nextval('hibernate_sequence')"), 902);

    let mut ahead = connect();
    create_schema(&mut ahead, "adopted_ahead");
    ahead.batch_execute(EARLIER_PROGRAM).unwrap();
    ahead.batch_execute("SELECT setval('hibernate_sequence', 5000)").unwrap();
    migrate(&mut ahead, "adopted_ahead").unwrap();
    assert_eq!(number(&mut ahead, "SELECT nextval('hibernate_sequence')"), 5001);
}

#[test]
fn new_columns_with_a_default_have_it_in_old_rows() {
    let (mut connection, _) = adopted("adopted_default");
    assert_eq!(number(&mut connection, "SELECT count(*) FROM mrn WHERE NOT research_opt_out"), 3);
}
