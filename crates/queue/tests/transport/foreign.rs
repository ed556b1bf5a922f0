//! Messages of producers that are not ours: other properties, other headers, other character sets, and bodies
//! that are no messages at all.

use emap_interchange::{Message, ResearchOptOut};
use emap_queue::{Consumer, Delivery};
use lapin::{
    BasicProperties,
    options::BasicPublishOptions,
    types::{AMQPValue, DecimalValue, FieldArray, FieldTable},
};

use crate::{
    rabbitmq::transport,
    support::{OtherProgram, consumer, fresh_queue, next},
};

fn message() -> Message {
    Message { source_system: Some("Zoë's own".to_owned()), ..Message::of(ResearchOptOut::default()) }
}

/// Publishes the bodies as another program, and gives what a consumer gets.
async fn through_a_queue(messages: &[(BasicProperties, Vec<u8>)]) -> (String, Consumer, Vec<Delivery>) {
    let queue = fresh_queue("foreign");
    let other = OtherProgram::start().await;
    other.declare(&queue, 100).await.unwrap();
    for (properties, body) in messages {
        let options = BasicPublishOptions::default();
        let sent =
            other.channel.basic_publish("".into(), queue.as_str().into(), options, body, properties.clone());
        sent.await.unwrap().await.unwrap();
    }
    let mut consumer = consumer(&transport(), &[&queue]);
    let mut deliveries = Vec::new();
    let mut bad = Vec::new();
    while deliveries.len() < messages.len() {
        let delivered = next(&mut consumer, 100).await;
        bad.clear();
        for (place, delivery) in delivered.deliveries.iter().enumerate() {
            if delivery.clone().decode().is_err() {
                bad.push(place);
            }
        }
        deliveries.extend(delivered.deliveries);
        delivered.ticket.settle(&bad);
    }
    (queue, consumer, deliveries)
}

async fn decoded(properties: BasicProperties, body: Vec<u8>) -> Result<Message, String> {
    let (_, _, mut deliveries) = through_a_queue(&[(properties, body)]).await;
    deliveries.remove(0).decode().map_err(|unreadable| unreadable.to_string())
}

fn with_headers(headers: Vec<(&str, AMQPValue)>) -> BasicProperties {
    let mut table = FieldTable::default();
    for (name, value) in headers {
        table.insert(name.into(), value);
    }
    BasicProperties::default().with_headers(table)
}

/// As the peers that fill the queues today write it.
#[tokio::test]
async fn a_message_with_the_headers_of_a_peer() {
    let text = |text: &str| AMQPValue::LongString(text.into());
    let properties = with_headers(vec![
        ("__TypeId__", text("uk.ac.ucl.rits.inform.interchange.ResearchOptOut")),
        ("spring_returned_message_correlation", text("0000081733:0000081733_1")),
        ("spring_listener_return_correlation", text("7a1b6a3e-54a4-4dc3-a7b2-3f0d2b9d1b55")),
    ]);
    let properties = properties
        .with_content_type("application/json".into())
        .with_content_encoding("UTF-8".into())
        .with_delivery_mode(2)
        .with_priority(0);
    assert_eq!(decoded(properties, message().to_json()).await, Ok(message()));
}

#[tokio::test]
async fn every_kind_of_header_and_property_may_be_there() {
    let nested = {
        let mut table = FieldTable::default();
        table.insert("depth".into(), AMQPValue::FieldArray(FieldArray::from(vec![AMQPValue::Void])));
        table
    };
    let properties = with_headers(vec![
        ("__TypeId__", AMQPValue::LongInt(7)),
        ("boolean", AMQPValue::Boolean(true)),
        ("byte", AMQPValue::ShortShortInt(-1)),
        ("short", AMQPValue::ShortInt(-300)),
        ("long", AMQPValue::LongLongInt(1 << 40)),
        ("float", AMQPValue::Float(0.5)),
        ("double", AMQPValue::Double(-0.25)),
        ("decimal", AMQPValue::DecimalValue(DecimalValue { scale: 2, value: 314 })),
        ("time", AMQPValue::Timestamp(1_900_000_000)),
        ("table", AMQPValue::FieldTable(nested)),
        ("bytes", AMQPValue::ByteArray(vec![0xff, 0x00].into())),
        ("not text", AMQPValue::LongString(vec![0xff, 0xfe].into())),
        ("x-death", AMQPValue::FieldArray(FieldArray::default())),
    ]);
    let properties = properties
        .with_message_id("m-1".into())
        .with_correlation_id("c:1".into())
        .with_timestamp(1_900_000_000)
        .with_type("something".into())
        .with_app_id("another program".into())
        .with_reply_to("elsewhere".into())
        .with_priority(9);
    assert_eq!(decoded(properties, message().to_json()).await, Ok(message()));
}

#[tokio::test]
async fn a_message_without_any_property() {
    assert_eq!(decoded(BasicProperties::default(), message().to_json()).await, Ok(message()));
}

#[tokio::test]
async fn a_message_in_another_character_set() {
    let latin =
        String::from_utf8(message().to_json()).unwrap().chars().map(|c| u8::try_from(c).unwrap()).collect();
    let properties = BasicProperties::default().with_content_encoding("ISO-8859-1".into());
    assert_eq!(decoded(properties, latin).await, Ok(message()));
}

/// What cannot be read is reported with the reason and refused for good; the messages behind it are delivered.
#[tokio::test]
async fn unreadable_messages_do_not_hold_up_the_others() {
    let plain = BasicProperties::default;
    let unreadable = [
        (plain(), Vec::new(), "(at byte 0)"),
        (plain(), b"\x00\x01\xff".to_vec(), "(at byte 0)"),
        (plain(), b"[]".to_vec(), "expected an object, found a list (at byte 0)"),
        (
            plain(),
            b"{\"@class\":\"com.example.Other\"}".to_vec(),
            "unknown class com.example.Other (at byte 0)",
        ),
        (
            plain().with_content_type("application/x-java-serialized-object".into()),
            message().to_json(),
            "content type application/x-java-serialized-object is not JSON",
        ),
        (
            plain().with_content_encoding("gzip".into()),
            message().to_json(),
            "content encoding gzip is no known character set",
        ),
    ];
    let mut messages = Vec::new();
    for (properties, body, _) in &unreadable {
        messages.push((properties.clone(), body.clone()));
        messages.push((plain(), message().to_json()));
    }
    let (queue, mut consumer, mut deliveries) = through_a_queue(&messages).await;
    for (pair, (_, body, reason)) in deliveries.chunks_mut(2).zip(&unreadable) {
        assert_eq!(&pair[0].body, body);
        let found = pair[0].decode().unwrap_err().to_string();
        assert!(found.ends_with(reason), "{found}");
        assert_eq!(pair[1].decode(), Ok(message()));
    }
    consumer.close().await;
    assert_eq!(OtherProgram::start().await.depth(&queue).await, 0, "none comes back");
}
