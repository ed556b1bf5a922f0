//! Where identifiers lead after merges.

use emap_star::{
    Session, SessionError,
    rows::{LiveByMrn, MrnToLive},
};

/// The row that says where an identifier leads.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<&MrnToLive, SessionError> {
    session
        .find_one::<LiveByMrn>(&mrn_id)?
        .ok_or(SessionError::RowMissing { table: "mrn_to_live of mrn", id: mrn_id })
}

/// An identifier that is being created leads nowhere yet.
pub(crate) fn none_yet(session: &mut Session, mrn_id: i64) {
    session.known_absent::<LiveByMrn>(mrn_id);
}
