//! Rights of analysts on views that are new.

use diesel::{
    PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, Bool, Text},
};
use emap_postgres::quote_identifier;

/// What the roles are called, where `emap roles` has set them.
const ROLES: &str = "__emap_role";

#[derive(QueryableByName)]
struct Readable {
    #[diesel(sql_type = Bool)]
    readable: bool,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Views of a schema.
pub(super) fn present(connection: &mut PgConnection, views: &str) -> QueryResult<Vec<String>> {
    let present = sql_query(
        "SELECT c.relname::text AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = $1 AND c.relkind = 'v'",
    );
    let present = present.bind::<Text, _>(views).load::<Name>(connection)?;
    Ok(present.into_iter().map(|view| view.name).collect())
}

/// Lets the target's role of analysts read those of these views whose tables it may read. What was granted or revoked on
/// older views is left to whoever did it.
pub(super) fn grant(
    connection: &mut PgConnection,
    views: &str,
    target: &str,
    new: &[String],
) -> QueryResult<()> {
    if let Some(role) = analysts(connection, target)? {
        let grants = sql_query(
            "SELECT format('GRANT USAGE ON SCHEMA %I TO %I', $1, $3) AS statement
             WHERE NOT has_schema_privilege($3, $1, 'USAGE')
             UNION ALL
             SELECT format('GRANT SELECT ON %I.%I TO %I', $1, t.relname, $3)
             FROM pg_class t JOIN pg_namespace s ON s.oid = t.relnamespace
             WHERE s.nspname = $2 AND t.relname = ANY ($4) AND has_table_privilege($3, t.oid, 'SELECT')",
        );
        let grants = grants.bind::<Text, _>(views).bind::<Text, _>(target).bind::<Text, _>(role);
        for Statement { statement } in grants.bind::<Array<Text>, _>(new).load::<Statement>(connection)? {
            connection.batch_execute(&statement)?;
        }
    }
    Ok(())
}

fn analysts(connection: &mut PgConnection, target: &str) -> QueryResult<Option<String>> {
    let readable = sql_query(
        "SELECT coalesce(bool_or(has_table_privilege(c.oid, 'SELECT')), false) AS readable
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.nspname = $1 AND c.relname = $2",
    );
    let readable =
        readable.bind::<Text, _>(target).bind::<Text, _>(ROLES).get_result::<Readable>(connection)?;
    if !readable.readable {
        return Ok(None);
    }
    let found = sql_query(format!(
        "SELECT r.rolname::text AS name FROM {}.{ROLES} k JOIN pg_roles r ON r.rolname = k.name
         WHERE k.kind = 'analyst'",
        quote_identifier(target)
    ));
    Ok(found.load::<Name>(connection)?.pop().map(|role| role.name))
}
