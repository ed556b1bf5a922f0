//! Stays: where the patient was.

use emap_core::Outcome;
use emap_interchange::{AdtEvent, InterchangeValue::Save, Message};
use emap_test_support::messages::{admit, adt, at, discharge, transfer, update, with};

use crate::world::World;

const A: &str = "W1^W1 BAY1^W1-01";
const B: &str = "W2^W2 BAY1^W2-01";
const C: &str = "W3^W3 SR^W3-09";

fn day(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

fn admitted(place: &str, time: &str) -> Message {
    admit("M1", "V1", place, &day(time))
}

fn moved(place: &str, from: &str, time: &str) -> Message {
    with(transfer("M1", "V1", place, &day(time)), |adt| adt.previous_location_string = Save(from.to_owned()))
}

fn left(place: &str, time: &str) -> Message {
    discharge("M1", "V1", place, &day(time))
}

fn cancelled_admission(place: &str, of: Option<&str>, time: &str) -> Message {
    let event = AdtEvent::CancelAdmitPatient { cancelled_date_time: of.map(|of| at(&day(of))) };
    adt(event, "M1", "V1", place, &day(time))
}

fn cancelled_transfer(to: &str, of: &str, back_at: &str, time: &str) -> Message {
    let event = AdtEvent::CancelTransferPatient {
        cancelled_date_time: Some(at(&day(of))),
        cancelled_location: Some(to.to_owned()),
    };
    adt(event, "M1", "V1", back_at, &day(time))
}

fn cancelled_discharge(place: &str, of: &str, time: &str) -> Message {
    let event = AdtEvent::CancelDischargePatient { cancelled_date_time: Some(at(&day(of))) };
    adt(event, "M1", "V1", place, &day(time))
}

fn journey(messages: impl IntoIterator<Item = Message>) -> Vec<String> {
    World::after(messages).snapshot().journey()
}

#[test]
fn an_admission_opens_a_stay() {
    let rows = World::after([admitted(A, "09:00")]).snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–open")]);
    assert_eq!(rows.locations.len(), 1);
    assert!(rows.stay_audits.is_empty());
    assert_eq!(rows.stays[0].valid_from, at(&day("09:00")));
}

#[test]
fn a_second_admission_to_the_same_place_is_the_same_stay() {
    let rows = World::after([admitted(A, "09:00"), admitted(A, "09:30")]).snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–open")]);
    assert!(rows.stay_audits.is_empty());
}

#[test]
fn a_transfer_ends_the_open_stay() {
    let rows = World::after([admitted(A, "09:00"), moved(B, A, "10:00")]).snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–10:00:00"), format!("{B} 10:00:00–open")]);
    assert_eq!(rows.stay_audits.len(), 1);
    assert_eq!(rows.stay_audits[0].discharge_datetime, None);
    assert_eq!(rows.stay_audits[0].valid_until, Some(at(&day("10:00"))));
}

#[test]
fn a_discharge_ends_the_last_stay_once() {
    let mut world = World::after([admitted(A, "09:00"), left(A, "11:00")]);
    world.receive([left(A, "11:00")]);
    let rows = world.snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–11:00:00")]);
    assert_eq!(rows.stay_audits.len(), 1);
    assert_eq!(rows.stay_audits[0].discharge_datetime, None);
}

#[test]
fn a_transfer_far_in_the_past_leaves_the_open_stay_open() {
    let rows = World::after([admitted(A, "09:00"), moved(C, B, "06:00")]).snapshot();
    let open: Vec<_> = rows.stays.iter().filter(|stay| stay.discharge_datetime.is_none()).collect();
    assert_eq!(open.len(), 1);
    assert_eq!(open[0].admission_datetime, Some(at(&day("09:00"))));
    assert!(rows.stay_audits.is_empty());
}

#[test]
fn cancellations_of_nothing_make_no_stay() {
    for message in [
        cancelled_admission(A, Some("09:00"), "09:10"),
        cancelled_transfer(B, "09:00", A, "09:10"),
        cancelled_discharge(A, "09:00", "09:10"),
    ] {
        let mut world = World::in_memory();
        assert_eq!(world.receive([message]), [Outcome::Success]);
        assert!(world.snapshot().stays.is_empty());
    }
}

#[test]
fn a_cancelled_admission_goes_whichever_comes_first() {
    let messages = [admitted(A, "09:00"), cancelled_admission(A, Some("09:00"), "09:10")];
    let mut world = World::in_memory();
    assert_eq!(world.receive(messages.clone()), [Outcome::Success, Outcome::Success]);
    assert!(world.snapshot().stays.is_empty());
    assert_eq!(world.snapshot().stay_audits.len(), 1, "the deleted stay is audited");
    let mut world = World::in_memory();
    assert_eq!(world.receive(messages.into_iter().rev()), [Outcome::Success, Outcome::Cancelled]);
    let rows = world.snapshot();
    assert!(rows.stays.is_empty());
    assert_eq!(rows.events.len(), 2, "the cancelled fact is kept");
    assert_eq!(rows.visits.len(), 1, "what the refused message did before stays");
}

#[test]
fn a_cancelled_admission_without_its_time_means_the_only_stay() {
    assert!(journey([admitted(A, "09:00"), cancelled_admission(A, None, "09:10")]).is_empty());
    let mut world = World::after([admitted(A, "09:00")]);
    assert_eq!(world.receive([cancelled_admission(B, None, "09:10")]), [Outcome::RequiredDataMissing]);
    world.receive([moved(B, A, "10:00")]);
    assert_eq!(world.receive([cancelled_admission(A, None, "10:10")]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.snapshot().stays.len(), 2);
}

#[test]
fn a_cancelled_transfer_reopens_the_stay_before_it() {
    for cancelled_time in ["10:00", "10:30"] {
        let messages =
            [admitted(A, "09:00"), moved(B, A, "10:00"), cancelled_transfer(B, cancelled_time, A, "10:40")];
        assert_eq!(journey(messages), [format!("{A} 09:00:00–open")]);
    }
}

#[test]
fn a_cancelled_discharge_reopens_the_stay_and_is_audited() {
    let rows =
        World::after([admitted(A, "09:00"), left(A, "11:00"), cancelled_discharge(A, "11:00", "11:05")])
            .snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–open")]);
    assert_eq!(rows.stay_audits.len(), 2);
    assert_eq!(rows.stay_audits[1].discharge_datetime, Some(at(&day("11:00"))));
}

#[test]
fn updates_of_patient_data_do_not_move_the_patient() {
    let reported = |time: &str| update("M1", "V1", B, &day(time));
    let mut world = World::after([admitted(A, "09:00"), left(A, "11:00")]);
    let outcomes =
        world.receive([reported("11:01"), cancelled_discharge(A, "11:00", "11:05"), reported("11:06")]);
    assert_eq!(outcomes, [Outcome::Success; 3]);
    assert_eq!(world.snapshot().journey(), [format!("{A} 09:00:00–open")]);
}

#[test]
fn a_move_that_arrives_late_takes_its_place() {
    let in_order = [admitted(A, "09:00"), moved(B, A, "10:00"), moved(C, B, "11:00"), left(C, "12:00")];
    let expected = [
        format!("{A} 09:00:00–10:00:00"),
        format!("{B} 10:00:00–11:00:00"),
        format!("{C} 11:00:00–12:00:00"),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [0, 2, 1, 3], [2, 0, 3, 1], [1, 3, 0, 2]] {
        let messages = order.map(|place| in_order[place].clone());
        assert_eq!(journey(messages), expected, "{order:?}");
    }
}

#[test]
fn a_move_to_the_same_place_is_no_fact() {
    let rows = World::after([admitted(A, "09:00"), moved(B, B, "10:00")]).snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–open")]);
    assert_eq!(rows.events.len(), 1);
}

#[test]
fn a_discharge_without_its_time_is_refused_and_clears_the_visits() {
    let without_time = with(left(A, "11:00"), |adt| {
        if let AdtEvent::DischargePatient { discharge_date_time, .. } = &mut adt.event {
            *discharge_date_time = None;
        }
    });
    let mut world = World::after([admitted(A, "09:00"), left(A, "10:00")]);
    assert_eq!(world.receive([without_time]), [Outcome::RequiredDataMissing]);
    assert_eq!(world.snapshot().visit().discharge_datetime, None);
    assert_eq!(world.snapshot().journey(), [format!("{A} 09:00:00–10:00:00")]);
}

#[test]
fn stays_that_are_older_than_the_keeping_of_facts_count() {
    let mut world = World::on_postgres_with(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from, research_opt_out)
           VALUES (-1, 'M1', 'EPIC', '2031-01-01Z', false);
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
           VALUES (-2, -1, -1, '2031-01-01Z', '2031-01-01Z');
         INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, source_system, valid_from, stored_from)
           VALUES (-3, -1, 'V1', 'EPIC', '2031-03-02T09:00Z', '2031-03-02T09:00Z');
         INSERT INTO location (location_id, location_string) VALUES (-4, 'W1^W1 BAY1^W1-01');
         INSERT INTO location_visit (location_visit_id, hospital_visit_id, location_id, admission_datetime,
                                     inferred_admission, inferred_discharge, valid_from, stored_from)
           VALUES (-5, -3, -4, '2031-03-02T09:00Z', false, false, '2031-03-02T09:00Z', '2031-03-02T09:00Z');",
    );
    assert_eq!(world.receive([moved(B, A, "10:00")]), [Outcome::Success]);
    let rows = world.snapshot();
    assert_eq!(rows.journey(), [format!("{A} 09:00:00–10:00:00"), format!("{B} 10:00:00–open")]);
    assert_eq!(rows.stays[0].location_visit_id.number(), -5, "the stay itself goes on");
    assert_eq!(rows.events.len(), 2);
}
