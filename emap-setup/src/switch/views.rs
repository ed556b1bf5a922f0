//! Views of all tables of a schema that analysts may read, with the comments of their columns.

use anyhow::bail;
use diesel::{
    Connection, PgConnection, QueryResult, QueryableByName, RunQueryDsl,
    connection::SimpleConnection,
    sql_query,
    sql_types::{Array, Nullable, Text},
};
use emap_postgres::{quote_identifier, schema};

use super::rights;

/// Tables with bodies of messages or numbers of removed persons, and those of the programs themselves.
const NOT_FOR_ANALYSTS: [&str; 4] =
    ["etl\\_message\\_%", "etl\\_person\\_%", "etl\\_ids\\_%", "etl\\_hoover\\_%"];

#[derive(QueryableByName)]
struct Table {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    comment: Option<String>,
}

#[derive(QueryableByName)]
struct Statement {
    #[diesel(sql_type = Text)]
    statement: String,
}

/// Makes the views of `views` read the tables of `target`. Gives their number. Rights that were granted on a view stay; on
/// a new one, analysts have those that `emap roles` gave them on its table.
pub(super) fn lead_to(connection: &mut PgConnection, views: &str, target: &str) -> anyhow::Result<usize> {
    if !schema::exists(connection, target)? {
        bail!("there is no schema {target}");
    }
    let tables = tables(connection, target)?;
    if !tables.iter().any(|table| table.name == "hospital_visit") {
        bail!("{target} is no star schema: it has no table hospital_visit");
    }
    schema::ensure(connection, views)?;
    let before = rights::present(connection, views)?;
    drop_others(connection, views, &tables)?;
    for table in &tables {
        replace(connection, views, target, table)?;
    }
    let names = tables.iter().map(|table| table.name.clone());
    let new: Vec<String> = names.filter(|name| !before.contains(name)).collect();
    rights::grant(connection, views, target, &new)?;
    Ok(tables.len())
}

fn tables(connection: &mut PgConnection, target: &str) -> QueryResult<Vec<Table>> {
    sql_query(
        "SELECT c.relname::text AS name, obj_description(c.oid, 'pg_class') AS comment
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = $1 AND c.relkind IN ('r', 'p') AND NOT c.relispartition
           AND c.relname NOT LIKE ALL ($2) AND c.relname NOT LIKE '\\_\\_%' ORDER BY 1",
    )
    .bind::<Text, _>(target)
    .bind::<Array<Text>, _>(NOT_FOR_ANALYSTS.to_vec())
    .load(connection)
}

/// Views of tables that the schema does not have.
fn drop_others(connection: &mut PgConnection, views: &str, tables: &[Table]) -> QueryResult<()> {
    let present = sql_query(
        "SELECT v.relname::text AS name, NULL::text AS comment FROM pg_class v
         JOIN pg_rewrite r ON r.ev_class = v.oid
         JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
              AND d.refclassid = 'pg_class'::regclass AND d.refobjid <> v.oid
         JOIN pg_class t ON t.oid = d.refobjid AND t.relname = v.relname AND t.relkind IN ('r', 'p')
         WHERE v.relkind = 'v' AND v.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = $1)
         GROUP BY 1",
    );
    for Table { name, .. } in present.bind::<Text, _>(views).load::<Table>(connection)? {
        if tables.iter().all(|table| table.name != name) {
            connection.batch_execute(&format!("DROP VIEW {}", qualified(views, &name)))?;
        }
    }
    Ok(())
}

fn replace(connection: &mut PgConnection, views: &str, target: &str, table: &Table) -> QueryResult<()> {
    let (view, source) = (qualified(views, &table.name), qualified(target, &table.name));
    let columns = columns(connection, target, &table.name)?;
    let list: Vec<String> = columns.iter().map(|column| quote_identifier(&column.name)).collect();
    let select = format!("VIEW {view} AS SELECT {} FROM {source}", list.join(", "));
    // Where the columns are others, the view has to be made anew.
    let replaced =
        connection.transaction(|connection| connection.batch_execute(&format!("CREATE OR REPLACE {select}")));
    if let Err(error) = replaced {
        if matches!(emap_postgres::ErrorClass::of(&error), emap_postgres::ErrorClass::Lost) {
            return Err(error);
        }
        let grants = grants(connection, views, &table.name)?;
        connection.batch_execute(&format!("DROP VIEW {view}; CREATE {select}"))?;
        for Statement { statement } in grants {
            connection.batch_execute(&statement)?;
        }
    }
    comment(connection, &format!("VIEW {view}"), table.comment.as_deref())?;
    for Column { name, comment: text } in &columns {
        comment(connection, &format!("COLUMN {view}.{}", quote_identifier(name)), text.as_deref())?;
    }
    Ok(())
}

fn columns(connection: &mut PgConnection, target: &str, table: &str) -> QueryResult<Vec<Column>> {
    sql_query(
        "SELECT a.attname::text AS name, col_description(a.attrelid, a.attnum) AS comment
         FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace s ON s.oid = c.relnamespace
         WHERE s.nspname = $1 AND c.relname = $2 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
    )
    .bind::<Text, _>(target)
    .bind::<Text, _>(table)
    .load(connection)
}

/// The statements that grant again what is granted on a view.
fn grants(connection: &mut PgConnection, views: &str, view: &str) -> QueryResult<Vec<Statement>> {
    sql_query(
        "SELECT format('GRANT %s ON %I.%I TO %s%s', g.privilege_type, s.nspname, c.relname,
                       CASE WHEN g.grantee = 0 THEN 'PUBLIC' ELSE g.grantee::regrole::text END,
                       CASE WHEN g.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END) AS statement
         FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace, aclexplode(c.relacl) g
         WHERE s.nspname = $1 AND c.relname = $2 AND g.grantee <> c.relowner",
    )
    .bind::<Text, _>(views)
    .bind::<Text, _>(view)
    .load(connection)
}

fn comment(connection: &mut PgConnection, what: &str, text: Option<&str>) -> QueryResult<()> {
    let text = text.map_or_else(|| "NULL".to_owned(), |text| format!("'{}'", text.replace('\'', "''")));
    connection.batch_execute(&format!("COMMENT ON {what} IS {text}"))
}

fn qualified(schema: &str, name: &str) -> String {
    format!("{}.{}", quote_identifier(schema), quote_identifier(name))
}
