//! Roles that may not do everything.

use diesel::{PgConnection, connection::SimpleConnection};
use emap_star::migrations::{MigrationError, migrate};

use crate::database::{connect, create_schema};

/// Goes on as a role that owns nothing. Roles belong to the server, so another test may have made it.
fn become_stranger(connection: &mut PgConnection) {
    connection
        .batch_execute(
            "DO $$ BEGIN CREATE ROLE star_stranger;
             EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$;
             SET ROLE star_stranger",
        )
        .unwrap();
}

#[test]
fn a_schema_that_cannot_be_created_is_named() {
    let mut connection = connect();
    become_stranger(&mut connection);
    let error = migrate(&mut connection, "absent").unwrap_err();
    assert!(matches!(error, MigrationError::SchemaMissing { .. }), "{error}");
    assert!(error.to_string().contains("schema \"absent\" does not exist"), "{error}");
}

#[test]
fn tables_of_a_stranger_are_not_adopted() {
    let mut connection = connect();
    create_schema(&mut connection, "foreign_tables");
    connection
        .batch_execute(
            "CREATE TABLE location (location_id bigint PRIMARY KEY);
             GRANT ALL ON SCHEMA foreign_tables TO public; GRANT ALL ON location TO public",
        )
        .unwrap();
    become_stranger(&mut connection);
    let error = migrate(&mut connection, "foreign_tables").unwrap_err();
    assert!(error.to_string().contains("table location belongs to role"), "{error}");
    // Nothing is locked, and the owner of the server may do what the stranger could not.
    let again = migrate(&mut connect(), "foreign_tables");
    assert!(again.is_ok(), "{again:?}");
}

#[test]
fn a_schema_name_must_fit() {
    let mut connection = connect();
    for name in [String::new(), "x".repeat(64), "nul\0".to_owned()] {
        let error = migrate(&mut connection, &name).unwrap_err();
        assert!(matches!(error, MigrationError::SchemaName(_)), "{error}");
    }
}
