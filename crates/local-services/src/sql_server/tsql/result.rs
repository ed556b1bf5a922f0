//! Translated queries, and what their results look like.

use sqlparser::ast::Query;

use super::types::SqlType;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct OutColumn {
    /// Empty if it has none.
    pub(crate) name: String,
    pub(crate) sql_type: SqlType,
    pub(crate) nullable: bool,
    pub(crate) is_identity: bool,
}

/// A translated query: its columns are `c1`, `c2` … for PostgreSQL.
#[derive(Debug, Clone)]
pub(crate) struct BoundQuery {
    pub(crate) sql: String,
    pub(crate) columns: Vec<OutColumn>,
}

/// A common table expression.
#[derive(Debug, Clone)]
pub(crate) struct Cte {
    pub(crate) name: String,
    /// Their names, if they are given.
    pub(crate) columns: Vec<String>,
    pub(crate) definition: CteDefinition,
}

#[derive(Debug, Clone)]
pub(crate) enum CteDefinition {
    /// It may use the ones before it, so many.
    Plain(Box<Query>, usize),
    /// It is being defined: what PostgreSQL calls it, and its columns.
    Recursive(String, Vec<OutColumn>),
}
