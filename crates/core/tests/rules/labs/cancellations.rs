//! Cancellations of orders, before and after what they cancel.

use emap_core::Outcome::{Cancelled, IncompatibleState, Success};
use emap_interchange::{
    InterchangeValue::{self, Save},
    LabOrder as Sent, Message,
};
use emap_star::rows::*;

use super::messages::{at, cancelled, four_results, lab, numbered, order, text, with_results};
use crate::world::World;

/// Order E7 of nine o'clock.
fn ordered() -> Message {
    lab(Sent { order_date_time: Save(at("09:00")), ..numbered("E7", "09:00") })
}

/// Its cancellation, which knows the number only.
fn called_off(time: &str) -> Message {
    lab(cancelled("E7", time))
}

/// What is left of an order: number, order time, from and until when.
fn versions(world: &World) -> Vec<(Option<String>, bool, String)> {
    let clock =
        |at: Option<emap_star::Instant>| at.map_or("-".to_owned(), |at| at.format("%H:%M").to_string());
    world
        .rows::<LabOrderAudit>()
        .into_iter()
        .map(|row| {
            let times = format!(
                "{} {}-{}",
                clock(row.order_datetime),
                clock(Some(row.valid_from)),
                clock(row.valid_until)
            );
            (row.internal_lab_number, row.lab_order_id.is_some(), times)
        })
        .collect()
}

fn version(number: &str, of_order: bool, times: &str) -> (Option<String>, bool, String) {
    (Some(number.to_owned()), of_order, times.to_owned())
}

#[test]
fn an_order_that_is_cancelled_goes() {
    let mut world = World::after([ordered()]);
    let order: LabOrder = world.only();
    assert_eq!(world.receive([called_off("09:30")]), [Success]);
    assert_eq!(
        (world.count::<LabOrder>(), world.count::<LabBattery>(), world.count::<LabSample>()),
        (0, 1, 1)
    );
    let former: LabOrderAudit = world.only();
    assert_eq!(former.lab_order_id, Some(order.lab_order_id));
    assert_eq!(versions(&world), [version("E7", true, "09:00 09:00-09:30")]);
}

#[test]
fn a_cancellation_of_nothing_is_noted_and_the_order_refused_when_it_comes() {
    let mut world = World::after([called_off("09:30")]);
    assert_eq!(
        (world.count::<LabOrder>(), world.count::<LabBattery>(), world.count::<LabSample>()),
        (0, 1, 1)
    );
    assert_eq!(versions(&world), [version("E7", false, "- 09:30-09:30")]);
    let report = world.report(&ordered());
    assert_eq!(report.outcome, Cancelled);
    assert_eq!(report.reason.as_deref(), Some("cancelled: the laboratory order"));
    assert_eq!((world.count::<LabOrder>(), world.count::<LabResult>()), (0, 0));
}

#[test]
fn a_newer_message_about_a_cancelled_order_is_refused_too() {
    let mut world = World::after([ordered(), called_off("09:30")]);
    let late = lab(with_results(four_results("11:00"), numbered("E7", "11:00")));
    let same_time = lab(Sent { order_date_time: Save(at("09:00")), ..order("11:00") });
    assert_eq!(world.receive([late, same_time]), [Cancelled, Cancelled]);
    assert_eq!((world.count::<LabOrder>(), world.count::<LabTestDefinition>()), (0, 0));
}

#[test]
fn another_order_for_the_sample_is_accepted() {
    let mut world = World::after([ordered(), called_off("09:30")]);
    let other = lab(Sent { order_date_time: Save(at("10:00")), ..numbered("E8", "10:00") });
    assert_eq!(world.receive([other]), [Success]);
    assert_eq!(world.only::<LabOrder>().internal_lab_number.as_deref(), Some("E8"));
    assert_eq!(world.count::<LabOrderAudit>(), 1);
    // Neither knows a time of order, and that is nothing in common.
    World::after([called_off("09:30"), lab(numbered("E8", "09:00"))]);
    // The number of another battery says nothing of this one.
    let other = Sent { test_battery_local_code: Some("MICRO".to_owned()), ..numbered("E7", "09:00") };
    World::after([called_off("09:30"), lab(other)]);
}

#[test]
fn a_cancellation_that_is_not_newer_leaves_the_order() {
    for time in ["09:00", "08:30"] {
        let world = World::after([ordered(), called_off(time)]);
        assert_eq!(
            (world.count::<LabOrder>(), world.count::<LabSample>(), world.count::<LabBattery>()),
            (1, 1, 1)
        );
        assert!(world.only::<LabOrderAudit>().lab_order_id.is_none());
    }
}

#[test]
fn an_order_with_results_cannot_be_cancelled() {
    let with = lab(with_results(four_results("09:10"), numbered("E7", "09:10")));
    let mut world = World::after([ordered(), with]);
    let cancellation = lab(Sent { specimen_type: text("BLD"), ..cancelled("E7", "10:00") });
    let report = world.report(&cancellation);
    assert_eq!(report.outcome, IncompatibleState);
    assert!(report.reason.unwrap().contains("has results"));
    assert_eq!((world.count::<LabOrder>(), world.count::<LabResult>()), (1, 4));
    let sample: LabSample = world.only();
    assert_eq!(sample.specimen_type.as_deref(), Some("BLD"), "what it says of the sample counts");
    // One that is not newer than the order is noted, whatever the order has.
    assert_eq!(world.receive([called_off("09:00")]), [Success]);
    assert_eq!((world.count::<LabOrder>(), world.count::<LabOrderAudit>()), (1, 1));
}

