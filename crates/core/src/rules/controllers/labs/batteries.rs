//! Sets of tests that can be ordered together: implied by orders, named by metadata.

use emap_interchange::LabMetadata;
use emap_star::{
    RowState,
    rows::{BatteryCode, ElementParts, LabBattery, LabBatteryElement, LabBatteryId},
};

use crate::{assign::assign_if_null_or_newer, failure::Failure, rules::repositories::labs, scope::Scope};

/// The battery's primary key; one that no message mentioned before is created.
pub(crate) fn get_or_create(scope: &mut Scope<'_, '_>, key: &BatteryCode) -> Result<LabBatteryId, Failure> {
    let battery = open(scope, key)?;
    let id = battery.lab_battery_id;
    scope.rows.save(battery)?;
    Ok(id)
}

/// What the battery is called.
pub(crate) fn name(
    scope: &mut Scope<'_, '_>,
    key: &BatteryCode,
    message: &LabMetadata,
) -> Result<(), Failure> {
    let mut battery = open(scope, key)?;
    let newer = battery.message_is_newer(scope.message_time);
    assign_if_null_or_newer(&message.name, &mut battery.battery_name, newer);
    scope.rows.save(battery)?;
    Ok(())
}

fn open(scope: &mut Scope<'_, '_>, key: &BatteryCode) -> Result<RowState<LabBattery>, Failure> {
    let known = labs::battery_by_code(scope.rows, key)?.cloned();
    let battery = scope.open(known, |id| LabBattery {
        battery_code: Some(key.battery_code.clone()),
        ..LabBattery::new(id, key.lab_provider.clone())
    })?;
    Ok(battery)
}

/// A result of a test was reported for an order of the battery.
pub(crate) fn note_element(scope: &mut Scope<'_, '_>, parts: &ElementParts) -> Result<(), Failure> {
    if labs::element(scope.rows, parts)?.is_some() {
        return Ok(());
    }
    let element = scope
        .open(None, |id| LabBatteryElement::new(id, parts.lab_battery_id, parts.lab_test_definition_id))?;
    scope.rows.save(element)?;
    Ok(())
}
