//! The columns of a result: names, types, and whether they may be null.
//!
//! The driver keeps names and families of types only. The rest is read from what the server sends, if that is not encrypted;
//! otherwise the server is asked to describe the query (`sys.dm_exec_describe_first_result_set`). A server that can do
//! neither is taken at what the driver shows.

mod describe;
mod wire;

use futures::TryStreamExt;
use tiberius::{Column, ColumnType, QueryItem, ToSql};

use super::{
    binding::bound,
    connect::{Connection, failed},
};
use crate::{
    column::FoundColumn,
    source::{database::Query, error::SourceError},
};

/// The columns of a query's first result. The query is run and its rows, of which there should be none, are dropped.
pub(super) async fn found_columns(
    connection: &mut Connection,
    query: &Query,
) -> Result<Vec<FoundColumn>, SourceError> {
    let bound: Vec<&dyn ToSql> = query.parameters.iter().map(bound).collect();
    let failed = |error| failed(&query.file, &error);
    connection.heard.begin();
    let mut stream = connection.client.query(query.sql.as_ref(), &bound).await.map_err(failed)?;
    let mut found = None;
    while let Some(item) = stream.try_next().await.map_err(failed)? {
        if let (QueryItem::Metadata(metadata), None) = (item, &found) {
            found = Some(of_stream(metadata.columns()));
        }
    }
    drop(stream);
    let heard = connection.heard.end();
    let Some(found) = found else {
        let difference = "returns no columns at all: it is no query".to_owned();
        return Err(SourceError::Contract { file: query.file.clone(), difference });
    };
    let exact =
        if connection.is_clear { wire::columns(&heard) } else { describe::columns(connection, query).await };
    Ok(exact.filter(|exact| is_same(exact, &found)).unwrap_or(found))
}

/// Whether two lists are about the same columns.
fn is_same(exact: &[FoundColumn], found: &[FoundColumn]) -> bool {
    exact.iter().map(|column| &column.name).eq(found.iter().map(|column| &column.name))
}

/// What the driver shows of columns.
pub(super) fn of_stream(columns: &[Column]) -> Vec<FoundColumn> {
    let found = |column: &Column| FoundColumn {
        name: column.name().to_owned(),
        sql_type: type_name(column.column_type()).to_owned(),
        nullable: None,
    };
    columns.iter().map(found).collect()
}

fn type_name(column_type: ColumnType) -> &'static str {
    match column_type {
        ColumnType::Null => "null",
        ColumnType::Bit | ColumnType::Bitn => "bit",
        ColumnType::Int1 => "tinyint",
        ColumnType::Int2 => "smallint",
        ColumnType::Int4 | ColumnType::Intn => "int",
        ColumnType::Int8 => "bigint",
        ColumnType::Datetime4 => "smalldatetime",
        ColumnType::Float4 => "real",
        ColumnType::Float8 | ColumnType::Floatn => "float",
        ColumnType::Money | ColumnType::Money4 => "money",
        ColumnType::Datetime | ColumnType::Datetimen => "datetime",
        ColumnType::Guid => "uniqueidentifier",
        ColumnType::Decimaln | ColumnType::Numericn => "decimal",
        ColumnType::Daten => "date",
        ColumnType::Timen => "time",
        ColumnType::Datetime2 => "datetime2",
        ColumnType::DatetimeOffsetn => "datetimeoffset",
        ColumnType::BigVarBin | ColumnType::BigBinary | ColumnType::Image => "varbinary",
        ColumnType::BigVarChar => "varchar",
        ColumnType::BigChar => "char",
        ColumnType::NVarchar => "nvarchar",
        ColumnType::NChar => "nchar",
        ColumnType::Xml => "xml",
        ColumnType::Udt => "a type of the site",
        ColumnType::Text => "text",
        ColumnType::NText => "ntext",
        ColumnType::SSVariant => "sql_variant",
    }
}
