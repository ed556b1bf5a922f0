//! Messages that lack something or contradict themselves: a readable reason, and no other harm.

use emap_core::{
    Incoming,
    Outcome::{self, RequiredDataMissing, Success},
};
use emap_interchange::{
    InterchangeValue::{self, Save},
    LabIsolate as Isolate, LabMetadata, LabOrder as Sent, LabsMetadataType, Message, OrderCodingSystem,
    ValueType,
};
use emap_star::rows::*;

use super::messages::{at, culture, isolate, lab, number, order, text, with_results};
use crate::world::{World, incoming};

fn with(change: impl FnOnce(&mut Sent)) -> Message {
    let mut order =
        with_results(vec![number("K", 4.5, "09:00"), number("NA", 140.0, "09:00")], order("09:00"));
    change(&mut order);
    lab(order)
}

/// The reason, which quotes nothing of the message.
fn reason(world: &mut World, message: &Message, outcome: Outcome) -> String {
    let report = world.report(message);
    assert_eq!(report.outcome, outcome, "{:?}", report.reason);
    let reason = report.reason.unwrap();
    let rejects: Vec<EtlMessageReject> = world.rows();
    assert_eq!(rejects.last().map(|reject| &reject.reason), Some(&reason));
    reason
}

#[test]
fn what_lacks_something_keeps_what_came_before_it() {
    use Outcome::Error;
    // How many rows there are then of: patient, battery, result.
    type Mistake = (fn(&mut Sent), Outcome, &'static str, [usize; 3]);
    let mistakes: [Mistake; 7] = [
        (|order| order.test_battery_local_code = None, RequiredDataMissing, "code of the battery", [1, 0, 0]),
        (
            |order| order.test_battery_coding_system = None,
            RequiredDataMissing,
            "coding system of the battery",
            [1, 0, 0],
        ),
        (|order| order.lab_specimen_number = None, RequiredDataMissing, "labSpecimenNumber", [1, 1, 0]),
        (
            |order| order.lab_specimen_number = Some(String::new()),
            RequiredDataMissing,
            "labSpecimenNumber",
            [1, 1, 0],
        ),
        (
            |order| order.lab_results[1].test_item_local_code = None,
            RequiredDataMissing,
            "code of the test",
            [1, 1, 1],
        ),
        (|order| order.lab_results[1].mime_type = None, Error, "mimeType", [0, 0, 0]),
        (
            |order| order.test_battery_local_code = Some("x".repeat(256)),
            Error,
            "lab_battery.battery_code",
            [0, 0, 0],
        ),
    ];
    for (spoil, outcome, word, rows) in mistakes {
        let mut world = World::in_memory();
        let reason = reason(&mut world, &with(spoil), outcome);
        assert!(reason.contains(word) && !reason.contains("xxx"), "{reason}");
        let counts = [world.count::<Mrn>(), world.count::<LabBattery>(), world.count::<LabResult>()];
        assert_eq!(counts, rows, "{word}");
        assert_eq!(world.receive([with(|_| ())]), [Success]);
        assert_eq!(world.count::<LabResult>(), 2);
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_the_name_of_its_property() {
    let whole = with(|_| ());
    let body = String::from_utf8(whole.to_json()).unwrap();
    let mistakes = [
        (r#""mimeType":"NUMERIC""#, r#""mimeType":"XXX""#, "labResultMsgs[0].mimeType"),
        (r#""resultStatus":"FINAL""#, r#""resultStatus":"XXX""#, "labResultMsgs[0].resultStatus"),
        (r#""value":4.5"#, r#""value":"XXX""#, "labResultMsgs[0].numericValue"),
        (r#""questions":{}"#, r#""questions":"XXX""#, "questions"),
        (r#""labSpecimenNumber":"#, r#""labSpecimenNumbr":"#, "labSpecimenNumbr"),
    ];
    for (right, wrong, place) in mistakes {
        let spoilt = body.replacen(right, wrong, 1);
        assert_ne!(spoilt, body, "{right}");
        let mut world = World::in_memory();
        let unread = Incoming::decode("hl7Queue".into(), spoilt.into_bytes());
        let reports = world.deliver(&[unread, incoming(&whole)]);
        assert_eq!((reports[0].outcome, reports[1].outcome), (Outcome::Error, Success));
        let reason = world.only::<EtlMessageReject>().reason;
        assert!(reason.contains(place) && !reason.contains("XXX"), "{reason}");
    }
}

#[test]
fn without_an_mrn_nothing_is_known() {
    let mut world = World::in_memory();
    let reason = reason(&mut world, &with(|order| order.mrn = None), RequiredDataMissing);
    assert!(reason.contains("MRN"), "{reason}");
    assert_eq!(world.count::<Mrn>() + world.count::<LabBattery>(), 0);
}

#[test]
fn a_value_of_a_type_that_results_do_not_have_ends_the_message_but_keeps_what_came_before() {
    for value_type in [ValueType::Date, ValueType::Time, ValueType::Instant, ValueType::Boolean] {
        let mut world = World::in_memory();
        let mistaken = with(|order| order.lab_results[1].mime_type = Some(value_type));
        let reason = reason(&mut world, &mistaken, RequiredDataMissing);
        assert!(reason.contains("as the type of the result"), "{reason}");
        assert_eq!(world.only::<LabResult>().value_as_real, Some(4.5));
        assert_eq!((world.count::<LabTestDefinition>(), world.count::<LabOrder>()), (2, 1));
    }
}

#[test]
fn a_result_without_its_value_has_none() {
    let empty = with(|order| order.lab_results[1].numeric_value = InterchangeValue::Unknown);
    let world = World::after([empty]);
    let results: Vec<LabResult> = world.rows();
    assert_eq!((results[1].value_as_real, results[1].mime_type.as_deref()), (None, Some("numeric/plain")));
}

#[test]
fn a_result_without_a_time_is_stored_but_cannot_be_compared_with_another() {
    let timeless = |value| {
        with(|order| {
            order.lab_results[0].result_time = None;
            order.lab_results[0].numeric_value = Save(value);
        })
    };
    let mut world = World::after([timeless(4.5)]);
    assert_eq!(world.rows::<LabResult>()[0].result_last_modified_datetime, None);
    let reason = reason(&mut world, &timeless(4.6), Outcome::Error);
    assert!(reason.contains("resultTime"), "{reason}");
    let later = lab(with_results(vec![number("K", 4.7, "10:00")], order("10:00")));
    assert_eq!(world.receive([later]), [Success]);
    let row = &world.rows::<LabResult>()[0];
    assert_eq!((row.value_as_real, row.result_last_modified_datetime), (Some(4.7), Some(at("10:00"))));
}

#[test]
fn an_isolate_without_a_number_is_one_isolate() {
    let nameless = || Isolate { isolate_id: None, ..isolate("", "KLPN", &[("AMOX", "S")]) };
    let grown = |time| lab(with_results(vec![culture(nameless(), time)], order(time)));
    let world = World::after([grown("09:00"), grown("10:00")]);
    assert_eq!((world.count::<LabIsolate>(), world.count::<LabSensitivity>()), (1, 1));
}

#[test]
fn a_culture_without_an_isolate_is_a_result_alone() {
    let mut result = culture(isolate("1", "KLPN", &[]), "09:00");
    result.lab_isolate = None;
    let world = World::after([lab(with_results(vec![result], order("09:00")))]);
    assert_eq!((world.count::<LabResult>(), world.count::<LabIsolate>()), (1, 0));
}

#[test]
fn metadata_that_names_nothing_is_refused() {
    type Mistake = (fn(&mut LabMetadata), &'static str);
    let whole = || LabMetadata {
        short_code: Some("K".to_owned()),
        coding_system: Some(OrderCodingSystem::WinPath),
        name: Some("Potassium".to_owned()),
        labs_metadata_type: Some(LabsMetadataType::Test),
        valid_from: Some(at("09:00")),
    };
    let mistakes: [Mistake; 4] = [
        (|metadata| metadata.short_code = None, "code of the test"),
        (|metadata| metadata.coding_system = None, "coding system of the test"),
        (|metadata| metadata.labs_metadata_type = None, "labsMetadataType"),
        (|metadata| metadata.valid_from = None, "validFrom"),
    ];
    for (spoil, word) in mistakes {
        let mut metadata = whole();
        spoil(&mut metadata);
        let mut world = World::in_memory();
        let reason = reason(&mut world, &lab(metadata), RequiredDataMissing);
        assert!(reason.contains(word), "{reason}");
        assert_eq!(world.count::<LabTestDefinition>(), 0);
    }
}

#[test]
fn bad_messages_harm_no_other_of_their_batch() {
    let mut world = World::on_postgres();
    let of = |specimen: &str| with(|order| order.lab_specimen_number = Some(specimen.to_owned()));
    let outcomes = world.receive_together([
        of("S1"),
        with(|order| order.lab_results[1].units = text(&"x".repeat(256))),
        with(|order| order.lab_results[1].mime_type = Some(ValueType::Date)),
        // Within chrono's calendar, outside PostgreSQL's.
        with(|order| order.order_date_time = Save("-9000-01-01T00:00:00Z".parse().unwrap())),
        with(|order| order.lab_specimen_number = None),
        of("S2"),
    ]);
    assert_eq!(
        outcomes,
        [Success, Outcome::Error, RequiredDataMissing, Outcome::Error, RequiredDataMissing, Success]
    );
    assert_eq!((world.count::<LabResult>(), world.count::<EtlMessageReject>()), (4, 4));
    assert_eq!(world.rows::<LabOrder>()[0].order_datetime, None);
}
