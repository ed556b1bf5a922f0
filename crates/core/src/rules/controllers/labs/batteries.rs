//! Sets of tests that can be ordered together: implied by orders, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    RowState,
    rows::{BatteryCode, ElementParts, LabBattery, LabBatteryElement},
};

use crate::{assign::assign_if_null_or_newer, failure::Failure, rules::repositories::labs, scope::Scope};

/// The battery's primary key; one that no message mentioned before is created.
pub(crate) fn get_or_create(scope: &mut Scope<'_>, key: &BatteryCode) -> Result<i64, Failure> {
    let battery = open(scope, key)?;
    let id = battery.lab_battery_id;
    scope.session.save(battery)?;
    Ok(id)
}

/// What the battery is called.
pub(crate) fn name(scope: &mut Scope<'_>, key: &BatteryCode, message: &LabMetadata) -> Result<(), Failure> {
    let mut battery = open(scope, key)?;
    let newer = battery.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut battery.battery_name, newer);
    scope.session.save(battery)?;
    Ok(())
}

fn open(scope: &mut Scope<'_>, key: &BatteryCode) -> Result<RowState<LabBattery>, Failure> {
    let known = labs::battery_by_code(scope.session, key)?.cloned();
    let battery = scope.open(known, |id, stored_from, valid_from| LabBattery {
        lab_battery_id: id,
        stored_from,
        valid_from,
        battery_code: Some(key.battery_code.clone()),
        battery_name: None,
        lab_provider: key.lab_provider.clone(),
    })?;
    Ok(battery)
}

/// A result of a test was reported for an order of the battery.
pub(crate) fn note_element(scope: &mut Scope<'_>, parts: &ElementParts) -> Result<(), Failure> {
    if labs::element(scope.session, parts)?.is_some() {
        return Ok(());
    }
    let element = scope.open(None, |id, stored_from, valid_from| LabBatteryElement {
        lab_battery_element_id: id,
        stored_from,
        valid_from,
        lab_battery_id: parts.lab_battery_id,
        lab_test_definition_id: parts.lab_test_definition_id,
    })?;
    scope.session.save(element)?;
    Ok(())
}
