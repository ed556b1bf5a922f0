//! T-SQL on PostgreSQL: batches are parsed, and their trees walked with an allow-list. What is on it is translated with
//! SQL Server's meaning, on functions of a schema of its own; what is not is refused by name.

mod aggregates;
mod batch;
mod bound;
mod catalog;
mod change;
mod conversion;
mod definition;
mod describe;
mod errors;
mod expression;
mod from;
mod functions;
mod null_functions;
mod number_functions;
mod operators;
mod output;
mod query;
mod refused;
mod result;
mod select;
mod syntax;
mod text_functions;
mod time_functions;
mod types;

pub(crate) use self::{
    batch::{Batch, Failure, Output, State, variable},
    bound::Bound,
    output::Layout,
    refused::Refused,
    result::OutColumn,
    types::{SqlType, Text},
};

/// What a database needs before anything runs there.
pub(crate) const SCHEMA: &str = include_str!("tsql/schema.sql");
