//! The star schema: rows, audit twins, migrations and the unit of work.
//!
//! [`Session`] is the heart: rules compare messages with rows in memory, and a whole batch of messages reaches the
//! database with a handful of statements.

mod batch;
mod claims;
mod column;
mod commit;
mod connection;
mod dependents;
mod error;
mod flush;
mod id;
mod ids;
mod index;
mod inspect;
mod message_scope;
pub mod migrations;
mod rejects;
mod row;
mod row_state;
pub mod rows;
pub mod sequence;
mod session;
mod shared;
mod star_table;
mod subjects;
mod table;
mod tables;
mod unit_of_work;
mod value;
mod willing;

pub use self::{
    batch::{Batch, Flushed},
    claims::SessionId,
    commit::{CommitError, Fate, UncertainCommit},
    connection::{connect, connect_for_long_statements, connect_to},
    dependents::Removable,
    error::SessionError,
    id::Id,
    index::{Index, Lookup},
    inspect::Inspect,
    message_scope::MessageScope,
    rejects::{OLD_EFFECTS, OLD_REJECTS, RejectFilter, Rejects, Searched},
    row::{Audited, IndexSet, Row},
    row_state::RowState,
    session::Session,
    subjects::{Subject, Subjects},
    tables::{Holds, Tables, known_by},
    unit_of_work::UnitOfWork,
    value::{Instant, Value, just_after},
};
pub use emap_postgres::{ErrorClass, OldRows, Removed};
