//! Which speciality cares for a patient, in whatever order the messages come; planned discharges; admission types.

use emap_core::{Outcome, orders::Choice};
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save, Unknown},
    Message, PendingType,
};
use emap_star::rows::{
    HospitalServiceEvent, HospitalVisit, HospitalVisitAudit, PlannedMovement, PlannedMovementAudit,
};
use emap_test_support::messages::{admit, adt, at, transfer, with};

use crate::{order_dependence::depending, world::World};

const PLACE: &str = "W1^W1 BAY1^W1-01";
const OTHER: &str = "W2^W2 BAY1^W2-01";

fn day(time: &str) -> String {
    format!("2031-03-02T{time}:00Z")
}

fn service(name: &str) -> InterchangeValue<String> {
    match name {
        "?" => Unknown,
        "-" => InterchangeValue::delete(),
        name => Save(name.to_owned()),
    }
}

/// A message at a place: `A15 10:00 Renal`. `?` is an unknown service, `-` one that is deleted.
fn message_at(place: &str, text: &str) -> Message {
    let words: Vec<&str> = text.split(' ').collect();
    let [trigger, time, name] = words[..] else { panic!("{text}") };
    let hospital_service = service(name);
    let time = day(time);
    let cancelled_date_time = Some(at(&time));
    let event = match trigger {
        "A15" => AdtEvent::PendingTransfer {
            pending_event_type: Some(PendingType::Transfer),
            pending_destination: Save(place.to_owned()),
            hospital_service,
        },
        "A16" => AdtEvent::PendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            pending_destination: Unknown,
            hospital_service,
        },
        "A25" => AdtEvent::CancelPendingDischarge {
            pending_event_type: Some(PendingType::Discharge),
            hospital_service,
            pending_destination: Unknown,
            cancelled_date_time,
        },
        "A01" => AdtEvent::AdmitPatient { admission_date_time: Save(at(&time)), hospital_service },
        "A08" => AdtEvent::UpdatePatientInfo { hospital_service },
        "Z99" => AdtEvent::UpdateSubSpeciality { hospital_service },
        "A11" => AdtEvent::CancelAdmitPatient { cancelled_date_time },
        other => panic!("{other}"),
    };
    adt(event, "M1", "V1", place, &time)
}

fn message(text: &str) -> Message {
    message_at(PLACE, text)
}

fn messages(texts: &[&str]) -> Vec<Message> {
    texts.iter().map(|text| message(text)).collect()
}

/// A world in which these messages arrived one by one, whether or not an admission turned out to be cancelled.
fn after(messages: impl IntoIterator<Item = Message>) -> World {
    let mut world = World::in_memory();
    for message in messages {
        let outcome = world.report(&message).outcome;
        assert!(matches!(outcome, Outcome::Success | Outcome::Cancelled), "{outcome:?}");
    }
    world
}

/// The movements, in order of time: `ADMISSION 10:30 Renal after 10:00`, with the time of the row before.
fn rows(world: &World) -> Vec<String> {
    let clock = |row: &PlannedMovement| {
        row.event_datetime.map_or("?".to_owned(), |at| at.format("%H:%M").to_string())
    };
    let movements: Vec<PlannedMovement> = world.rows();
    let mut lines: Vec<(String, String)> = movements
        .iter()
        .map(|row| {
            let before = row.matched_movement_id.map_or_else(String::new, |id| {
                let before = movements.iter().find(|other| other.planned_movement_id == id).unwrap();
                format!(" after {}", clock(before))
            });
            assert_eq!(row.cancelled, Some(row.cancelled_datetime.is_some()));
            let off =
                row.cancelled_datetime.map_or_else(String::new, |at| format!(" off {}", at.format("%H:%M")));
            let kind = row.event_type.as_deref().unwrap();
            let kind = kind.strip_suffix("/HOSPITAL_SERVICE_CHANGE").unwrap_or(kind);
            let service = row.hospital_service.as_deref().unwrap_or("-");
            (clock(row), format!("{kind} {} {service}{before}{off}", clock(row)))
        })
        .collect();
    lines.sort();
    lines.into_iter().map(|(_, line)| line).collect()
}

fn rows_after(texts: &[&str]) -> Vec<String> {
    rows(&after(messages(texts)))
}

