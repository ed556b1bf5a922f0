//! PostgreSQL as every crate here needs it: addresses, connections, schemas, migrations, and what an error means.
//!
//! * [`Config`]: where a database is and who connects, from a JDBC or a libpq URL; opens connections
//! * [`schema`]: quoting and creation of schemas
//! * [`Migrations`]: forward-only steps taken in a schema, by one program at a time
//! * [`ErrorClass`]: whether a failed statement is the connection's, the server's, another process's or its own fault
//!
//! All calls block.

mod config;
mod error_class;
mod migrations;
pub mod schema;
mod url;

pub use self::{
    config::{Config, NotPostgres},
    error_class::{ErrorClass, is_alive},
    migrations::{MigrationError, Migrations},
    schema::quote_identifier,
};
