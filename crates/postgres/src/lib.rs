//! PostgreSQL as every crate here needs it: addresses, connections, schemas, migrations, and what an error means.
//!
//! * [`Config`]: where a database is and who connects, from a JDBC or a libpq URL; opens connections, with limits for
//!   all that they may wait for
//! * [`end_all_connections`]: for a program that must end although its connections wait
//! * [`advisory`]: who holds an advisory lock
//! * [`schema`]: quoting and creation of schemas
//! * [`Migrations`]: forward-only steps taken in a schema that is in use, by one program at a time
//! * [`OldRows`]: rows that are kept for a time, removed a few at a time
//! * [`ErrorClass`]: whether a failed statement is the connection's, the server's, another process's or its own fault
//! * [`get_in_step`]: what a connection needs after a failed COPY
//!
//! All calls block.

pub mod advisory;
mod config;
mod connection;
mod error_class;
mod in_step;
mod migrations;
mod old_rows;
mod options;
pub mod schema;
mod socket;
mod url;
mod watch;

pub use self::{
    config::{Config, UrlError},
    connection::SILENCE,
    error_class::{ErrorClass, is_alive},
    in_step::get_in_step,
    migrations::{MigrationError, MigrationReport, Migrations, Step, Stop},
    old_rows::{OldRows, Removed},
    options::BadOption,
    schema::quote_identifier,
    watch::end_all_connections,
};
