//! The message store.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Array, Bool, Text},
};
use emap_ids_reader::ReaderSettings;
use emap_postgres::quote_identifier;
use emap_service::DatabaseSettings;

use super::{
    finding::Findings,
    server::{self, Looked},
    site::Site,
};
use crate::environment::READER;

const SUBJECT: &str = "message store";
const TABLE: &str = "tbl_ids_master";

/// What the reader reads.
const COLUMNS: [&str; 3] = ["unid", "hl7message", "persistdatetime"];

pub(super) fn examine(site: &Site<'_>, findings: &mut Findings) {
    let Some(Ok(settings)) = site.deployment.settings_from_here(READER, ReaderSettings::GROUPS) else {
        return;
    };
    let Ok(database) = DatabaseSettings::ids(&settings) else { return };
    if let Looked::At(mut connection) =
        server::look(site, (SUBJECT, READER, "IDS_JDBC_URL"), database.config(), findings)
    {
        let found = table(&mut connection, &database.schema, site.overlays.connector, findings);
        server::report(found, SUBJECT, findings);
    }
}

#[derive(QueryableByName)]
struct Present {
    #[diesel(sql_type = Array<Text>)]
    missing: Vec<String>,
    #[diesel(sql_type = Bool)]
    may_read: bool,
    #[diesel(sql_type = Bool)]
    may_add: bool,
}

#[derive(QueryableByName)]
struct Filled {
    #[diesel(sql_type = Bool)]
    filled: bool,
}

fn table(
    connection: &mut PgConnection,
    schema: &str,
    receives: bool,
    findings: &mut Findings,
) -> QueryResult<()> {
    let subject = format!("{schema}.{TABLE}");
    let present: Vec<Present> = sql_query(
        "SELECT ARRAY(SELECT wanted FROM unnest($3) wanted WHERE NOT EXISTS (SELECT FROM pg_attribute a
                      WHERE a.attrelid = c.oid AND a.attname = wanted AND NOT a.attisdropped)) AS missing,
                has_schema_privilege(s.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT') AS may_read,
                has_table_privilege(c.oid, 'INSERT') AS may_add
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relname = $2",
    )
    .bind::<Text, _>(schema)
    .bind::<Text, _>(TABLE)
    .bind::<Array<Text>, _>(COLUMNS.to_vec())
    .load(connection)?;
    let Some(Present { missing, may_read, may_add }) = present.first() else {
        findings.fail(&subject, "there is no such table", "correct IDS_JDBC_URL and IDS_SCHEMA");
        return Ok(());
    };
    if !missing.is_empty() {
        findings.fail(
            &subject,
            format!("lacks columns: {}", missing.join(", ")),
            "correct IDS_SCHEMA: this is another table",
        );
        return Ok(());
    }
    if !may_read {
        findings.fail(&subject, "this user may not read it", format!("GRANT SELECT ON {subject}"));
        return Ok(());
    }
    if receives && !may_add {
        findings.fail(
            &subject,
            "the connector appends to it, and this user may not",
            format!("GRANT INSERT ON {subject}"),
        );
        return Ok(());
    }
    let any = format!("SELECT EXISTS (SELECT FROM {}.{TABLE}) AS filled", quote_identifier(schema));
    if receives || sql_query(any).get_result::<Filled>(connection)?.filled {
        findings.ok(&subject, "can be read");
    } else {
        findings.warn(&subject, "has no messages", "check that this is the hospital's store");
    }
    Ok(())
}
