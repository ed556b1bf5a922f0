//! What is the same for every PostgreSQL database.

use chrono::{DateTime, Utc};
use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    dsl::sql,
    sql_query,
    sql_types::{Bool, Integer, Text, Timestamptz},
};
use emap_postgres::Config;

use super::{finding::Findings, site::Site};

/// The oldest server that is tried, as the server numbers itself.
const OLDEST: i32 = 130_000;

/// A difference of clocks that is worth a word, in seconds.
const CLOCK_DIFFERENCE: i64 = 5;

/// What came of a look at a database.
pub(super) enum Looked {
    /// It is there.
    At(Box<PgConnection>),
    /// It cannot be looked at; that is among the findings.
    NotAt,
}

#[derive(QueryableByName)]
struct About {
    #[diesel(sql_type = Integer)]
    version: i32,
    #[diesel(sql_type = Text)]
    shown: String,
    #[diesel(sql_type = Bool)]
    read_only: bool,
    #[diesel(sql_type = Text)]
    encoding: String,
    #[diesel(sql_type = Timestamptz)]
    now: DateTime<Utc>,
}

/// Connects, and reports what may be wrong with the server. The variable of the environment file says what containers
/// call it.
pub(super) fn look(
    site: &Site<'_>,
    (subject, file, variable): (&str, &str, &str),
    config: &Config,
    findings: &mut Findings,
) -> Looked {
    let place = site.deployment.place(file, variable);
    if let Some((host, _)) = &place {
        warn_of_container_itself(subject, variable, host, findings);
    }
    let mut connection = match config.connect() {
        Ok(connection) => connection,
        Err(error) => {
            let reached = place.as_ref().map(|(_, reached)| reached);
            if !site.explains_absence((subject, file), reached, findings) {
                findings.fail(
                    subject,
                    format!("{config}: {error}"),
                    format!("start it, or correct {variable}, user and password in {}", site.file()),
                );
            }
            return Looked::NotAt;
        }
    };
    let about = sql_query(
        "SELECT current_setting('server_version_num')::int AS version, current_setting('server_version') AS shown,
                pg_is_in_recovery() OR current_setting('transaction_read_only')::bool AS read_only,
                pg_encoding_to_char(encoding)::text AS encoding, clock_timestamp() AS now
         FROM pg_database WHERE datname = current_database()",
    );
    let before = Utc::now();
    match about.get_result::<About>(&mut connection) {
        Err(error) => {
            findings.fail(subject, format!("{config}: {error}"), "look at the server's log");
            Looked::NotAt
        }
        Ok(about) => {
            report_about(&about, (subject, variable, config), before, findings);
            Looked::At(Box::new(connection))
        }
    }
}

fn report_about(
    about: &About,
    (subject, variable, config): (&str, &str, &Config),
    before: DateTime<Utc>,
    findings: &mut Findings,
) {
    if about.version < OLDEST {
        findings.warn(
            subject,
            format!("{config}: PostgreSQL {} is older than what is tried", about.shown),
            "update it to 13 or newer",
        );
    } else {
        findings.ok(subject, format!("{config}: reachable, PostgreSQL {}", about.shown));
    }
    // A message store is only read.
    if about.read_only && variable != "IDS_JDBC_URL" {
        findings.fail(
            subject,
            "read-only: a standby, or transactions are read-only by default",
            format!("name the primary server in {variable}"),
        );
    }
    if about.encoding != "UTF8" {
        findings.warn(
            subject,
            format!("its encoding is {}, which cannot hold every text", about.encoding),
            "create the database with encoding UTF8",
        );
    }
    let difference = (about.now - before).num_seconds();
    if difference.abs() > CLOCK_DIFFERENCE {
        findings.warn(
            subject,
            format!("its clock differs from this machine's by {difference} s"),
            "let both machines set their clocks by NTP",
        );
    }
}

/// Adds the error of a question.
pub(super) fn report(asked: QueryResult<()>, subject: &str, findings: &mut Findings) {
    if let Err(error) = asked {
        findings.fail(subject, error.to_string(), "look at the server's log");
    }
}

pub(super) fn may_create_schemas(connection: &mut PgConnection) -> QueryResult<bool> {
    diesel::select(sql::<Bool>("has_database_privilege(current_database(), 'CREATE')")).get_result(connection)
}

/// In a container, names of the machine itself lead to the container.
pub(super) fn warn_of_container_itself(subject: &str, variable: &str, host: &str, findings: &mut Findings) {
    if host == "localhost" || host.starts_with("127.") {
        findings.warn(
            subject,
            format!("{variable} leads to {host}, which in a container is the container itself"),
            "write host.docker.internal for this machine",
        );
    }
}
