//! Results of laboratory tests.

use emap_star::{
    Session, SessionError,
    rows::{LabOrder, LabResult, LabResultByOrder},
};

use super::only::only;

/// An order has results.
pub(crate) fn exist(session: &mut Session, lab_order_id: i64) -> Result<bool, SessionError> {
    Ok(!session.children::<LabOrder, LabResultByOrder>(lab_order_id)?.is_empty())
}

/// The result of a test of an order.
pub(crate) fn of_test(
    session: &mut Session,
    lab_order_id: i64,
    lab_test_definition_id: i64,
) -> Result<Option<&LabResult>, SessionError> {
    let results = session.children::<LabOrder, LabResultByOrder>(lab_order_id)?.into_iter();
    only(results.filter(|result| result.lab_test_definition_id == lab_test_definition_id))
}

/// The result with this primary key.
pub(crate) fn by_id(session: &mut Session, lab_result_id: i64) -> Result<&LabResult, SessionError> {
    session.get::<LabResult>(lab_result_id)
}