/// The rows after the messages in every order, which are always the same.
fn in_every_order(texts: &[&str]) -> Vec<String> {
    let all = Choice { at_most: usize::MAX, seed: 0 };
    let messages = messages(texts);
    let mut found: Vec<Vec<String>> = all
        .orders(messages.len())
        .map(|order| rows(&after(order.into_iter().map(|place| messages[place].clone()))))
        .collect();
    found.sort();
    found.dedup();
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

const STORY: [&str; 6] = [
    "A15 10:00 Renal",
    "A01 10:30 Renal",
    "A08 11:00 Renal",
    "A08 12:00 Vascular",
    "Z99 13:00 Vascular",
    "A11 10:30 ?",
];

#[test]
fn a_stay_in_order_of_time() {
    let world = after(messages(&STORY));
    assert_eq!(
        rows(&world),
        [
            "TRANSFER 10:00 Renal",
            "ADMISSION 10:30 Renal after 10:00 off 10:30",
            "EDIT 12:00 Vascular after 10:30",
        ]
    );
    let before: PlannedMovementAudit = world.only();
    assert_eq!((before.event_type.as_deref(), before.cancelled), (Some("ADMISSION"), Some(false)));
}

#[test]
fn a_stay_in_every_order() {
    assert_eq!(in_every_order(&STORY), rows_after(&STORY));
    assert_eq!(
        in_every_order(&["A15 10:00 Renal", "A01 10:30 Vascular", "A08 11:00 Renal", "Z99 12:00 Renal"]),
        ["TRANSFER 10:00 Renal", "ADMISSION 10:30 Vascular after 10:00", "EDIT 11:00 Renal after 10:30"]
    );
    // An admission that a later one at the place follows is not the last one before the cancellation.
    assert_eq!(
        in_every_order(&[
            "A01 10:00 Renal",
            "Z99 10:10 Vascular",
            "A11 10:20 ?",
            "A01 10:15 Renal",
            "A11 10:05 ?"
        ]),
        [
            "ADMISSION 10:00 Renal off 10:05",
            "EDIT 10:10 Vascular after 10:00",
            "ADMISSION 10:15 Renal after 10:10 off 10:20",
        ]
    );
}

#[test]
fn no_other_table_depends_on_the_order() {
    // An admission that comes behind its cancellation fails, so these go without one.
    let stay = ["A15 10:00 Renal", "A01 10:30 Renal", "A08 12:00 Vascular", "Z99 13:00 Dermatology"];
    assert_eq!(depending(&messages(&stay)), [""; 0]);
}

#[test]
fn in_memory_and_in_the_database_alike() {
    let mut all = messages(&["Z99 13:00 Renal", "A01 10:30 Renal", "A08 11:00 Vascular", "A15 10:00 Renal"]);
    all.push(message_at(OTHER, "A08 14:00 Vascular"));
    all.extend(messages(&["A08 10:45 Vascular", "A11 10:40 ?"]));
    let world = World::everywhere(&all);
    assert_eq!(world.count::<HospitalServiceEvent>(), 6);
    assert_eq!(
        rows(&world),
        [
            "TRANSFER 10:00 Renal",
            "ADMISSION 10:30 Renal after 10:00 off 10:40",
            "EDIT 10:45 Vascular after 10:30",
            "EDIT 13:00 Renal after 10:45",
        ]
    );
}

#[test]
fn an_admission_is_noted_with_and_without_a_movement_before() {
    assert_eq!(rows_after(&["A01 10:30 Renal"]), ["ADMISSION 10:30 Renal"]);
    let planned = |name: &str| rows_after(&["A15 10:00 Renal", &format!("A01 10:30 {name}")]);
    assert_eq!(planned("Renal"), ["TRANSFER 10:00 Renal", "ADMISSION 10:30 Renal after 10:00"]);
    assert_eq!(planned("Vascular"), ["TRANSFER 10:00 Renal", "ADMISSION 10:30 Vascular after 10:00"]);
    assert_eq!(planned("-"), ["TRANSFER 10:00 Renal", "ADMISSION 10:30 - after 10:00"]);
    assert_eq!(planned("?"), ["TRANSFER 10:00 Renal"], "nothing is said of the service");
}

#[test]
fn repeats_change_nothing() {
    let twice: Vec<Message> =
        messages(&STORY).into_iter().flat_map(|message| [message.clone(), message]).collect();
    let world = after(twice);
    assert_eq!(rows(&world), rows_after(&STORY));
    assert_eq!(world.count::<PlannedMovementAudit>(), 1);
    assert_eq!(world.count::<HospitalServiceEvent>(), 5);
}

#[test]
fn messages_without_a_time_of_their_event_count_from_their_record() {
    let undated = |text| with(message(text), |adt| adt.event_occurred_date_time = None);
    let all = ["A01 10:30 Renal", "A01 10:30 Renal", "A08 11:00 Vascular"].map(undated);
    assert_eq!(rows(&after(all)), ["ADMISSION 10:30 Renal", "EDIT 11:00 Vascular after 10:30"]);
}

#[test]
fn only_admissions_are_cancelled() {
    assert_eq!(rows_after(&["A15 10:00 Renal", "A11 10:30 ?"]), ["TRANSFER 10:00 Renal"]);
    assert!(rows_after(&["A11 10:30 ?"]).is_empty());
    let cancelled = ["ADMISSION 10:30 Renal off 10:40"];
    let world = after(messages(&["A01 10:30 Renal", "A11 10:40 ?", "A11 10:40 ?", "A11 10:45 ?"]));
    assert_eq!(
        (rows(&world), world.count::<PlannedMovementAudit>()),
        (cancelled.map(str::to_owned).to_vec(), 1)
    );
    assert_eq!(rows_after(&["A01 10:30 Renal", "A11 10:20 ?"]), ["ADMISSION 10:30 Renal"], "it came later");
}

#[test]
fn an_update_needs_a_movement_before_it() {
    assert_eq!(rows_after(&["A01 10:30 Renal", "A08 10:20 Vascular"]), ["ADMISSION 10:30 Renal"]);
    assert_eq!(rows_after(&["A01 10:30 -", "A08 11:00 -"]), ["ADMISSION 10:30 -"], "none is as none");
    let three = ["A15 09:00 Renal", "A15 10:00 Vascular", "A15 11:00 Renal", "A08 12:00 Vascular"];
    assert_eq!(rows_after(&three).last().unwrap(), "EDIT 12:00 Vascular after 11:00");
    let elsewhere = after([message("A01 10:30 Renal"), message_at(OTHER, "Z99 11:00 Vascular")]);
    assert_eq!(rows(&elsewhere), ["ADMISSION 10:30 Renal"]);
}

#[test]
fn an_update_makes_no_visit_known_but_is_remembered() {
    let mut world = after(messages(&["A08 12:00 Vascular"]));
    assert_eq!((world.count::<HospitalVisit>(), world.count::<PlannedMovement>()), (0, 0));
    world.receive(messages(&["A01 10:30 Renal"]));
    assert_eq!(rows(&world), ["ADMISSION 10:30 Renal", "EDIT 12:00 Vascular after 10:30"]);
    let mut numberless = World::in_memory();
    let update = with(message("A08 12:00 Vascular"), |adt| adt.visit_number = None);
    assert_eq!(numberless.receive([update]), [Outcome::Success]);
    assert_eq!(numberless.count::<HospitalServiceEvent>(), 0);
}

#[test]
fn a_change_of_speciality_makes_patient_and_visit_known_and_moves_nobody() {
    let snapshot = after(messages(&["Z99 12:00 Vascular"])).snapshot();
    assert_eq!((snapshot.mrns.len(), snapshot.demographics.len(), snapshot.visits.len()), (1, 1, 1));
    assert!(snapshot.plans.is_empty() && snapshot.stays.is_empty() && snapshot.events.is_empty());
    assert_eq!(
        rows_after(&["A15 10:00 Renal", "Z99 12:00 Vascular"]),
        ["TRANSFER 10:00 Renal", "EDIT 12:00 Vascular after 10:00"]
    );
    let mut world = World::in_memory();
    let numberless = with(message("Z99 12:00 Vascular"), |adt| adt.visit_number = None);
    assert_eq!(world.receive([numberless]), [Outcome::RequiredDataMissing]);
}

#[test]
fn rows_without_a_place_are_apart() {
    let nowhere = |text| with(message(text), |adt| adt.full_location_string = Unknown);
    let world =
        after([message("A01 10:00 Renal"), nowhere("A01 10:30 Vascular"), nowhere("Z99 11:00 Renal")]);
    assert_eq!(
        rows(&world),
        ["ADMISSION 10:00 Renal", "ADMISSION 10:30 Vascular", "EDIT 11:00 Renal after 10:30"]
    );
}

#[test]
fn of_one_instant_what_was_recorded_last_counts() {
    let recorded = |text, time: &str| {
        let time = at(&day(time));
        with(message(text), |adt| adt.recorded_date_time = Some(time))
    };
    let (first, second) = (recorded("A08 11:00 Vascular", "11:05"), recorded("A08 11:00 Renal", "11:10"));
    for updates in [[first.clone(), second.clone()], [second, first]] {
        let all = [message("A01 10:30 Vascular")].into_iter().chain(updates);
        assert_eq!(rows(&after(all)), ["ADMISSION 10:30 Vascular", "EDIT 11:00 Renal after 10:30"]);
    }
}

#[test]
fn reports_go_with_their_visit() {
    let event = AdtEvent::MoveVisitInformation {
        previous_mrn: Some("M1".to_owned()),
        previous_nhs_number: None,
        previous_visit_number: Some("V1".to_owned()),
    };
    let moved = adt(event, "M1", "V2", PLACE, &day("14:00"));
    let later = with(message("A08 12:00 Vascular"), |adt| adt.visit_number = Some("V2".to_owned()));
    let early = with(message("A08 11:00 Vascular"), |adt| adt.visit_number = Some("V2".to_owned()));
    let world = World::everywhere(&[early, message("A01 10:30 Renal"), moved, later]);
    assert_eq!(rows(&world), ["ADMISSION 10:30 Renal", "EDIT 11:00 Vascular after 10:30"]);
    let deleted = adt(AdtEvent::DeletePersonInformation, "M1", "", PLACE, &day("15:00"));
    let gone = World::everywhere(&[message("A01 10:30 Renal"), deleted]);
    assert_eq!((gone.count::<HospitalServiceEvent>(), gone.count::<PlannedMovement>()), (0, 0));
}

/// What another program wrote stays, but for its admission that is cancelled.
#[test]
fn rows_of_other_programs_stay() {
    let mut world = World::on_postgres_with(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from) VALUES (-1, 'M1', 'EPIC', now());
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, stored_from, valid_from)
             VALUES (-2, -1, -1, now(), '2031-03-02T09:00:00Z');
         INSERT INTO hospital_visit (hospital_visit_id, encounter, mrn_id, source_system, stored_from, valid_from)
             VALUES (-3, 'V1', -1, 'EPIC', now(), '2031-03-02T09:00:00Z');
         INSERT INTO location (location_id, location_string) VALUES (-4, 'W1^W1 BAY1^W1-01');
         INSERT INTO planned_movement
                 (planned_movement_id, stored_from, valid_from, cancelled, event_datetime, event_type,
                  hospital_visit_id, location_id, hospital_service)
             VALUES (-5, now(), now(), false, '2031-03-02T09:00:00Z', 'ADMISSION', -3, -4, 'Renal')",
    );
    world.receive(messages(&["A08 10:00 Vascular", "A11 09:30 ?"]));
    assert_eq!(rows(&world), ["ADMISSION 09:00 Renal off 09:30", "EDIT 10:00 Vascular after 09:00"]);
}

