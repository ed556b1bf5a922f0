//! One database for all tests of this program; each test has schemas of its own.

use std::{fs, path::Path, sync::OnceLock};

use diesel::{
    connection::SimpleConnection,
    prelude::*,
    sql_types::{BigInt, Text},
};
use emap_ids::ProgressStore;
use emap_local_services::postgres;
use emap_star::migrations::{MigrationReport, migrate};

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = Text)]
    line: String,
}

/// A connection to the tests' database.
pub(crate) fn connect() -> PgConnection {
    PgConnection::establish(&url()).unwrap()
}

/// Where the tests' database is.
pub(crate) fn url() -> String {
    static NAME: OnceLock<String> = OnceLock::new();
    let server = postgres::shared();
    let name = NAME.get_or_init(|| {
        let name = format!("star_migrations_{}", std::process::id());
        server.create_database(&name).unwrap();
        name
    });
    server.database_url(name)
}

/// A connection to a schema that was empty and has been migrated.
pub(crate) fn migrated(schema: &str) -> (PgConnection, MigrationReport) {
    let mut connection = connect();
    let report = migrate(&mut connection, schema).unwrap();
    (connection, report)
}

/// The same with the reader's tables in it.
pub(crate) fn migrated_with_progress(schema: &str) -> PgConnection {
    let (connection, _) = migrated(schema);
    ProgressStore::connect(&url(), schema).unwrap();
    connection
}

/// Makes an empty schema and puts it on the search path.
pub(crate) fn create_schema(connection: &mut PgConnection, schema: &str) {
    connection.batch_execute(&format!("CREATE SCHEMA {schema}; SET search_path TO {schema}")).unwrap();
}

/// Whatever a query yields as `line`.
pub(crate) fn lines(connection: &mut PgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Line> = diesel::sql_query(query).load(connection).unwrap();
    rows.into_iter().map(|row| row.line).collect()
}

/// The single number that a query yields.
pub(crate) fn number(connection: &mut PgConnection, query: &str) -> i64 {
    diesel::select(diesel::dsl::sql::<BigInt>(&format!("({query})::bigint"))).get_result(connection).unwrap()
}

/// Compares a text with a file of the project, named from this crate's directory. To accept a change:
/// `EMAP_UPDATE_EXPECTED=1 cargo test -p emap-star --test migrations`.
pub(crate) fn expect_file(name: &str, found: &str) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    if std::env::var_os("EMAP_UPDATE_EXPECTED").is_some() {
        fs::write(&file, found).unwrap();
    }
    let expected = fs::read_to_string(&file).unwrap();
    for (found, expected) in found.lines().zip(expected.lines()) {
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(found.len(), expected.len(), "{name}");
}
