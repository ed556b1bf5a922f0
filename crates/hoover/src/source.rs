//! The databases that are read.

mod database;
mod error;
mod gate;
mod ids;
mod jdbc;
mod name;
mod quiet;
mod rows;
mod sql_server;

pub use self::{
    database::{Database, Parameter, Query},
    error::SourceError,
    gate::{Gate, Guarded},
    ids::IdsDatabase,
    jdbc::{Encryption, JdbcError, JdbcUrl, Login},
    name::{APPLICATION_NAME, SourceName},
    quiet::QuietHours,
    rows::{RowSender, Rows},
    sql_server::{Isolation, SqlServer, SqlServerSettings},
};
