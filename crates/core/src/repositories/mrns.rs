//! Identifier rows: hospital numbers and NHS numbers.

use emap_star::{
    Session, SessionError,
    rows::{Mrn, MrnByMrn, MrnByNhsNumber},
};

use super::only::only;

/// The row with a hospital number.
pub(crate) fn by_mrn<'s>(session: &'s mut Session, mrn: &str) -> Result<Option<&'s Mrn>, SessionError> {
    session.find_one::<MrnByMrn>(&mrn.to_owned())
}

/// The row with this primary key.
pub(crate) fn by_id(session: &mut Session, mrn_id: i64) -> Result<&Mrn, SessionError> {
    session.get::<Mrn>(mrn_id)
}

/// All rows with an NHS number, the oldest first.
pub(crate) fn by_nhs_number<'s>(
    session: &'s mut Session,
    nhs_number: &str,
) -> Result<Vec<&'s Mrn>, SessionError> {
    session.find::<MrnByNhsNumber>(&nhs_number.to_owned())
}

/// The row that has this NHS number and no hospital number.
pub(crate) fn by_nhs_number_alone<'s>(
    session: &'s mut Session,
    nhs_number: &str,
) -> Result<Option<&'s Mrn>, SessionError> {
    only(by_nhs_number(session, nhs_number)?.into_iter().filter(|row| row.mrn.is_none()))
}
