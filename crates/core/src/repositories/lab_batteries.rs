//! Batteries of laboratory tests, and which tests have been seen in them.

use emap_star::{
    Session, SessionError,
    rows::{
        BatteryByCode, BatteryCode, ElementByParts, ElementParts, LabBattery, LabBatteryElement,
        LabTestDefinition,
    },
};

/// The battery with a code of a provider.
pub(crate) fn by_code<'s>(
    session: &'s mut Session,
    key: &BatteryCode,
) -> Result<Option<&'s LabBattery>, SessionError> {
    session.find_one::<BatteryByCode>(key)
}

/// The note that a test has been seen among the results of a battery.
pub(crate) fn element<'s>(
    session: &'s mut Session,
    parts: &ElementParts,
) -> Result<Option<&'s LabBatteryElement>, SessionError> {
    // A battery or a test that the batch creates has not been seen with anything.
    if session.is_new::<LabBattery>(parts.lab_battery_id)
        || session.is_new::<LabTestDefinition>(parts.lab_test_definition_id)
    {
        session.known_absent::<ElementByParts>(parts.clone());
    }
    session.find_one::<ElementByParts>(parts)
}
