//! What cannot be processed leaves a reason, and what comes after it is processed.

use std::sync::Arc;

use emap_core::{Incoming, Outcome};
use emap_interchange::{
    AdtEvent,
    InterchangeValue::{self, Save},
    Message, Waveform,
};
use emap_queue::Delivery;
use emap_test_support::messages::{admit, adt, with};

use crate::world::{World, incoming};

const PLACE: &str = "ACU^ACU BAY2^ACU-07";
const TIME: &str = "2031-03-02T08:00:00Z";

fn good(number: u32) -> Message {
    admit(&format!("G{number}"), &format!("GV{number}"), PLACE, TIME)
}

fn bad(change: impl FnOnce(&mut emap_interchange::Adt)) -> Message {
    with(admit("B1", "BV1", PLACE, TIME), change)
}

#[test]
fn an_undecodable_body_is_kept_and_the_rest_goes_on() {
    let mut world = World::on_postgres();
    let garbage = Incoming::decode(Arc::from("hl7Queue"), b"{\"@class\": 7 \0 \xFF".to_vec());
    let unknown =
        Incoming::decode(Arc::from("extensionProjects"), br#"{"@class":"com.example.Other"}"#.to_vec());
    let reports = world.deliver(&[incoming(&good(1)), garbage, unknown, incoming(&good(2))]);
    let outcomes: Vec<_> = reports.iter().map(|report| report.outcome).collect();
    assert_eq!(outcomes, [Outcome::Success, Outcome::Error, Outcome::Error, Outcome::Success]);
    let rows = world.snapshot();
    assert_eq!(rows.visits.len(), 2);
    assert_eq!(rows.log.len(), 2, "no line in the effect log for a body that cannot be read");
    assert_eq!(rows.rejects.len(), 2);
    assert_eq!(rows.rejects[1].body, r#"{"@class":"com.example.Other"}"#);
    assert_eq!(rows.rejects[1].queue, "extensionProjects");
    assert!(rows.rejects.iter().all(|reject| !reject.reason.is_empty() && reject.message_type.is_none()));
}

#[test]
fn what_the_producer_says_about_a_body_counts() {
    let mut world = World::on_postgres();
    let delivered = |content_type: &str, content_encoding: &str, body: Vec<u8>| {
        let (content_type, content_encoding) = (Some(content_type.into()), Some(content_encoding.into()));
        let delivery = Delivery { body, content_type, content_encoding, ..Delivery::default() };
        Incoming::delivered(Arc::from("extensionProjects"), delivery)
    };
    let json = "application/json";
    let latin = |text: &str| text.chars().map(|c| u8::try_from(c).unwrap()).collect::<Vec<u8>>();
    let name = with(good(1), |adt| adt.patient_family_name = Save("Núñez".to_owned()));
    let reports = world.deliver(&[
        delivered(json, "ISO-8859-1", latin(&String::from_utf8(name.to_json()).unwrap())),
        delivered("text/plain", "UTF-8", good(2).to_json()),
        delivered(json, "gzip", good(3).to_json()),
        delivered(json, "ISO-8859-1", latin("{\"ward\": \"Büro\"}")),
    ]);
    let reasons: Vec<_> = reports.iter().map(|report| report.reason.as_deref().unwrap_or_default()).collect();
    assert_eq!(
        reasons,
        [
            "",
            "content type text/plain is not JSON",
            "content encoding gzip is no known character set",
            "\"@class\" is missing (at byte 0)",
        ]
    );
    let rows = world.snapshot();
    assert_eq!(rows.demographics[0].lastname.as_deref(), Some("Núñez"));
    assert_eq!((rows.log.len(), rows.rejects.len()), (1, 3));
    assert_eq!(rows.rejects[0].body.as_bytes(), good(2).to_json(), "kept, so that nothing is lost");
    assert_eq!(rows.rejects[2].body, "{\"ward\": \"Büro\"}", "readable, whatever it was encoded in");
}

#[test]
fn a_text_longer_than_its_column_fails_its_message_alone() {
    let mut world = World::on_postgres();
    let long = bad(|adt| adt.patient_family_name = Save("x".repeat(256)));
    let outcomes = world.receive_together([good(1), long, good(2)]);
    assert_eq!(outcomes, [Outcome::Success, Outcome::Error, Outcome::Success]);
    let rows = world.snapshot();
    assert_eq!(rows.visits.len(), 2);
    assert_eq!(rows.mrns.len(), 2, "nothing of the failed message is kept");
    assert!(rows.rejects[0].reason.contains("core_demographic.lastname"), "{}", rows.rejects[0].reason);
    assert!(!rows.rejects[0].reason.contains("xxx"), "the reason does not quote the text");
    let logged = rows.log.iter().find(|line| line.error == Some(true)).unwrap();
    assert!(logged.message.as_deref().unwrap().contains("core_demographic.lastname"));
    assert_eq!(logged.process_message_duration, None);
}

#[test]
fn a_time_that_no_column_holds_fails_its_message_alone() {
    let mut world = World::on_postgres();
    // Within chrono's calendar, outside PostgreSQL's.
    let before_time = bad(|adt| adt.patient_birth_date_time = Save("-9000-01-01T00:00:00Z".parse().unwrap()));
    let outcomes = world.receive_together([good(1), before_time, good(2)]);
    assert_eq!(outcomes, [Outcome::Success, Outcome::Error, Outcome::Success]);
    let rows = world.snapshot();
    assert_eq!(rows.visits.len(), 2);
    assert_eq!(rows.rejects.len(), 1);
    assert_eq!(rows.log.len(), 2, "it is refused when it is read, so there is no line for it");
}

#[test]
fn missing_identifiers_keep_nothing() {
    let mut world = World::in_memory();
    let report = world.report(&bad(|adt| adt.mrn = None));
    assert_eq!(report.outcome, Outcome::RequiredDataMissing);
    assert_eq!(report.reason.as_deref(), Some("required data missing: neither MRN nor NHS number"));
    assert!(world.snapshot().mrns.is_empty());
}

#[test]
fn a_missing_visit_number_keeps_the_patient() {
    for number in [None, Some(String::new())] {
        let mut world = World::in_memory();
        assert_eq!(world.receive([bad(|adt| adt.visit_number = number)]), [Outcome::RequiredDataMissing]);
        let rows = world.snapshot();
        assert_eq!((rows.mrns.len(), rows.demographics.len(), rows.visits.len()), (1, 1, 0));
        assert_eq!(rows.rejects.len(), 1);
    }
    let mut world = World::in_memory();
    let implied =
        with(adt(AdtEvent::ImpliedAdtMessage, "M1", "", PLACE, TIME), |adt| adt.visit_number = None);
    assert_eq!(world.receive([implied]), [Outcome::Success]);
}

#[test]
fn messages_against_their_own_format_are_undone() {
    let mistakes: [fn(&mut emap_interchange::Adt); 4] = [
        |adt| adt.patient_class = InterchangeValue::delete(),
        |adt| adt.full_location_string = InterchangeValue::delete(),
        |adt| (adt.recorded_date_time, adt.event_occurred_date_time) = (None, None),
        |adt| adt.recorded_date_time = None,
    ];
    for mistake in mistakes {
        let mut world = World::in_memory();
        assert_eq!(world.receive([bad(mistake)]), [Outcome::Error]);
        let rows = world.snapshot();
        assert!(rows.mrns.is_empty() && rows.visits.is_empty() && rows.events.is_empty());
        assert_eq!((rows.log.len(), rows.rejects.len()), (1, 1));
    }
    let mut world = World::in_memory();
    assert_eq!(world.receive([Message { source_system: None, ..bad(|_| ()) }]), [Outcome::Error]);
    assert!(world.snapshot().mrns.is_empty());
}

#[test]
fn a_type_without_rules_is_kept_for_later() {
    let mut world = World::in_memory();
    let curve = Message::of(Waveform::default());
    assert_eq!(world.receive([curve, good(1)]), [Outcome::Error, Outcome::Success]);
    let rows = world.snapshot();
    assert!(rows.rejects[0].reason.contains("Waveform"));
    assert_eq!(rows.visits.len(), 1);
}

#[test]
fn an_endless_source_id_is_cut_in_the_log_and_kept_in_the_reject() {
    let mut world = World::on_postgres();
    let id = "9".repeat(300);
    let message = Message { source_message_id: Some(id.clone()), ..bad(|adt| adt.mrn = None) };
    assert_eq!(world.receive([message]), [Outcome::RequiredDataMissing]);
    let rows = world.snapshot();
    assert_eq!(rows.log[0].source_id.as_deref(), Some(&id[..255]));
    assert_eq!(rows.rejects[0].source_id.as_deref(), Some(id.as_str()));
}
