//! The connector's own database.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};
use emap_connector::ConnectorSettings;

use super::{
    finding::Findings,
    server::{self, Looked},
    site::Site,
};
use crate::environment::CONNECTOR;

const SUBJECT: &str = "connector's database";

/// In which the connector notes what it has made.
const STEPS: &str = "public.connector_migrations";

#[derive(QueryableByName)]
struct Present {
    #[diesel(sql_type = Bool)]
    made: bool,
    #[diesel(sql_type = Bool)]
    may_make: bool,
}

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    if !site.overlays.connector {
        return;
    }
    let Some(Ok(settings)) = site.deployment.settings_from_here(CONNECTOR, ConnectorSettings::GROUPS) else {
        return;
    };
    let Ok(database) = ConnectorSettings::database_only(&settings) else { return };
    if let Looked::At(mut connection) =
        server::look(site, (SUBJECT, CONNECTOR, "DATABASE_HOST"), &database.config, findings)
    {
        let found = tables(&mut connection, findings);
        server::report(found, SUBJECT, findings);
    }
}

fn tables(connection: &mut PgConnection, findings: &mut Findings) -> QueryResult<()> {
    let present: Present = sql_query(
        "SELECT to_regclass($1) IS NOT NULL AS made, has_schema_privilege('public', 'CREATE') AS may_make",
    )
    .bind::<Text, _>(STEPS)
    .get_result(connection)?;
    match present {
        Present { made: true, .. } => findings.ok(SUBJECT, "has the connector's tables"),
        Present { may_make: true, .. } => {
            findings.ok(SUBJECT, "without tables; the connector makes them when it starts");
        }
        Present { .. } => findings.fail(
            SUBJECT,
            "without tables, and this user may not make them",
            "GRANT CREATE ON SCHEMA public, or run connector migrate as the owner",
        ),
    }
    Ok(())
}
