//! Orders and their samples.

use emap_core::Outcome;
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    LabOrder as Sent,
};
use emap_star::rows::*;
use emap_test_support::messages::adt;

use super::messages::{at, four_results, lab, numbered, order, text, ward, with_results};
use crate::world::World;

#[test]
fn an_order_makes_patient_visit_battery_order_and_sample_known() {
    let world = World::after([lab(with_results(four_results("09:00"), order("09:00")))]);
    let (mrn, live): (Mrn, MrnToLive) = (world.only(), world.only());
    assert_eq!((mrn.mrn.as_deref(), mrn.source_system.as_deref()), (Some("M1"), Some("LAB")));
    assert_eq!((live.live_mrn_id, live.valid_from), (mrn.mrn_id, at("07:50")));
    let visit: HospitalVisit = world.only();
    assert_eq!((visit.source_system.as_str(), visit.valid_from), ("LAB", at("07:50")));
    assert_eq!((visit.patient_class, visit.arrival_method, visit.admission_datetime), (None, None, None));
    let battery: LabBattery = world.only();
    assert_eq!((battery.battery_code.as_deref(), battery.lab_provider.as_str()), (Some("BAT"), "WIN_PATH"));
    assert_eq!((battery.battery_name, battery.valid_from), (None, at("09:00")));
    let sample: LabSample = world.only();
    assert_eq!((sample.external_lab_number.as_deref(), sample.mrn_id), (Some("S1"), mrn.mrn_id));
    let order: LabOrder = world.only();
    assert_eq!((order.lab_battery_id, order.lab_sample_id), (battery.lab_battery_id, sample.lab_sample_id));
    assert_eq!(order.hospital_visit_id, Some(visit.hospital_visit_id));
}

#[test]
fn what_comes_after_a_merge_is_of_the_number_in_force() {
    let event = AdtEvent::MergePatient { previous_mrn: Some("M1".to_owned()), previous_nhs_number: None };
    let messages =
        [lab(order("09:00")), adt(event, "M2", "", "W1", "2031-03-02T10:00:00Z"), lab(order("11:00"))];
    let world = World::everywhere(&messages);
    let (mrns, samples): (Vec<Mrn>, Vec<LabSample>) = (world.rows(), world.rows());
    let number =
        |sample: &LabSample| mrns.iter().find(|row| row.mrn_id == sample.mrn_id).unwrap().mrn.as_deref();
    assert_eq!(samples.iter().map(number).collect::<Vec<_>>(), [Some("M1"), Some("M2")]);
    assert_eq!((world.count::<LabOrder>(), world.count::<HospitalVisit>()), (2, 1));
}

#[test]
fn without_a_visit_number_there_is_no_visit() {
    for number in [None, Some(String::new())] {
        let message = lab(Sent { visit_number: number, ..order("09:00") });
        let world = World::after([message]);
        assert_eq!((world.count::<Mrn>(), world.count::<HospitalVisit>()), (1, 0));
        assert_eq!(world.only::<LabOrder>().hospital_visit_id, None);
    }
}

#[test]
fn a_visit_is_filled_in_and_never_changed() {
    let during =
        |visit: Option<&str>, time| lab(Sent { visit_number: visit.map(str::to_owned), ..order(time) });
    let world = World::after([
        during(None, "09:00"),
        during(Some("V2"), "08:00"),
        during(Some("V3"), "10:00"),
        during(None, "11:00"),
    ]);
    let visits: Vec<HospitalVisit> = world.rows();
    let of_order = world.only::<LabOrder>().hospital_visit_id;
    assert_eq!(of_order, visits.iter().find(|row| row.encounter == "V2").map(|row| row.hospital_visit_id));
}

#[test]
fn without_a_time_only_patient_and_visit_are_known() {
    let mut world = World::in_memory();
    let timeless = Sent { status_change_time: None, ..order("09:00") };
    let report = world.report(&lab(timeless));
    assert_eq!(report.outcome, Outcome::RequiredDataMissing);
    assert_eq!(report.reason.as_deref(), Some("required data missing: statusChangeTime"));
    assert_eq!((world.count::<Mrn>(), world.count::<HospitalVisit>()), (1, 1));
    assert_eq!(world.count::<LabBattery>() + world.count::<LabSample>(), 0);
}

#[test]
fn a_sample_without_a_collection_time_makes_the_patient_known_at_the_time_of_the_message() {
    let world = World::after([lab(Sent { collection_date_time: None, ..order("09:00") })]);
    assert_eq!(world.only::<MrnToLive>().valid_from, at("09:00"));
    assert_eq!(world.only::<LabSample>().sample_collection_datetime, None);
}

