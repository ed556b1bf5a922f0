//! Laboratory orders with their results, cancellations of orders, and the names of tests and batteries.

use emap_interchange::{LabMetadata, LabOrder, LabResult};
use emap_star::rows::{ElementParts, LabOrderId};

use super::patient::{patient, visit_if_named};
use crate::{
    failure::{Failure, required},
    rules::{
        controllers::{
            labs::{
                batteries, cancellation,
                orders::{self, Request},
                results, samples, test_definitions,
            },
            questions,
        },
        repositories::{
            labs::{self, Described},
            questions::Parent,
        },
    },
    scope::{Context, Scope},
};

/// Patient, visit if one is named, battery and sample, then either the order's cancellation, or the questions, the
/// order and its results one after the other.
pub(crate) fn process(context: Context<'_, '_>, message: &LabOrder) -> Result<(), Failure> {
    let first_mention = message.collection_date_time.or(message.status_change_time);
    let mut scope = context.at(required(first_mention, "statusChangeTime")?);
    let mrn_id = patient(&mut scope, message.mrn.as_deref())?;
    let visit_number = message.visit_number.as_deref().filter(|number| !number.is_empty());
    let hospital_visit_id = visit_if_named(&mut scope, mrn_id, visit_number)?;
    scope.message_time = required(message.status_change_time, "statusChangeTime")?;
    let lab_battery_id = batteries::get_or_create(&mut scope, &labs::battery_key(message)?)?;
    let lab_sample_id = samples::update(&mut scope, mrn_id, message)?;
    let request = Request { lab_battery_id, lab_sample_id, hospital_visit_id, message };
    if message.epic_care_order_number.is_delete() {
        return cancellation::cancel(&mut scope, request);
    }
    questions::answer(&mut scope, Parent::LabSample(lab_sample_id), &message.questions)?;
    let lab_order_id = orders::update(&mut scope, request)?;
    message.lab_results.iter().try_for_each(|result| note_result(&mut scope, request, lab_order_id, result))
}

/// The test, that it was seen in the battery, and its result.
fn note_result(
    scope: &mut Scope<'_, '_>,
    request: Request<'_>,
    lab_order_id: LabOrderId,
    result: &LabResult,
) -> Result<(), Failure> {
    let test = labs::test_key(request.message, result)?;
    let department = request.message.lab_department.as_deref();
    let lab_test_definition_id = test_definitions::get_or_create(scope, &test, department)?;
    let parts = ElementParts { lab_battery_id: request.lab_battery_id, lab_test_definition_id };
    batteries::note_element(scope, &parts)?;
    results::update(scope, lab_order_id, lab_test_definition_id, result)
}

/// What a test or a battery is called.
pub(crate) fn process_metadata(context: Context<'_, '_>, message: &LabMetadata) -> Result<(), Failure> {
    let mut scope = context.at(required(message.valid_from, "validFrom")?);
    match Described::of(message)? {
        Described::Battery(key) => batteries::name(&mut scope, &key, message),
        Described::Test(key) => test_definitions::name(&mut scope, &key, message),
    }
}