#[test]
fn a_discharge_is_planned_and_called_off_in_either_order() {
    let planned = after(messages(&["A16 10:00 ?"]));
    let snapshot = planned.snapshot();
    assert_eq!((snapshot.mrns.len(), snapshot.demographics.len(), snapshot.visits.len()), (1, 1, 1));
    assert_eq!(snapshot.planned(), ["DISCHARGE nowhere 10:00–open"]);
    assert!(snapshot.locations.is_empty() && snapshot.stays.is_empty());
    for texts in [["A16 10:00 ?", "A25 10:15 ?"], ["A25 10:15 ?", "A16 10:00 ?"]] {
        assert_eq!(after(messages(&texts)).snapshot().planned(), ["DISCHARGE nowhere 10:00–10:15"]);
    }
    let both = after([message("A16 10:00 ?"), message("A15 10:00 ?"), message("A25 10:15 ?")]).snapshot();
    assert_eq!(both.planned(), ["DISCHARGE nowhere 10:00–10:15", &format!("TRANSFER {PLACE} 10:00–open")]);
    let mut world = World::in_memory();
    let numberless = with(message("A16 10:00 ?"), |adt| adt.visit_number = None);
    assert_eq!(world.receive([numberless]), [Outcome::RequiredDataMissing]);
}

