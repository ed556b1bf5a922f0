//! What every database does: it answers queries.

use std::sync::Arc;

use chrono::NaiveDateTime;
use emap_interchange::Instant;
use futures::future::BoxFuture;

use super::{error::SourceError, rows::Rows};
use crate::column::{Column, FoundColumn};

/// A value that is bound to a query.
#[derive(Debug, Clone, PartialEq)]
pub enum Parameter {
    /// A time without zone.
    DateTime(NaiveDateTime),
    /// A point in time.
    Instant(Instant),
    /// A number.
    Int(i32),
    /// A text.
    Text(&'static str),
}

/// A query with its parameters, and the columns that are wanted of its result.
#[derive(Debug, Clone)]
pub struct Query {
    /// Where its text comes from; for errors.
    pub file: String,
    /// Its text.
    pub sql: Arc<str>,
    /// Values of `@P1`, `@P2`, … (`$1`, `$2`, … in the message store).
    pub parameters: Vec<Parameter>,
    /// The columns that a row is made of.
    pub columns: &'static [Column],
}

/// Something that answers queries.
pub trait Database: Send + Sync + 'static {
    /// Starts a query. Its rows come as they are read; dropping them ends the query.
    fn open(&self, query: Query) -> BoxFuture<'_, Result<Rows, SourceError>>;

    /// The columns of the query's result.
    fn describe(&self, query: Query) -> BoxFuture<'_, Result<Vec<FoundColumn>, SourceError>>;
}
