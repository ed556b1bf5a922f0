//! The message store (IDS) and the reader's progress through it.
//!
//! * [`IdsStore`]: table `tbl_ids_master`: append, read in blocks, find where a time window begins
//! * [`ProgressStore`]: tables `etl_ids_progress`, `etl_ids_gap` and `etl_ids_reject`, in the schema of the star
//!   database; and the place of the one reader that works with them
//!
//! All calls block; asynchronous programs make them on a thread of their own. A store whose connection was lost
//! answers with an error until [`IdsStore::reconnect`] (or [`ProgressStore::reconnect`]) succeeds.
//!
//! **Time zone.** Columns of type `timestamp` hold local time of the hospital. Each connection sets the zone, and
//! PostgreSQL converts; `timestamptz` columns work the same.

mod append;
mod columns;
mod connection;
mod error;
mod late;
mod migrations;
mod progress;
mod row;
mod store;
mod window;

pub use self::{
    append::{NewRow, append_within},
    connection::DEFAULT_ZONE,
    error::IdsError,
    migrations::{migrate, migrate_over},
    progress::{
        Advance, Gap, GapChange, OLD_REJECTS, OpenGaps, OtherReader, Place, Progress, ProgressStore, Reject,
        migrate as migrate_progress,
    },
    row::{IdsRow, RowText},
    store::{BlockLimit, IdsStore},
};