#[test]
fn a_plan_names_the_service() {
    let of = |texts: &[&str]| {
        let world = after(messages(texts));
        (world.only::<PlannedMovement>().hospital_service, world.count::<PlannedMovementAudit>())
    };
    assert_eq!(of(&["A15 10:00 Renal"]), (Some("Renal".to_owned()), 0));
    assert_eq!(of(&["A15 10:00 Renal", "A15 10:00 ?"]), (Some("Renal".to_owned()), 0));
    assert_eq!(of(&["A15 10:00 Renal", "A15 10:00 Vascular"]), (Some("Vascular".to_owned()), 1));
    assert_eq!(of(&["A15 10:00 Renal", "A15 10:00 -"]), (None, 1));
    assert_eq!(of(&["A16 10:00 Renal"]), (Some("Renal".to_owned()), 0));
    assert_eq!(of(&["A25 10:00 Renal"]), (None, 0), "what is called off has none");
}

fn admitted_as(name: &str, time: &str) -> Message {
    with(admit("M1", "V1", PLACE, &day(time)), |adt| adt.admission_type = service(name))
}

fn admission_type(messages: impl IntoIterator<Item = Message>) -> Option<String> {
    after(messages).only::<HospitalVisit>().admission_type
}

#[test]
fn the_type_of_an_admission_is_what_the_newest_trusted_message_says() {
    let some = |name: &str| Some(name.to_owned());
    assert_eq!(admission_type([admitted_as("Emergency", "10:00")]), some("Emergency"));
    let changed = [admitted_as("Emergency", "10:00"), admitted_as("Elective", "11:00")];
    assert_eq!(admission_type(changed.clone()), some("Elective"));
    assert_eq!(admission_type(changed.into_iter().rev()), some("Elective"), "an older one comes late");
    let kept = [admitted_as("Emergency", "10:00"), admitted_as("?", "11:00")];
    assert_eq!(admission_type(kept.clone()), some("Emergency"));
    assert_eq!(
        admission_type(kept.into_iter().rev()),
        some("Emergency"),
        "an older one fills what is missing"
    );
    assert_eq!(admission_type([admitted_as("Emergency", "10:00"), admitted_as("-", "11:00")]), None);
    let untrusted = |message| Message { source_system: Some("Elsewhere".to_owned()), ..message };
    let known = admitted_as("Emergency", "10:00");
    assert_eq!(
        admission_type([known.clone(), untrusted(admitted_as("Elective", "11:00"))]),
        some("Emergency")
    );
    assert_eq!(admission_type([untrusted(admitted_as("Elective", "11:00")), known]), some("Emergency"));
}

#[test]
fn a_changed_admission_type_leaves_the_former_one() {
    let world = World::everywhere(&[admitted_as("Emergency", "10:00"), admitted_as("Elective", "11:00")]);
    let before: HospitalVisitAudit = world.only();
    assert_eq!(before.admission_type.as_deref(), Some("Emergency"));
    // Its cancellation does not clear it, and an update does not reach it.
    let cancelled = adt(
        AdtEvent::CancelAdmitPatient { cancelled_date_time: Some(at(&day("11:00"))) },
        "M1",
        "V1",
        PLACE,
        &day("12:00"),
    );
    let update = with(message("A08 13:00 ?"), |adt| adt.admission_type = service("Day case"));
    let moved = with(transfer("M1", "V1", OTHER, &day("14:00")), |adt| adt.admission_type = service("?"));
    let all = [admitted_as("Elective", "11:00"), cancelled, update, moved];
    assert_eq!(admission_type(all).as_deref(), Some("Elective"));
}
