//! Requests that specialists see patients.

use emap_star::{
    Session, SessionError,
    rows::{ConsultationByNumber, ConsultationRequest},
};

/// The request with a number in the source system.
pub(crate) fn by_number(
    session: &mut Session,
    number: i64,
) -> Result<Option<&ConsultationRequest>, SessionError> {
    session.find_one::<ConsultationByNumber>(&number)
}
