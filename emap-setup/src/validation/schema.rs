//! The schema that a run fills has to be empty: otherwise the sources go on where an earlier run ended, and nothing
//! happens.

use std::env;

use anyhow::{Context, bail};
use diesel::{
    PgConnection, QueryableByName, RunQueryDsl, sql_query,
    sql_types::{Bool, Text},
};
use emap_postgres::schema::quote_identifier;

use super::star::Star;
use crate::{compose::Overlays, instance::Instance};

/// `false` leaves the check out.
const CHECK_EMPTY: &str = "EMAP_VALIDATION_CHECK_EMPTY";

#[derive(QueryableByName)]
struct TableName {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Filled {
    #[diesel(sql_type = Bool)]
    filled: bool,
}

/// # Errors
/// A table of the star schema has rows, or the database cannot be asked.
pub(super) fn check_empty(instance: &Instance, overlays: Overlays) -> anyhow::Result<()> {
    if env::var(CHECK_EMPTY).is_ok_and(|text| text.trim().eq_ignore_ascii_case("false")) {
        return Ok(());
    }
    let Star { config, schema } = Star::of(instance, overlays)?;
    let skip = format!("to start without looking, set {CHECK_EMPTY}=false");
    let mut connection = config
        .connect()
        .with_context(|| format!("{config} cannot be asked whether {schema} is empty; {skip}"))?;
    let filled = filled_tables(&mut connection, &schema)
        .with_context(|| format!("{config}, schema {schema}; {skip}"))?;
    if let Some(table) = filled.first() {
        bail!("schema {schema} is not empty ({table} has rows): drop its tables first, or {skip}");
    }
    Ok(())
}

fn filled_tables(connection: &mut PgConnection, schema: &str) -> diesel::QueryResult<Vec<String>> {
    let tables: Vec<TableName> = sql_query(
        "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = $1 AND tablename NOT LIKE '\\_\\_%' ORDER BY 1",
    )
    .bind::<Text, _>(schema)
    .load(connection)?;
    let mut filled = Vec::new();
    for TableName { name } in tables {
        let any = format!(
            "SELECT EXISTS (SELECT FROM {}.{}) AS filled",
            quote_identifier(schema),
            quote_identifier(&name)
        );
        if sql_query(any).get_result::<Filled>(connection)?.filled {
            filled.push(name);
        }
    }
    Ok(filled)
}
