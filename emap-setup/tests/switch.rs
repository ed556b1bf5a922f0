//! `emap switch` between two schemas of a real database.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    process::{Command, Output},
    sync::atomic::{AtomicBool, Ordering},
    thread,
};

use diesel::{Connection, PgConnection, connection::SimpleConnection};
use emap_test_support::database::{self, Database};

/// Two star schemas, each with a patient of its own.
fn site() -> Database {
    let database = database::empty();
    for (schema, mrn) in [("star_a", "40910001"), ("star_b", "40910002")] {
        let mut connection = PgConnection::establish(&database.url()).unwrap();
        emap_star::migrations::migrate(&mut connection, schema).unwrap();
        connection
            .batch_execute(&format!(
                "INSERT INTO {schema}.mrn (mrn_id, mrn, source_system, stored_from) VALUES (1, '{mrn}', 'EPIC', now())"
            ))
            .unwrap();
    }
    database
}

fn switch(database: &Database, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.arg("switch").args(arguments);
    command.env("UDS_JDBC_URL", database.jdbc_url()).env_remove("UDS_SCHEMA");
    command.env("UDS_USERNAME", emap_local_services::postgres::USER).output().unwrap()
}

fn said(output: &Output) -> String {
    let text = [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    assert!(output.status.success(), "{}", text[1]);
    text[0].trim().to_owned()
}

#[test]
fn views_lead_to_the_one_or_the_other_schema_and_keep_rights_and_comments() {
    let database = site();
    let role = format!("analyst_{}", database.name());
    assert_eq!(said(&switch(&database, &["--status"])), "star: no views yet");
    assert!(said(&switch(&database, &["star_a"])).ends_with(" views lead to star_a"));
    database.execute(&format!("CREATE ROLE {role}; GRANT SELECT ON star.mrn TO {role}"));
    let read = || database.value("SELECT mrn FROM star.mrn");
    assert_eq!(read(), "40910001");
    said(&switch(&database, &["star_b"]));
    assert_eq!(
        (read().as_str(), said(&switch(&database, &["--status"])).as_str()),
        ("40910002", "star: star_b")
    );
    // A column more in one of them: the view is made anew, and what was granted stays.
    database.execute(
        "ALTER TABLE star_a.mrn ADD COLUMN extra text; COMMENT ON COLUMN star_a.mrn.extra IS 'more'",
    );
    said(&switch(&database, &["--back"]));
    assert_eq!(read(), "40910001");
    said(&switch(&database, &["--back"]));
    assert_eq!(read(), "40910002");
    said(&switch(&database, &["star_a"]));
    assert_eq!(
        database.value(&format!("SELECT has_table_privilege('{role}', 'star.mrn', 'SELECT')")),
        "true"
    );
    assert_eq!(
        database.value("SELECT col_description('star.mrn'::regclass, 4)"),
        database.value("SELECT col_description('star_a.mrn'::regclass, 4)")
    );
    let hidden = "SELECT count(*) FROM pg_views WHERE schemaname = 'star' AND viewname LIKE 'etl%reject'";
    assert_eq!(database.value(hidden), "0");
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_reader_never_meets_a_moment_without_views() {
    let database = site();
    said(&switch(&database, &["star_a"]));
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        let reader = scope.spawn(|| {
            let mut count = 0;
            while !done.load(Ordering::Relaxed) {
                let both = database.value("SELECT count(*) FROM star.mrn JOIN star.mrn AS again USING (mrn)");
                assert_eq!(both, "1");
                count += 1;
            }
            count
        });
        for target in ["star_b", "star_a", "star_b"] {
            said(&switch(&database, &[target]));
        }
        done.store(true, Ordering::Relaxed);
        assert!(reader.join().unwrap() > 0);
    });
}

#[test]
fn a_query_in_the_way_is_waited_for_and_a_wrong_schema_refused() {
    let database = site();
    said(&switch(&database, &["star_a"]));
    let refused = |arguments: &[&str], words: &str| {
        let output = switch(&database, arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.code() == Some(1) && errors.contains(words), "{errors}");
    };
    refused(&["nowhere"], "no schema nowhere");
    refused(&["public"], "public is no star schema");
    refused(&["star"], "schema of the views themselves");
    refused(&["--back"], "never switched");
    let mut analyst = PgConnection::establish(&database.url()).unwrap();
    analyst.batch_execute("BEGIN; SELECT count(*) FROM star.mrn").unwrap();
    refused(&["star_b", "--tries", "1"], "lock timeout");
    assert_eq!(said(&switch(&database, &["--status"])), "star: star_a");
    thread::scope(|scope| {
        let switched = scope.spawn(|| said(&switch(&database, &["star_b"])));
        thread::sleep(std::time::Duration::from_millis(2500));
        analyst.batch_execute("COMMIT").unwrap();
        assert!(switched.join().unwrap().ends_with("lead to star_b"));
    });
}
