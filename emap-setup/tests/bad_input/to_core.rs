//! What comes from the queue.

use std::collections::HashSet;

use emap_interchange::{InterchangeValue, queues::HL7_QUEUE};
use emap_local_services::rabbitmq;
use emap_test_support::{
    messages::{admit, with},
    raw_amqp::{CONTENT_TYPE, HEADERS, MESSAGE_ID, RawClient, long, nested, short},
};
use serde_json::Value;

use crate::{
    boundaries::{self, incompressible},
    instances::{self, scalars},
    sent::Sent,
    world::{MARKER, World},
};

/// The largest body that a program of ours sends.
const LARGEST: usize = 16 << 20;
/// Deeper than any stack.
const DEPTH: usize = 100_000;

/// A body of the class as it should be, under this id.
fn named(body: &Value, id: &str) -> Value {
    let mut body = body.clone();
    body["sourceMessageId"] = Value::String(id.to_owned());
    if let Some(mrn) = body.get_mut("mrn") {
        *mrn = Value::String(format!("ZQX{id}"));
    }
    body
}

#[test]
fn every_scalar_of_every_message_at_its_limits() {
    let mut world = World::start();
    let mut sent = Sent::default();
    let mut seen = HashSet::new();
    for body in instances::all() {
        sent.add(|id| named(&body, id).to_string().into_bytes());
        // What messages of admission and discharge have in common is tried once.
        let class = body["@class"].as_str().unwrap();
        let family = class
            .rsplit_once('.')
            .filter(|(family, _)| family.ends_with("adt"))
            .map_or(class, |(family, _)| family);
        for pointer in scalars(&body) {
            if !seen.insert((family.to_owned(), pointer.clone())) {
                continue;
            }
            for place in 0..boundaries::of(&body, &pointer).len() {
                sent.add(|id| {
                    let spoilt = boundaries::of(&named(&body, id), &pointer).swap_remove(place);
                    // Ids of sources are in logs on purpose.
                    if pointer == "/sourceMessageId" { spoilt.replace(MARKER, "SRC") } else { spoilt }
                        .into_bytes()
                });
            }
        }
    }
    sent.publish(&world);
    sent.assert_settled(&world);
    world.assert_goes_on();
}

#[test]
fn bodies_of_any_size_and_depth_and_bodies_that_are_no_json() {
    let mut world = World::start();
    let mut sent = Sent::default();
    let admission = |id: &str, mrn: &str, visit: &str| {
        let mut message = admit(mrn, visit, "W1^R^B1", "2031-03-02T08:15:00Z");
        message.source_message_id = Some(id.to_owned());
        message
    };
    let large = format!("ZQX{}", incompressible(LARGEST - 4096));
    // Where a text may be as long as it likes, where an index limits it, and where nothing is read.
    sent.add(|id| {
        with(admission(id, "ZQX1", "ZQX1"), |adt| {
            adt.patient_family_name = InterchangeValue::Save(large.clone());
        })
        .to_json()
    });
    sent.add(|id| admission(id, &large, "ZQX2").to_json());
    sent.add(|id| admission(id, "ZQX3", &large).to_json());
    sent.add(|id| format!("{{\"@class\":\"{large}\",\"sourceMessageId\":\"{id}\"}}").into_bytes());
    sent.add(|id| format!("{id}{large}").into_bytes());
    let nested = |open: &str, close: &str| format!("{}{}", open.repeat(DEPTH), close.repeat(DEPTH));
    for deep in [nested("[", "]"), nested("{\"a\":", "}"), "[".repeat(DEPTH)] {
        let body = |id: &str, name: &str| {
            let class = "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient";
            format!("{{\"@class\":\"{class}\",\"sourceMessageId\":\"{id}\",\"{name}\":{deep}}}").into_bytes()
        };
        sent.add(|id| body(id, "mrn"));
        sent.add(|id| body(id, "noSuchProperty"));
        sent.add(|id| format!("{{\"sourceMessageId\":\"{id}\",\"@class\":{deep}}}").into_bytes());
        sent.add(|id| format!("{deep}\"{id}\"").into_bytes());
    }
    let whole = |id: &str| admission(id, "ZQX4", "ZQX4").to_json();
    let length = whole("bad-000000").len();
    for cut in (0..length).step_by(97) {
        // With the id behind it, so that it is found again.
        sent.add(|id| [&whole(id)[..cut], b"\0", id.as_bytes()].concat());
    }
    sent.add(|id| [b"\xff\xfe\0", id.as_bytes()].concat());
    sent.add(|id| [b"\xef\xbb\xbf", &whole(id)[..]].concat());
    sent.add(|id| [&whole(id)[..], &whole(id)].concat());
    sent.publish(&world);
    sent.assert_settled(&world);
    world.assert_goes_on();
}

#[test]
fn properties_and_headers_of_any_shape() {
    let mut world = World::start();
    let bodies = 0..12;
    let body = |place: i32| {
        let mut message = admit("ZQX1", "ZQX1", "W1^R^B1", "2031-03-02T08:15:00Z");
        message.source_message_id = Some(format!("bad-{place:06}"));
        message.to_json()
    };
    let headers = |name: &[u8], value: &[u8]| long(&[&short(name)[..], value].concat());
    let text = |text: &[u8]| [b"S", &long(text)[..]].concat();
    let all: [(u16, Vec<u8>); 12] = [
        (0, Vec::new()),
        (CONTENT_TYPE, short(b"text/\xff\xfe")),
        (CONTENT_TYPE, short(b"application/x-java-serialized-object")),
        (MESSAGE_ID, short(b"\xc3\x28")),
        (MESSAGE_ID, short(&[b'x'; 255])),
        (HEADERS, headers(b"n\xff", &text(b"\xff"))),
        (HEADERS, headers(b"__TypeId__", &text(b"ZQX\0ZQX"))),
        (HEADERS, headers(b"__TypeId__", b"V")),
        (HEADERS, headers(b"__TypeId__", &[b'l', 0x80, 0, 0, 0, 0, 0, 0, 0])),
        (HEADERS, headers(b"x-death", &[b"F", &nested(10)[..]].concat())),
        (HEADERS, nested(3000)),
        (HEADERS, headers(b"big", &text(&vec![b'x'; 60_000]))),
    ];
    assert_eq!(bodies.len(), all.len());
    world.until("the queue is there", || world.queue().is_some());
    let mut client = RawClient::connect(rabbitmq::shared(), &world.virtual_host);
    for (place, (flags, properties)) in bodies.zip(&all) {
        client.publish(HL7_QUEUE, *flags, properties, &body(place));
    }
    client.close();
    world.until("every message is settled", || world.settled() >= all.len() && world.queue() == Some((0, 0)));
    assert_eq!(world.settled(), all.len());
    let kept = "SELECT count(DISTINCT coalesce(source_id, substring(body FROM 'bad-[0-9]{6}'))) FROM ( \
                  SELECT source_id, '' AS body FROM etl_per_message_logging WHERE NOT error \
                  UNION ALL SELECT source_id, body FROM etl_message_reject) AS settled";
    assert_eq!(world.star.value(kept), all.len().to_string());
    world.assert_goes_on();
}
