//! The star schema: rows, audit twins, migrations and the unit of work.
//!
//! [`Session`] is the heart: rules compare messages with rows in memory, and a whole batch of messages reaches the
//! database with a handful of statements.

mod column;
mod error;
mod flush;
mod ids;
mod index;
pub mod migrations;
mod row;
mod row_state;
pub mod rows;
mod session;
mod star_table;
mod table;
mod tables;

pub use self::{
    error::SessionError,
    index::{Index, IndexSet, Lookup},
    row::{Audited, Instant, Row},
    row_state::RowState,
    session::{Session, connect, quote_identifier},
    tables::{Holds, Tables},
};
