//! Forms that clinicians filled in.

use emap_star::{
    Session, SessionError,
    rows::{Form, FormByMrn, FormBySourceId},
};

/// The form with an identifier in its source.
pub(crate) fn by_source_id<'s>(session: &'s mut Session, id: &str) -> Result<Option<&'s Form>, SessionError> {
    session.find_one::<FormBySourceId>(&id.to_owned())
}

/// Forms of a patient's identifier rather than of a visit.
pub(crate) fn of_mrn(session: &mut Session, mrn_id: i64) -> Result<Vec<&Form>, SessionError> {
    session.find::<FormByMrn>(&mrn_id)
}
