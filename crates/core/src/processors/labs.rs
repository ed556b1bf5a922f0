//! Laboratory orders with their results, cancellations of orders, and the names of tests and batteries.

use emap_interchange::{LabMetadata, LabOrder, LabResult, LabsMetadataType, OrderCodingSystem};
use emap_star::{Session, rows::ElementParts};

use super::patient::patient;
use crate::{
    controllers::{
        hospital_visit,
        labs::{
            batteries, cancellation,
            orders::{self, Request},
            results, samples, test_definitions,
        },
        questions::{self, Parent},
    },
    outcome::ProcessingError,
    source::Source,
};

const NO_TIME: ProcessingError = ProcessingError::RequiredDataMissing("statusChangeTime");

/// Patient, visit if one is named, battery and sample, then either the order's cancellation, or the questions, the
/// order and its results one after the other.
pub(crate) fn process(
    session: &mut Session,
    source: Source<'_>,
    message: &LabOrder,
) -> Result<(), ProcessingError> {
    let first_mention = message.collection_date_time.or(message.status_change_time).ok_or(NO_TIME)?;
    let mrn_id = patient(session, source, message.mrn.as_deref(), first_mention)?;
    let hospital_visit_id = match message.visit_number.as_deref().filter(|number| !number.is_empty()) {
        Some(number) => {
            Some(hospital_visit::get_or_create(session, Some(number), mrn_id, source, first_mention)?)
        }
        None => None,
    };
    let message_time = message.status_change_time.ok_or(NO_TIME)?;
    let provider = message.test_battery_coding_system.as_deref();
    let battery = batteries::key(provider, message.test_battery_local_code.as_deref())?;
    let lab_battery_id = batteries::get_or_create(session, &battery, message_time)?;
    let lab_sample_id = samples::update(session, mrn_id, message, message_time)?;
    let request = Request { lab_battery_id, lab_sample_id, hospital_visit_id, message_time, source, message };
    if message.epic_care_order_number.is_delete() {
        return cancellation::cancel(session, request);
    }
    questions::answer(session, Parent::LabSample(lab_sample_id), &message.questions, Some(message_time))?;
    let lab_order_id = orders::update(session, request)?;
    message.lab_results.iter().try_for_each(|result| note_result(session, request, lab_order_id, result))
}

/// The test, that it was seen in the battery, and its result.
fn note_result(
    session: &mut Session,
    request: Request<'_>,
    lab_order_id: i64,
    result: &LabResult,
) -> Result<(), ProcessingError> {
    let (order, message_time) = (request.message, request.message_time);
    let provider = order.test_battery_coding_system.as_deref();
    let test = test_definitions::key(provider, result.test_item_local_code.as_deref())?;
    let department = order.lab_department.as_deref();
    let lab_test_definition_id = test_definitions::update(session, &test, department, message_time)?;
    let parts = ElementParts { lab_battery_id: request.lab_battery_id, lab_test_definition_id };
    batteries::note_element(session, &parts, message_time)?;
    results::update(session, lab_order_id, lab_test_definition_id, result, message_time)
}

/// What a test or a battery is called.
pub(crate) fn process_metadata(session: &mut Session, message: &LabMetadata) -> Result<(), ProcessingError> {
    let message_time =
        message.valid_from.ok_or(ProcessingError::Invalid("the description has no validFrom"))?;
    let kind = message
        .labs_metadata_type
        .ok_or(ProcessingError::Invalid("the description has no labsMetadataType"))?;
    let provider = message.coding_system.map(OrderCodingSystem::as_str);
    let code = message.short_code.as_deref();
    match kind {
        LabsMetadataType::Battery => {
            batteries::name(session, &batteries::key(provider, code)?, message, message_time)
        }
        LabsMetadataType::Test => {
            test_definitions::name(session, &test_definitions::key(provider, code)?, message, message_time)
        }
    }
}
