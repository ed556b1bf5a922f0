//! A person's data is removed, with what laboratories found during the visits.

use emap_interchange::{AdtEvent, LabOrder as Sent, LabsMetadataType};
use emap_star::rows::*;
use emap_test_support::messages::adt;

use super::messages::{culture, four_results, isolate, lab, named, numbered, order, with_results};
use crate::world::World;

#[test]
fn orders_of_a_deleted_visit_go_with_all_that_hangs_on_them() {
    let grown = vec![culture(isolate("1", "KLPN", &[("AMOX", "S")]), "09:00")];
    let messages = [
        lab(with_results(four_results("09:00"), order("09:00"))),
        lab(Sent {
            test_battery_local_code: Some("MICRO".to_owned()),
            ..with_results(grown, numbered("E1", "09:00"))
        }),
        named(LabsMetadataType::Test, "K", "Potassium", "10:00"),
        adt(AdtEvent::DeletePersonInformation, "M1", "V1", "W1", "2031-03-03T09:00:00Z"),
    ];
    let world = World::after(messages.clone());
    assert_eq!((world.count::<LabOrder>(), world.count::<LabOrderAudit>()), (0, 2));
    assert_eq!((world.count::<LabResult>(), world.count::<LabResultAudit>()), (0, 5));
    assert_eq!((world.count::<LabIsolate>(), world.count::<LabIsolateAudit>()), (0, 1));
    assert_eq!((world.count::<LabSensitivity>(), world.count::<LabSensitivityAudit>()), (0, 1));
    assert_eq!((world.count::<LabSample>(), world.count::<LabTestDefinition>()), (1, 5));
    World::everywhere(&messages);
}
