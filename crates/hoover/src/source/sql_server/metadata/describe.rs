//! Asks the server to describe a query.

use crate::{
    column::FoundColumn,
    source::{
        database::{Parameter, Query},
        sql_server::connect::Connection,
    },
};

const DESCRIBE: &str = "SELECT name, system_type_name, is_nullable \
     FROM sys.dm_exec_describe_first_result_set(@P1, @P2, 0) WHERE is_hidden = 0 ORDER BY column_ordinal";

/// What the server says; `None` if it cannot.
pub(super) async fn columns(connection: &mut Connection, query: &Query) -> Option<Vec<FoundColumn>> {
    let declared = declarations(&query.parameters);
    let described = connection.client.query(DESCRIBE, &[&query.sql.as_ref(), &declared.as_str()]).await;
    let rows = described.ok()?.into_first_result().await.ok()?;
    let column = |row: &tiberius::Row| {
        Some(FoundColumn {
            name: row.try_get::<&str, _>(0).ok()??.to_owned(),
            sql_type: row.try_get::<&str, _>(1).ok()??.to_owned(),
            nullable: row.try_get::<bool, _>(2).ok()?,
        })
    };
    rows.iter().map(column).collect()
}

fn declarations(parameters: &[Parameter]) -> String {
    let declared = parameters.iter().enumerate().map(|(index, parameter)| {
        let sql_type = match parameter {
            Parameter::DateTime(_) | Parameter::Instant(_) => "datetime2(7)",
            Parameter::Int(_) => "int",
            Parameter::Text(_) => "nvarchar(4000)",
        };
        format!("@P{} {sql_type}", index + 1)
    });
    declared.collect::<Vec<_>>().join(", ")
}
