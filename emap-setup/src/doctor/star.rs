//! The star database.

use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, BigInt, Bool, Text},
};
use emap_core::CoreSettings;
use emap_postgres::schema;
use emap_service::DatabaseSettings;

use super::{
    finding::Findings,
    server::{self, Looked},
    site::Site,
};
use crate::environment::CORE;

const SUBJECT: &str = "star database";

/// Tables that only a star schema has.
const STAR_TABLES: [&str; 3] = ["hospital_visit", "mrn", "core_demographic"];

/// Tables that sources make in the same schema, perhaps before core has made any.
const OF_SOURCES: [&str; 2] = ["etl\\_%", "\\_\\_%"];

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let Some(Ok(settings)) = site.deployment.settings_from_here(CORE, CoreSettings::GROUPS) else { return };
    let (Ok(database), Ok(core)) = (DatabaseSettings::uds(&settings), CoreSettings::from_settings(&settings))
    else {
        return;
    };
    if let Looked::At(mut connection) =
        server::look(site, (SUBJECT, CORE, "UDS_JDBC_URL"), database.config(), findings)
    {
        let found = schema_of(&mut connection, &database.schema, core.migrate, findings);
        server::report(found, SUBJECT, findings);
    }
}

#[derive(QueryableByName)]
struct Present {
    #[diesel(sql_type = BigInt)]
    tables: i64,
    #[diesel(sql_type = BigInt)]
    of_star: i64,
    #[diesel(sql_type = Array<Text>)]
    foreign: Vec<String>,
    #[diesel(sql_type = Bool)]
    has_steps: bool,
    #[diesel(sql_type = Array<Text>)]
    forbidden: Vec<String>,
    #[diesel(sql_type = Bool)]
    may_create: bool,
}

fn schema_of(
    connection: &mut PgConnection,
    name: &str,
    migrate: bool,
    findings: &mut Findings,
) -> diesel::QueryResult<()> {
    let subject = format!("schema {name}");
    if !schema::exists(connection, name)? {
        let may_create = server::may_create_schemas(connection)?;
        if may_create && migrate {
            findings.warn(&subject, "does not exist; core creates it when it starts", "check its name");
        } else {
            findings.fail(
                &subject,
                "does not exist, and core may not create it",
                format!("CREATE SCHEMA {name}"),
            );
        }
        return Ok(());
    }
    let present = present(connection, name)?;
    let Present { tables, of_star, foreign, has_steps, forbidden, may_create } = &present;
    schema::use_schema(connection, name)?;
    // Reading the list of steps needs a right to it.
    let missing =
        if *has_steps { emap_star::migrations::missing(connection).unwrap_or_default() } else { Vec::new() };
    let is_ours = usize::try_from(*of_star).is_ok_and(|found| found == STAR_TABLES.len());
    if *tables == 0 {
        findings.ok(&subject, "empty; core makes its tables when it starts");
    } else if !is_ours && !foreign.is_empty() {
        findings.fail(
            &subject,
            format!("has tables that are not of EMAP: {}", foreign.join(", ")),
            "choose another UDS_SCHEMA, or empty this one",
        );
        return Ok(());
    } else if !is_ours {
        findings.ok(&subject, "has tables of sources; core makes the others when it starts");
    } else if !has_steps {
        findings.warn(
            &subject,
            "made by another program; core adopts it and adds what is missing",
            "make a backup before the first start",
        );
    } else if missing.is_empty() {
        findings.ok(&subject, format!("ours and up to date, {tables} tables"));
    } else if migrate {
        findings.ok(&subject, format!("ours; core brings it up to date ({} steps)", missing.len()));
    } else {
        findings.fail(
            &subject,
            format!("ours, and too old: it lacks {}", missing.join(", ")),
            "run core migrate",
        );
    }
    let makes_tables = migrate && !(is_ours && *has_steps && missing.is_empty());
    if makes_tables && !may_create {
        findings.fail(
            &subject,
            "this user may not create tables in it",
            format!("GRANT CREATE ON SCHEMA {name}, or run core migrate as its owner"),
        );
    }
    if forbidden.is_empty() {
        findings.ok(&subject, "this user may read and write all tables");
    } else {
        findings.fail(
            &subject,
            format!("this user may not read and write {}", forbidden.join(", ")),
            "emap roles --apply, or log in as the owner",
        );
    }
    Ok(())
}

fn present(connection: &mut PgConnection, name: &str) -> diesel::QueryResult<Present> {
    sql_query(
        "WITH found AS (
             SELECT c.oid, c.relname::text AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
             WHERE s.nspname = $1 AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname NOT LIKE 'etl\\_monitor\\_%'
         )
         SELECT count(*) AS tables, count(*) FILTER (WHERE name = ANY ($2)) AS of_star,
                coalesce((array_agg(name ORDER BY name) FILTER (WHERE name NOT LIKE ALL ($3)))[1:3], '{}') AS foreign,
                coalesce(bool_or(name = '__diesel_schema_migrations'), false) AS has_steps,
                coalesce((array_agg(name ORDER BY name) FILTER (WHERE name NOT LIKE ALL ($3)
                    AND NOT (has_table_privilege(oid, 'SELECT') AND has_table_privilege(oid, 'INSERT'))))[1:3], '{}')
                    AS forbidden,
                has_schema_privilege($1, 'CREATE') AS may_create
         FROM found",
    )
    .bind::<Text, _>(name)
    .bind::<Array<Text>, _>(STAR_TABLES.to_vec())
    .bind::<Array<Text>, _>(OF_SOURCES.to_vec())
    .get_result(connection)
}
