//! Kinds of consultations.

use emap_star::{
    Session, SessionError,
    rows::{ConsultationType, ConsultationTypeByCode},
};

/// The kind with a code.
pub(crate) fn by_code<'s>(
    session: &'s mut Session,
    code: &str,
) -> Result<Option<&'s ConsultationType>, SessionError> {
    session.find_one::<ConsultationTypeByCode>(&code.to_owned())
}
