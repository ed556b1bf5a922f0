//! Expressions of T-SQL as SQL of PostgreSQL, with their types.

use std::cell::Cell;

use super::{
    refused::{Bind, Refused},
    types::{Collation, SqlType},
};

/// A translated expression.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bound {
    pub(crate) sql: String,
    pub(crate) sql_type: SqlType,
    pub(crate) nullable: bool,
    /// Of a whole number that stands in the text: how many digits.
    pub(crate) literal_digits: Option<u8>,
}

impl Bound {
    pub(crate) fn new(sql: impl Into<String>, sql_type: SqlType, nullable: bool) -> Self {
        Self { sql: sql.into(), sql_type, nullable, literal_digits: None }
    }

    pub(crate) fn null() -> Self {
        Self::new("NULL", SqlType::Null, true)
    }

    pub(crate) fn is_null(&self) -> bool {
        self.sql_type == SqlType::Null
    }

    /// What it is compared, grouped and sorted by.
    pub(crate) fn key(&self) -> String {
        key(&self.sql, self.sql_type)
    }

    pub(crate) fn key_as(&self, collation: Collation) -> String {
        match self.sql_type {
            SqlType::Text(_) => text_key(&self.sql, collation),
            _ => self.key(),
        }
    }
}

/// What a value of a type is compared, grouped and sorted by.
pub(crate) fn key(sql: &str, sql_type: SqlType) -> String {
    match sql_type {
        SqlType::Text(text) => text_key(sql, text.collation),
        SqlType::DateTimeOffset(_) => format!("(({sql}).utc)"),
        SqlType::Null => "NULL::integer".to_owned(),
        _ => sql.to_owned(),
    }
}

/// Blanks at the end do not count.
fn text_key(sql: &str, collation: Collation) -> String {
    format!("(rtrim({sql}, ' ') COLLATE {})", collation.sql())
}

/// A column of a source.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) bound: Bound,
}

/// What stands in FROM.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// Its alias, or the name of its table.
    pub(crate) name: String,
    /// Whether the name was given in FROM.
    pub(crate) is_alias: bool,
    pub(crate) alias: String,
    pub(crate) columns: Vec<Column>,
    /// The table of PostgreSQL, if it is one.
    pub(crate) table: Option<super::catalog::Table>,
}

/// Where an expression stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clause {
    From,
    Where,
    GroupBy,
    Having,
    Select,
    OrderBy,
}

/// What names may mean in a query.
pub(crate) struct Scope<'p> {
    pub(crate) sources: Vec<Source>,
    pub(crate) parent: Option<&'p Scope<'p>>,
    /// Of a grouped query: what stands in GROUP BY, and what stands for it in the rest.
    pub(crate) groups: Option<Vec<(Bound, Bound)>>,
    pub(crate) in_aggregate: Cell<bool>,
    pub(crate) clause: Cell<Clause>,
}

impl<'p> Scope<'p> {
    pub(crate) fn new(parent: Option<&'p Scope<'p>>) -> Self {
        Self {
            sources: Vec::new(),
            parent,
            groups: None,
            in_aggregate: Cell::new(false),
            clause: Cell::new(Clause::From),
        }
    }

    /// A column without a prefix.
    pub(crate) fn column(&self, name: &str) -> Bind<Bound> {
        let mut found = self.sources.iter().flat_map(|source| {
            source
                .columns
                .iter()
                .filter(|column| same(&column.name, name))
                .map(move |column| (source, column))
        });
        match (found.next(), found.next()) {
            (Some((source, column)), None) => self.grouped(source, column),
            (Some(_), Some(_)) => Err(Refused::new(209, format!("Ambiguous column name '{name}'."))),
            (None, _) => match self.parent {
                Some(parent) => parent.column(name),
                None => Err(Refused::new(207, format!("Invalid column name '{name}'."))),
            },
        }
    }

    /// A column with a prefix.
    pub(crate) fn column_of(&self, prefix: &str, name: &str) -> Bind<Bound> {
        match self.source(prefix) {
            Some(source) => match source.columns.iter().find(|column| same(&column.name, name)) {
                Some(column) => self.grouped(source, column),
                None => Err(Refused::new(207, format!("Invalid column name '{name}'."))),
            },
            None => match self.parent {
                Some(parent) => parent.column_of(prefix, name),
                None => Err(Refused::new(
                    4104,
                    format!("The multi-part identifier \"{prefix}.{name}\" could not be bound."),
                )),
            },
        }
    }

    pub(crate) fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| same(&source.name, name))
    }

    /// In a grouped query a column must be one that is grouped by.
    fn grouped(&self, source: &Source, column: &Column) -> Bind<Bound> {
        match &self.groups {
            Some(groups) if !self.in_aggregate.get() => {
                match groups.iter().find(|(raw, _)| raw.sql == column.bound.sql) {
                    Some((_, shown)) => Ok(shown.clone()),
                    None => Err(self.not_grouped(&source.name, &column.name)),
                }
            }
            _ => Ok(column.bound.clone()),
        }
    }

    fn not_grouped(&self, source: &str, column: &str) -> Refused {
        let (number, place) = match self.clause.get() {
            Clause::Having => (8121, "HAVING clause"),
            Clause::OrderBy => (8127, "ORDER BY clause"),
            _ => (8120, "select list"),
        };
        Refused::new(
            number,
            format!(
                "Column '{source}.{column}' is invalid in the {place} because it is not contained in either an aggregate function or the GROUP BY clause."
            ),
        )
    }
}

/// Names are the same in any case.
pub(crate) fn same(a: &str, b: &str) -> bool {
    a == b || a.to_lowercase() == b.to_lowercase()
}
