//! Up to when a source is complete.

use std::sync::Arc;

use emap_interchange::Instant;

use crate::{
    cell::{Field as _, Local},
    clock::Clock,
    column::{Column, SqlType},
    queries::{Queries, QueryFileError, built_in},
    source::{Database, Query, SourceError, SourceName},
};

const CLARITY: &[Column] = &[Column {
    name: "loaded_until_local",
    sql_type: SqlType::DateTime2(0),
    nullable: true,
    meaning: "up to when the reporting database is complete",
}];
const CABOODLE: &[Column] = &[Column {
    name: "loaded_until_utc",
    sql_type: SqlType::DateTime2(3),
    nullable: true,
    meaning: "up to when the warehouse is complete",
}];

/// The question that a source answers. What is added after it has an update time at or after the answer.
#[derive(Debug, Clone)]
pub struct LoadStatus {
    source: SourceName,
    query: Query,
    clock: Clock,
}

impl LoadStatus {
    /// Of a source; the message store has none.
    ///
    /// # Errors
    /// When a site's own query cannot be read.
    pub fn of(source: SourceName, queries: &Queries, clock: Clock) -> Result<Option<Self>, QueryFileError> {
        let (file, text, columns) = match source {
            SourceName::Clarity => ("clarity/load_status.sql", built_in!("clarity/load_status.sql"), CLARITY),
            SourceName::Caboodle => {
                ("caboodle/load_status.sql", built_in!("caboodle/load_status.sql"), CABOODLE)
            }
            SourceName::Ids => return Ok(None),
        };
        let sql = queries.text(file, text)?;
        let query = Query { file: file.to_owned(), sql, parameters: Vec::new(), columns };
        Ok(Some(Self { source, query, clock }))
    }

    /// Asks.
    ///
    /// # Errors
    /// When the source cannot be read, or does not say.
    pub async fn loaded_until(&self, database: &Arc<dyn Database>) -> Result<Instant, SourceError> {
        let mut rows = database.open(self.query.clone()).await?;
        let mut first = None;
        while let Some(chunk) = rows.next().await? {
            first = first.or_else(|| chunk.into_iter().next());
        }
        let nothing = || SourceError::NoLoadStatus(self.source.to_string());
        let cell = first.and_then(|row| row.into_iter().next()).ok_or_else(nothing)?;
        let until = match self.source {
            SourceName::Clarity => {
                Option::<Local>::from_cell(cell).map(|local| local.map(|local| self.clock.instant(local)))
            }
            _ => Option::<Instant>::from_cell(cell),
        };
        until.ok().flatten().ok_or_else(nothing)
    }
}