#[test]
fn an_order_tells_when_it_was_requested_by_whom_and_why() {
    let message = Sent {
        requested_date_time: Save(at("07:40")),
        clinical_information: text("fever"),
        ..numbered("E1", "09:00")
    };
    let order: LabOrder = World::after([ward(message)]).only();
    assert_eq!((order.request_datetime, order.order_datetime), (Some(at("07:40")), None));
    assert_eq!(
        (order.source_system.as_deref(), order.internal_lab_number.as_deref()),
        (Some("WARD"), Some("E1"))
    );
    assert_eq!((order.clinical_information.as_deref(), order.valid_from), (Some("fever"), at("09:00")));
}

#[test]
fn newer_messages_change_an_order_and_older_ones_fill_it_in() {
    let requested =
        |requested, time| Sent { requested_date_time: Save(at(requested)), ..numbered("E1", time) };
    let mut world = World::after([lab(requested("07:40", "09:00")), lab(requested("07:45", "10:00"))]);
    assert_eq!(world.only::<LabOrder>().request_datetime, Some(at("07:45")));
    let old = Sent {
        order_date_time: Save(at("07:30")),
        clinical_information: text("fever"),
        ..requested("07:59", "08:00")
    };
    world.receive([ward(old)]);
    let order: LabOrder = world.only();
    assert_eq!((order.request_datetime, order.order_datetime), (Some(at("07:45")), Some(at("07:30"))));
    assert_eq!((order.clinical_information, order.source_system.as_deref()), (None, Some("LAB")));
    assert_eq!(order.valid_from, at("08:00"), "the row holds from the message that changed it");
    assert_eq!(world.count::<LabOrderAudit>(), 2);
}

#[test]
fn only_a_newer_message_changes_what_is_known() {
    let reported = |word: &str, clock, time| Sent {
        specimen_type: text(word),
        sample_site: text(word),
        collection_method: text(word),
        clinical_information: text(word),
        sample_received_time: Save(at(clock)),
        order_date_time: Save(at(clock)),
        requested_date_time: Save(at(clock)),
        collection_date_time: Some(at(clock)),
        ..numbered(word, time)
    };
    for (time, word, clock) in
        [("08:00", "one", "06:01"), ("09:00", "one", "06:01"), ("10:00", "two", "06:02")]
    {
        let world =
            World::after([lab(reported("one", "06:01", "09:00")), lab(reported("two", "06:02", time))]);
        let (sample, order): (LabSample, LabOrder) = (world.only(), world.only());
        let words = [
            sample.specimen_type,
            sample.sample_site,
            sample.collection_method,
            order.clinical_information,
            order.internal_lab_number,
        ];
        assert_eq!(words, [(); 5].map(|()| Some(word.to_owned())), "{time}");
        let times = [
            sample.receipt_at_lab_datetime,
            sample.sample_collection_datetime,
            order.order_datetime,
            order.request_datetime,
        ];
        assert_eq!(times, [Some(at(clock)); 4], "{time}");
    }
}

#[test]
fn an_older_message_fills_in_only_what_any_may() {
    let full = Sent {
        specimen_type: text("BLD"),
        sample_site: text("LEFT ARM"),
        collection_method: text("needle"),
        clinical_information: text("fever"),
        sample_received_time: Save(at("07:55")),
        order_date_time: Save(at("07:30")),
        requested_date_time: Save(at("07:20")),
        ..numbered("E1", "08:00")
    };
    let bare = Sent { visit_number: None, collection_date_time: None, ..order("09:00") };
    let world = World::after([lab(bare), ward(full)]);
    let (sample, order): (LabSample, LabOrder) = (world.only(), world.only());
    assert_eq!(
        (sample.specimen_type.as_deref(), sample.sample_site.as_deref()),
        (Some("BLD"), Some("LEFT ARM"))
    );
    assert_eq!(sample.receipt_at_lab_datetime, Some(at("07:55")));
    assert_eq!((sample.collection_method, sample.sample_collection_datetime), (None, None));
    assert_eq!((order.order_datetime, order.request_datetime), (Some(at("07:30")), Some(at("07:20"))));
    assert!(order.hospital_visit_id.is_some());
    assert_eq!((order.clinical_information, order.internal_lab_number), (None, None));
    assert_eq!(order.source_system.as_deref(), Some("LAB"));
}

