//! Names of batteries and tests.

use emap_interchange::LabsMetadataType::{Battery, Test};
use emap_star::rows::*;

use super::messages::{at, four_results, lab, named, number, order, with_results};
use crate::world::World;

#[test]
fn metadata_adds_batteries_and_tests_but_says_not_which_belong_together() {
    let mut world = World::after([lab(with_results(four_results("09:00"), order("09:00")))]);
    assert_eq!((world.count::<LabBattery>(), world.count::<LabTestDefinition>()), (1, 4));
    assert_eq!(world.count::<LabBatteryElement>(), 4);
    world.receive([
        named(Battery, "FBC", "Full blood count", "08:00"),
        named(Test, "HB", "Haemoglobin", "08:00"),
        named(Test, "BAT", "A test, not the battery", "08:00"),
    ]);
    assert_eq!((world.count::<LabBattery>(), world.count::<LabTestDefinition>()), (2, 6));
    assert_eq!(world.count::<LabBatteryElement>(), 4);
    assert_eq!(world.count::<LabBatteryAudit>() + world.count::<LabTestDefinitionAudit>(), 0);
    assert_eq!(world.rows::<LabBattery>()[1].battery_name.as_deref(), Some("Full blood count"));
}

#[test]
fn a_test_implied_by_a_result_is_named() {
    for time in ["08:00", "10:00"] {
        let message = lab(with_results(vec![number("K", 4.5, "09:00")], order("09:00")));
        let world = World::after([message, named(Test, "K", "Potassium", time)]);
        let test: LabTestDefinition = world.only();
        assert_eq!((test.name.as_deref(), test.valid_from), (Some("Potassium"), at(time)));
        assert_eq!(test.lab_department.as_deref(), Some("CHEM"));
        let former: LabTestDefinitionAudit = world.only();
        assert_eq!(former.lab_test_definition_id, test.lab_test_definition_id);
        assert_eq!((former.name, former.valid_until), (None, Some(at(time))));
        assert!(former.stored_until.is_some());
    }
}

#[test]
fn a_battery_implied_by_an_order_is_named() {
    for time in ["08:00", "10:00"] {
        let world = World::after([lab(order("09:00")), named(Battery, "BAT", "Electrolytes", time)]);
        let battery: LabBattery = world.only();
        assert_eq!((battery.battery_name.as_deref(), battery.valid_from), (Some("Electrolytes"), at(time)));
        let former: LabBatteryAudit = world.only();
        assert_eq!((former.lab_battery_id, former.valid_until), (battery.lab_battery_id, Some(at(time))));
    }
}

#[test]
fn only_a_newer_name_replaces_a_name() {
    let names = |kind| {
        [("Salts", "09:00"), ("Old", "08:00"), ("Equal", "09:00"), ("Electrolytes", "10:00")]
            .map(|(name, time)| named(kind, "BAT", name, time))
    };
    let world = World::after(names(Battery).into_iter().chain(names(Test)));
    assert_eq!(world.only::<LabBattery>().battery_name.as_deref(), Some("Electrolytes"));
    assert_eq!(world.only::<LabTestDefinition>().name.as_deref(), Some("Electrolytes"));
    assert_eq!(world.only::<LabBatteryAudit>().battery_name.as_deref(), Some("Salts"));
    assert_eq!(world.only::<LabTestDefinitionAudit>().name.as_deref(), Some("Salts"));
}

#[test]
fn memory_and_database_agree() {
    World::everywhere(&[
        named(Battery, "BAT", "Salts", "10:00"),
        lab(with_results(four_results("09:00"), order("09:00"))),
        named(Test, "K", "Potassium", "08:00"),
        named(Battery, "BAT", "Electrolytes", "11:00"),
        lab(with_results(four_results("12:00"), order("12:00"))),
    ]);
}
