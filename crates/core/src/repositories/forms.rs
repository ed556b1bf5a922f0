//! Forms that clinicians filled in.

use emap_star::{
    Session, SessionError,
    rows::{Form, FormByMrn},
};

/// Forms of a patient's identifier rather than of a visit.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<Vec<&Form>, SessionError> {
    session.find::<FormByMrn>(&mrn_id)
}
