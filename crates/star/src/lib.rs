//! The star schema: rows, audit twins, migrations and the unit of work.
//!
//! [`Session`] is the heart: rules compare messages with rows in memory, and a whole batch of messages reaches the
//! database with a handful of statements.

mod column;
mod connection;
mod dependents;
mod error;
mod flush;
mod ids;
mod index;
mod inspect;
mod known_by;
pub mod migrations;
mod rejects;
mod row;
mod row_state;
pub mod rows;
mod session;
mod star_table;
mod subjects;
mod table;
mod tables;

pub use self::{
    connection::connect,
    dependents::Removable,
    error::SessionError,
    index::{Index, IndexSet, Lookup},
    inspect::{Inspect, Value},
    known_by::known_by,
    rejects::{RejectFilter, Rejects},
    row::{Audited, Instant, Row},
    row_state::RowState,
    session::Session,
    subjects::{Subject, Subjects},
    tables::{Holds, Tables},
};