#[test]
fn a_cancellation_without_a_number_cancels_what_is_there_and_nothing_that_comes() {
    let nameless = |time| lab(Sent { epic_care_order_number: InterchangeValue::delete(), ..order(time) });
    let world = World::after([ordered(), nameless("09:30")]);
    assert_eq!((world.count::<LabOrder>(), world.count::<LabOrderAudit>()), (0, 1));
    World::after([nameless("09:30"), lab(order("09:00"))]);
    let world = World::after([nameless("09:30"), ordered()]);
    assert_eq!(world.count::<LabOrder>(), 1);
    let former: LabOrderAudit = world.only();
    assert_eq!((former.lab_order_id, former.internal_lab_number), (None, None));
}

#[test]
fn a_cancellation_that_comes_twice_is_noted_once() {
    for messages in [
        vec![called_off("09:30")],
        vec![ordered(), called_off("09:30")],
        vec![ordered(), called_off("08:30")],
    ] {
        let mut world = World::after(messages.clone());
        let before = world.content();
        assert_eq!(world.receive(messages.last().cloned()), [Success]);
        assert_eq!(world.content(), before);
    }
    for other in [called_off("09:40"), lab(cancelled("E6", "09:30"))] {
        let world = World::after([called_off("09:30"), other]);
        assert_eq!(world.count::<LabOrderAudit>(), 2, "two cancellations");
    }
    let again = lab(numbered("E8", "10:00"));
    let world = World::after([ordered(), called_off("09:30"), again, called_off("09:30")]);
    assert_eq!(world.count::<LabOrderAudit>(), 1, "another order came between");
    let renumbered = lab(numbered("E8", "09:30"));
    let world = World::after([ordered(), renumbered, called_off("09:30")]);
    assert_eq!((world.count::<LabOrder>(), world.count::<LabOrderAudit>()), (1, 2), "a change and the note");
}

#[test]
fn a_cancellation_under_another_number_is_remembered_besides() {
    let mut world = World::after([ordered(), lab(cancelled("E6", "09:30"))]);
    assert_eq!(world.count::<LabOrder>(), 0);
    let expected = [version("E7", true, "09:00 09:00-09:30"), version("E6", false, "- 09:30-09:30")];
    let mut found = versions(&world);
    found.sort_by_key(|(number, ..)| std::cmp::Reverse(number.clone()));
    assert_eq!(found, expected);
    assert_eq!(world.receive([lab(numbered("E6", "09:10"))]), [Cancelled]);
}

#[test]
fn a_cancelled_number_does_not_touch_the_order_that_follows() {
    let messages = [ordered(), called_off("09:30"), lab(numbered("E8", "10:00"))];
    let mut world = World::after(messages.clone());
    let order: LabOrder = world.only();
    assert_eq!(world.receive(messages), [Cancelled, Success, Success]);
    assert_eq!(world.only::<LabOrder>(), order);
    let result = lab(with_results(four_results("11:00"), numbered("E7", "11:00")));
    assert_eq!(world.receive([result]), [Cancelled]);
    assert_eq!((world.only::<LabOrder>(), world.count::<LabResult>()), (order, 0));
}

#[test]
fn a_number_that_an_order_had_before_is_still_its_own() {
    let mut world = World::after([lab(numbered("E7", "09:00")), lab(numbered("E8", "10:00"))]);
    assert_eq!(world.receive([lab(with_results(four_results("11:00"), numbered("E7", "11:00")))]), [Success]);
    assert_eq!(world.count::<LabResult>(), 4);
}

#[test]
fn a_cancellation_brings_no_results() {
    let world = World::after([lab(with_results(four_results("09:00"), cancelled("E7", "09:00")))]);
    assert_eq!(world.count::<LabTestDefinition>() + world.count::<LabBatteryElement>(), 0);
}

#[test]
fn memory_and_database_agree() {
    let with = lab(with_results(four_results("10:10"), numbered("E9", "10:10")));
    let messages: Vec<Message> = vec![
        called_off("09:30"),
        ordered(),
        lab(numbered("E8", "10:00")),
        lab(cancelled("E8", "10:05")),
        lab(numbered("E9", "10:06")),
        with,
        lab(cancelled("E9", "11:00")),
        lab(with_results(four_results("11:10"), numbered("E9", "11:10"))),
        lab(cancelled("E9", "12:00")),
        lab(cancelled("E9", "12:00")),
    ];
    World::everywhere(&messages);
    let refused = World::in_memory().receive(messages).into_iter().filter(|outcome| *outcome != Success);
    let expected = [Cancelled, IncompatibleState, IncompatibleState, IncompatibleState];
    assert_eq!(refused.collect::<Vec<_>>(), expected);
}
