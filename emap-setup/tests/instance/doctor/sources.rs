//! The reporting databases that hoover reads.

use emap_local_services::sql_server::{Database, LOGIN, Server};
use emap_test_support::fixtures;

use super::Site;

/// The invented reporting database of this name.
fn source(server: &Server, name: &str, files: &[&str]) -> Database {
    let database = server.fresh_database(name).unwrap();
    for file in files {
        database.run_script(&fixtures::text(&format!("{name}/{file}.sql"))).unwrap();
    }
    database
}

#[test]
fn queries_that_would_fail_at_night_are_named_before() {
    let site = Site::new();
    let server = Server::start().unwrap();
    let clarity = source(&server, "clarity", &["01_schema", "02_function"]);
    let caboodle = source(&server, "caboodle", &["01_schema"]);
    site.star.execute(&fixtures::text("ids/form_answer_feed.sql"));
    let url =
        |database: &Database| server.jdbc_url(database.name()).replace("127.0.0.1", "host.docker.internal");
    let yaml = |password: &str| {
        format!(
            "{}features: {{hoover: true}}\nhoover-envs:\n  CLARITY_JDBC_URL: {}\n  CLARITY_USERNAME: {user}\n  \
             CLARITY_PASSWORD: {password}\n  CABOODLE_JDBC_URL: {}\n  CABOODLE_USERNAME: {user}\n  \
             CABOODLE_PASSWORD: {}\n",
            site.yaml(),
            url(&clarity),
            url(&caboodle),
            LOGIN.1,
            user = LOGIN.0,
        )
    };
    site.write(&yaml(LOGIN.1));
    let ran = site.doctor();
    let printed = ran.stdout();
    assert_eq!(ran.code(), Some(0), "{printed}");
    for source in ["clarity", "caboodle", "ids"] {
        let said = printed.lines().find(|line| line.starts_with(&format!("ok   {source}: ")));
        assert!(said.is_some_and(|line| line.ends_with(" queries return what they must")), "{printed}");
    }

    clarity.run_on_postgres("ALTER TABLE dbo.rpt_problem ALTER COLUMN state_code TYPE bigint").unwrap();
    clarity.run_on_postgres("ALTER TABLE dbo.rpt_infection RENAME COLUMN note_text TO remark").unwrap();
    let ran = site.doctor();
    let printed = ran.stdout();
    assert_eq!(ran.code(), Some(1), "{printed}");
    for line in [
        "FAIL PatientProblem: clarity/patient_problems.sql state_code: expected int, found bigint – see hoover contract",
        "FAIL PatientInfection: clarity/patient_infections.sql: error 207: Invalid column name 'note_text'. – ",
        "ok   caboodle: ",
    ] {
        assert!(printed.lines().any(|printed| printed.starts_with(line)), "{line}: {printed}");
    }

    site.write(&yaml("wrong"));
    let ran = site.doctor();
    let printed = ran.stdout();
    let failures: Vec<&str> = printed.lines().filter(|line| line.starts_with("FAIL ")).collect();
    let refused = |line: &&str| {
        line.starts_with("FAIL clarity: ") && line.contains("CLARITY_JDBC_URL, user and password")
    };
    assert!(failures.len() == 1 && failures.iter().all(refused), "once, not for each query: {printed}");
}
