//! Sets of tests that can be ordered together: implied by orders, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    Instant, RowState, Session,
    rows::{BatteryCode, ElementParts, LabBattery, LabBatteryElement},
};

use crate::{
    assign::assign_if_null_or_newer, controllers::opened::opened, outcome::ProcessingError,
    repositories::lab_batteries,
};

/// What a message calls a battery.
pub(crate) fn key(provider: Option<&str>, code: Option<&str>) -> Result<BatteryCode, ProcessingError> {
    let provider = provider.ok_or(ProcessingError::Invalid("the battery has no coding system"))?;
    let code = code.ok_or(ProcessingError::Invalid("the battery has no code"))?;
    Ok(BatteryCode { lab_provider: provider.to_owned(), battery_code: code.to_owned() })
}

/// The battery's primary key; it is created if nobody mentioned it before.
pub(crate) fn get_or_create(
    session: &mut Session,
    key: &BatteryCode,
    message_time: Instant,
) -> Result<i64, ProcessingError> {
    let battery = open(session, key, message_time)?;
    let id = battery.lab_battery_id;
    session.save(battery)?;
    Ok(id)
}

/// What the battery is called.
pub(crate) fn name(
    session: &mut Session,
    key: &BatteryCode,
    message: &LabMetadata,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    let mut battery = open(session, key, message_time)?;
    let newer = battery.message_is_newer(message_time);
    assign_if_null_or_newer(&message.name, &mut battery.battery_name, newer);
    session.save(battery)?;
    Ok(())
}

fn open(
    session: &mut Session,
    key: &BatteryCode,
    message_time: Instant,
) -> Result<RowState<LabBattery>, ProcessingError> {
    let known = lab_batteries::by_code(session, key)?.cloned();
    let battery = opened(session, known, message_time, |id, stored_from| LabBattery {
        lab_battery_id: id,
        stored_from,
        valid_from: message_time,
        battery_code: Some(key.battery_code.clone()),
        battery_name: None,
        lab_provider: key.lab_provider.clone(),
    })?;
    Ok(battery)
}

/// A result of a test was reported for an order of the battery.
pub(crate) fn note_element(
    session: &mut Session,
    parts: &ElementParts,
    message_time: Instant,
) -> Result<(), ProcessingError> {
    if lab_batteries::element(session, parts)?.is_some() {
        return Ok(());
    }
    let element = opened(session, None, message_time, |id, stored_from| LabBatteryElement {
        lab_battery_element_id: id,
        stored_from,
        valid_from: message_time,
        lab_battery_id: parts.lab_battery_id,
        lab_test_definition_id: parts.lab_test_definition_id,
    })?;
    session.save(element)?;
    Ok(())
}