#[test]
fn an_equal_time_fills_in_and_changes_nothing() {
    let first = Sent { specimen_type: text("BLD"), ..order("09:00") };
    let second = Sent {
        sample_site: text("LEFT ARM"),
        sample_received_time: Save(at("08:30")),
        specimen_type: text("URN"),
        collection_method: text("needle"),
        ..order("09:00")
    };
    let sample: LabSample = World::after([lab(first), lab(second)]).only();
    assert_eq!(
        (sample.sample_site.as_deref(), sample.specimen_type.as_deref()),
        (Some("LEFT ARM"), Some("BLD"))
    );
    assert_eq!((sample.receipt_at_lab_datetime, sample.collection_method), (Some(at("08:30")), None));
}

#[test]
fn a_sample_tells_what_was_taken_where_how_and_when() {
    let full = Sent {
        specimen_type: text("BLD"),
        sample_site: text("LEFT ARM"),
        collection_method: text("needle"),
        sample_received_time: Save(at("08:30")),
        ..order("09:00")
    };
    let collected = |time, collected| lab(Sent { collection_date_time: Some(at(collected)), ..order(time) });
    let mut world = World::after([lab(full)]);
    let sample: LabSample = world.only();
    assert_eq!(
        (sample.specimen_type.as_deref(), sample.sample_site.as_deref()),
        (Some("BLD"), Some("LEFT ARM"))
    );
    assert_eq!((sample.collection_method.as_deref(), sample.valid_from), (Some("needle"), at("09:00")));
    assert_eq!(sample.receipt_at_lab_datetime, Some(at("08:30")));
    assert_eq!(sample.sample_collection_datetime, Some(at("07:50")));
    world.receive([collected("10:00", "07:55"), collected("09:30", "06:00"), collected("08:00", "06:00")]);
    assert_eq!(world.only::<LabSample>().sample_collection_datetime, Some(at("07:55")));
    assert_eq!(world.count::<LabSampleAudit>(), 1);
}

#[test]
fn what_a_message_fills_in_does_not_keep_it_from_changing_the_rest() {
    let bare = || ward(Sent { collection_date_time: None, ..order("09:00") });
    let newer = Sent {
        sample_received_time: Save(at("08:30")),
        order_date_time: Save(at("07:30")),
        clinical_information: text("fever"),
        ..order("10:00")
    };
    let world = World::after([bare(), lab(newer)]);
    let (sample, order): (LabSample, LabOrder) = (world.only(), world.only());
    assert_eq!(sample.receipt_at_lab_datetime, Some(at("08:30")));
    assert_eq!(sample.sample_collection_datetime, Some(at("07:50")));
    assert_eq!((order.order_datetime, order.source_system.as_deref()), (Some(at("07:30")), Some("LAB")));
    assert_eq!(order.clinical_information.as_deref(), Some("fever"));
}

#[test]
fn one_sample_may_have_several_orders_and_one_battery_several_samples() {
    let other = |battery: &str, specimen: &str| {
        lab(Sent {
            test_battery_local_code: Some(battery.to_owned()),
            lab_specimen_number: Some(specimen.to_owned()),
            ..order("09:00")
        })
    };
    let world = World::after([other("A", "S1"), other("B", "S1"), other("A", "S2"), other("A", "S1")]);
    assert_eq!(
        (world.count::<LabBattery>(), world.count::<LabSample>(), world.count::<LabOrder>()),
        (2, 2, 3)
    );
}

#[test]
fn a_cleared_field_clears_its_column() {
    let full = Sent {
        specimen_type: text("BLD"),
        collection_method: text("needle"),
        clinical_information: text("fever"),
        ..order("09:00")
    };
    let cleared = Sent {
        specimen_type: InterchangeValue::delete(),
        collection_method: InterchangeValue::delete(),
        clinical_information: InterchangeValue::delete(),
        collection_date_time: None,
        ..order("10:00")
    };
    let world = World::after([lab(full), lab(cleared)]);
    let sample: LabSample = world.only();
    assert_eq!((sample.specimen_type, sample.collection_method), (None, None));
    assert_eq!(sample.sample_collection_datetime, None);
    assert_eq!(world.only::<LabOrder>().clinical_information, None);
    assert_eq!((world.count::<LabSampleAudit>(), world.count::<LabOrderAudit>()), (1, 1));
}

#[test]
fn memory_and_database_agree() {
    let requested = |requested, time| Sent { requested_date_time: Save(at(requested)), ..order(time) };
    World::everywhere(&[
        ward(requested("07:40", "09:00")),
        lab(with_results(four_results("10:00"), requested("07:45", "10:00"))),
        lab(Sent { specimen_type: text("BLD"), ..numbered("E1", "08:00") }),
        lab(Sent { status_change_time: None, ..order("11:00") }),
        lab(Sent { visit_number: None, lab_specimen_number: Some("S2".to_owned()), ..order("11:00") }),
    ]);
}
