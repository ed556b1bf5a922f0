//! Results of tests.

use emap_interchange::{LabResult as Message, LabResultStatus, ValueType};
use emap_star::{
    RowState,
    rows::{LabOrderId, LabResult, LabTestDefinitionId},
};

use super::isolates;
use crate::{
    assign::{Assign, assign_plain},
    failure::{Cause, Failure, required},
    rules::repositories::labs,
    scope::Scope,
};

/// Notes a test's result unless a newer one is known, and what grew if it is a culture. A new result holds from the
/// message's time on, a changed one from its own.
pub(crate) fn update(
    scope: &mut Scope<'_, '_>,
    lab_order_id: LabOrderId,
    lab_test_definition_id: LabTestDefinitionId,
    message: &Message,
) -> Result<(), Failure> {
    let known = labs::result_of_test(scope.rows, lab_order_id, lab_test_definition_id)?.cloned();
    let valid_from = match known {
        None => scope.message_time,
        Some(_) => required(message.result_time, "resultTime").map_err(Failure::undoing_the_message)?,
    };
    let mut result = scope.at(valid_from).open(known, |id| LabResult {
        result_last_modified_datetime: message.result_time,
        ..LabResult::new(id, lab_order_id, lab_test_definition_id)
    })?;
    if message.result_time >= result.result_last_modified_datetime {
        assign(&mut result, message)?;
        if result.is_changed() {
            result.result_last_modified_datetime = message.result_time;
        }
    }
    let lab_result_id = result.lab_result_id;
    let last_modified = result.result_last_modified_datetime;
    scope.rows.save(result)?;
    let Some(isolate) = message.lab_isolate.as_deref().filter(|_| Some(scope.message_time) >= last_modified)
    else {
        return Ok(());
    };
    if isolates::update(scope, lab_result_id, isolate)? {
        let mut result = RowState::existing(labs::result(scope.rows, lab_result_id)?.clone(), valid_from);
        result.result_last_modified_datetime = Some(scope.message_time);
        scope.rows.save(result)?;
    }
    Ok(())
}

/// Only the column of the value's type is touched.
fn assign(result: &mut LabResult, message: &Message) -> Result<(), Failure> {
    let value_type = required(message.mime_type, "mimeType").map_err(Failure::undoing_the_message)?;
    match value_type {
        ValueType::Numeric => {
            message.numeric_value.assign_to(&mut result.value_as_real);
            message.result_operator.assign_to(&mut result.result_operator);
        }
        ValueType::Text => message.string_value.assign_to(&mut result.value_as_text),
        ValueType::Pdf => message.byte_value.assign_to(&mut result.value_as_bytes),
        // What grew has rows of its own.
        ValueType::LabIsolate => {}
        ValueType::Date | ValueType::Time | ValueType::Instant | ValueType::Boolean => {
            return Err(Cause::RequiredDataMissing(
                "a number, a text, a PDF or an isolate as the type of the result",
            )
            .into());
        }
    }
    message.units.assign_to(&mut result.units);
    message.reference_low.assign_to(&mut result.range_low);
    message.reference_high.assign_to(&mut result.range_high);
    message.abnormal_flag.assign_to(&mut result.abnormal_flag);
    message.notes.assign_to(&mut result.comment);
    let status = message.result_status.unwrap_or(LabResultStatus::Unknown);
    assign_plain(Some(status.as_str()), &mut result.result_status);
    assign_plain(Some(value_type.mime_type()), &mut result.mime_type);
    Ok(())
}
