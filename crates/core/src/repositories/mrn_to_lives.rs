//! Where identifiers lead after merges.

use emap_star::{
    Session, SessionError,
    rows::{LiveByLiveMrn, LiveByMrn, MrnToLive},
};

/// The row that says where an identifier leads.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<&MrnToLive, SessionError> {
    session
        .find_one::<LiveByMrn>(&mrn_id)?
        .ok_or(SessionError::RowMissing { table: "mrn_to_live of mrn", id: mrn_id })
}

/// The rows of all identifiers that lead to this one; itself among them as long as it is in force.
pub(crate) fn leading_to(session: &mut Session, live_mrn_id: i64) -> Result<Vec<&MrnToLive>, SessionError> {
    session.find::<LiveByLiveMrn>(&live_mrn_id)
}

/// An identifier that is being created leads nowhere yet, and none leads to it.
pub(crate) fn none_yet(session: &mut Session, mrn_id: i64) {
    session.known_absent::<LiveByMrn>(mrn_id);
    session.known_absent::<LiveByLiveMrn>(mrn_id);
}
