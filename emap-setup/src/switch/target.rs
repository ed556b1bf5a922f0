//! Where the views lead to, and where they did before.

use diesel::{
    OptionalExtension, PgConnection, QueryResult, QueryableByName, RunQueryDsl, connection::SimpleConnection,
    sql_query, sql_types::Text,
};
use emap_postgres::quote_identifier;

/// What the comment on the schema of the views begins with.
const NOTE: &str = "emap switch: before ";

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

/// The schema that most of the views read.
pub(super) fn present(connection: &mut PgConnection, views: &str) -> QueryResult<Option<String>> {
    let found = sql_query(
        "SELECT s.nspname::text AS name
         FROM pg_class v
         JOIN pg_rewrite r ON r.ev_class = v.oid
         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
              AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
         JOIN pg_class t ON t.oid = d.refobjid AND t.relname = v.relname
         JOIN pg_namespace s ON s.oid = t.relnamespace
         WHERE v.relkind = 'v' AND v.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
         GROUP BY 1 ORDER BY count(DISTINCT v.oid) DESC LIMIT 1",
    );
    Ok(found.bind::<Text, _>(views).get_result::<Name>(connection).optional()?.map(|found| found.name))
}

/// The schema that they led to before the last switch.
pub(super) fn before(connection: &mut PgConnection, views: &str) -> QueryResult<Option<String>> {
    let note = sql_query(
        "SELECT obj_description(oid, 'pg_namespace') AS name FROM pg_namespace
         WHERE nspname = $1 AND obj_description(oid, 'pg_namespace') IS NOT NULL",
    );
    let note = note.bind::<Text, _>(views).get_result::<Name>(connection).optional()?;
    Ok(note.and_then(|note| note.name.strip_prefix(NOTE).map(str::to_owned)))
}

/// Keeps it for the way back, as the schema's comment.
pub(super) fn note_before(
    connection: &mut PgConnection,
    views: &str,
    present: Option<&str>,
) -> QueryResult<()> {
    let note = format!("{NOTE}{}", present.unwrap_or_default()).replace('\'', "''");
    connection.batch_execute(&format!("COMMENT ON SCHEMA {} IS '{note}'", quote_identifier(views)))
}
