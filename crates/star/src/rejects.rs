//! Messages that could not be processed, as an operator looks at them and has them sent again.

mod kept;
mod removals;

pub use self::{
    kept::{RejectFilter, Rejects},
    removals::Searched,
};

use emap_postgres::OldRows;

/// The effect log, whose lines may be kept for a time only.
pub const OLD_EFFECTS: OldRows = OldRows {
    table: "etl_per_message_logging",
    key: "id",
    time: "processing_end_time",
    is_utc: true,
    open: "false",
};

/// The rejects, which may be kept for a time only. Open are those that were never sent again.
pub const OLD_REJECTS: OldRows = OldRows {
    table: "etl_message_reject",
    key: "etl_message_reject_id",
    time: "rejected_at",
    is_utc: false,
    open: "replayed_at IS NULL",
};
