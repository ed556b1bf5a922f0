//! How results leave PostgreSQL: as columns that the wire can be given.

use super::{
    result::{BoundQuery, OutColumn},
    types::SqlType,
};

/// Of a result: its columns, and which columns of PostgreSQL hold them.
#[derive(Debug, Clone)]
pub(crate) struct Layout {
    pub(crate) columns: Vec<(OutColumn, usize)>,
}

/// The query with its columns as the wire takes them; rows keep their order.
pub(crate) fn shown(query: &BoundQuery) -> (String, Layout) {
    let mut parts = Vec::new();
    let mut columns = Vec::new();
    for (index, column) in query.columns.iter().enumerate() {
        let name = format!("q.c{}", index + 1);
        columns.push((column.clone(), parts.len()));
        match column.sql_type {
            SqlType::Decimal(_, scale) => {
                parts.push(format!("CAST(CAST({name} AS numeric(38,{scale})) AS text)"));
            }
            SqlType::Money => parts.push(format!("CAST(CAST({name} AS numeric(38,4)) AS text)")),
            SqlType::UniqueIdentifier | SqlType::Text(_) => parts.push(format!("CAST({name} AS text)")),
            SqlType::DateTimeOffset(_) => {
                parts.push(format!("({name}).utc"));
                parts.push(format!("({name}).minutes"));
            }
            SqlType::Time(_) => parts.push(format!("(date '2000-01-01' + {name})")),
            other => parts.push(format!("CAST({name} AS {})", other.stored())),
        }
    }
    (format!("SELECT {} FROM ({}) AS q", parts.join(", "), query.sql), Layout { columns })
}
