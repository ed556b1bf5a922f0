//! Messages over HTTP: acknowledged, stored, published.

use base64::{Engine, engine::general_purpose::STANDARD};
use emap_local_services::{postgres, rabbitmq};
use emap_test_support::{
    database,
    faults::postgres::{Action, Fault, Filter, Proxy, SqlState},
};
use lapin::types::AMQPValue;
use serde_json::{Value, json};

use super::{
    messages::{adt, visit},
    site::{Listener, Site, decoded, eventually, internal_token},
};

#[test]
fn a_message_is_acknowledged_stored_and_published_once() {
    let site = Site::ready(&[]);
    let listener = Listener::bind(rabbitmq::shared(), &site.virtual_host);
    let hl7 = adt("A12", "c-1", &visit());
    let authorization = format!("Bearer {}", internal_token());
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
        ("X-Request-ID", "the-request"),
    ];
    let body = json!({ "type": "HL7v2", "body": STANDARD.encode(&hl7) }).to_string();
    let answer = site.try_request("POST", "/dhos/v1/message", &headers, &body).unwrap().json();
    let (uuid, ack) = (answer["uuid"].as_str().unwrap(), decoded(answer["body"].as_str().unwrap()));
    assert!(ack.starts_with("MSH|^~\\&|RA|RF|SA|SF|20"), "{ack}");
    assert!(ack.ends_with("|P|2.3\rMSA|AA|c-1\r") && ack.contains("||ACK^A12^ACK|"), "{ack}");

    let (properties, published) = listener.next();
    let place = r#""location": {"epr_ward_code": "W1", "epr_bay_code": "B2", "epr_bed_code": "C3"}"#;
    let previous =
        r#""previous_location": {"epr_ward_code": "W0", "epr_bay_code": null, "epr_bed_code": null}"#;
    let expected = format!(
        "{{\"dhos_connector_message_uuid\": \"{uuid}\", \"actions\": [\
         {{\"name\": \"process_patient\", \"data\": {{\"first_name\": \"ALEX\", \"last_name\": \"ROE\", \
         \"sex_sct\": \"248152002\", \"nhs_number\": \"999\", \"mrn\": \"55\", \"date_of_birth\": \"1970-01-02\"}}}}, \
         {{\"name\": \"process_location\", \"data\": {{{place}, {previous}}}}}, \
         {{\"name\": \"process_encounter\", \"data\": {{\"epr_encounter_id\": \"V9\", {place}, \
         \"encounter_type\": \"INPATIENT\", \"admitted_at\": \"2020-07-02T03:04:00.000+01:00\", \
         \"admission_cancelled\": false, \"transfer_cancelled\": true, \"discharge_cancelled\": false, \
         \"encounter_moved\": false, \"patient_deceased\": false, {previous}}}}}]}}"
    );
    assert_eq!(published, expected);
    assert_eq!(properties.content_type().as_ref().unwrap().as_str(), "application/text");
    assert_eq!(*properties.delivery_mode(), Some(2));
    assert_eq!(properties.correlation_id().as_ref().unwrap().as_str(), "the-request");
    assert_eq!(
        (properties.content_encoding().as_ref().unwrap().as_str(), *properties.priority()),
        ("utf-8", Some(0))
    );
    let headers = properties.headers().as_ref().unwrap();
    let compression = headers.inner().get("compression").and_then(AMQPValue::as_long_string).unwrap();
    assert_eq!(compression.to_string(), "application/x-bz2");
    assert!(properties.timestamp().is_some());

    let shown = site.get(&format!("/dhos/v1/message/{uuid}")).json();
    assert_eq!(shown["ack_status"], "AA");
    assert_eq!(shown["content"], hl7.as_str());
    assert_eq!(shown["message_type"], "ADT^A12");
    assert_eq!(shown["sent_at"], "2017-07-31T13:13:48.000");
    assert_eq!((&shown["created_by"], &shown["is_processed"]), (&json!("nurse"), &json!(false)));
    let keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    let expected = [
        "ack_status",
        "content",
        "created",
        "created_by",
        "dst_description",
        "is_processed",
        "message_control_id",
        "message_type",
        "modified",
        "modified_by",
        "sent_at",
        "src_description",
        "uuid",
    ];
    assert_eq!(keys, expected);
    let identifiers = "SELECT patient_identifiers FROM public.hl7_message";
    let stored: Value = serde_json::from_str(&site.database.value(identifiers)).unwrap();
    assert_eq!(stored, json!({ "NHS number": "999", "MRN": "55", "Visit ID": "V9" }));

    for search in [
        "search/c-1",
        "search?identifier_type=MRN&identifier=55",
        "search?identifier_type=Visit+ID&identifier=V9",
    ] {
        let found = site.get(&format!("/dhos/v1/message/{search}")).json();
        assert_eq!(found.as_array().unwrap().len(), 1, "{search}");
        assert_eq!(found[0]["uuid"], uuid);
    }
    assert_eq!(site.get("/dhos/v1/message/search?identifier_type=mrn&identifier=55").json(), json!([]));

    // Again: refused, stored without its control id, not published.
    let (second, ack) = site.accepted(&hl7);
    let refusal =
        "MSA|AR|c-1\r\nERR|||Hl7ApplicationRejectException|E||||HL7 message appears to be duplicate";
    assert!(ack.ends_with(refusal), "{ack}");
    let shown = site.get(&format!("/dhos/v1/message/{second}")).json();
    assert_eq!((&shown["ack_status"], &shown["message_control_id"]), (&json!("AR"), &Value::Null));
    assert_eq!(shown["content"], hl7.as_str());
    site.accepted(&adt("A01", "c-2", ""));
    assert!(listener.next().1.contains("process_patient"));
    eventually("an empty outbox", || {
        (site.database.value("SELECT count(*) FROM public.connector_outbox") == "0").then_some(())
    });
    assert!(listener.try_next().is_none());
}

#[test]
fn what_is_refused_and_what_is_stored_of_it() {
    let site = Site::ready(&[("RABBITMQ_DISABLED", "true".to_owned())]);
    let visit = |class: &str, place: &str| {
        format!("PV1|1|{class}|{place}|||||||||||||||||||||||||||||||||||||||||20200101\r")
    };
    let cases = [
        (adt("A06", "1", ""), "AR", "HL7 message of unexpected ADT type 'A06'"),
        (adt("A01", "2", "").replace("ADT^", "ORU^"), "AR", "HL7 message of unexpected type 'ORU'"),
        (adt("A01", "3", "").replace("PID|", "PIX|"), "AE", "HL7 PID segment missing"),
        (adt("A01", "4", "").replace("MRN", "X").replace("NHS", "Y"), "AR", "HL7 MRN and NHS number missing"),
        (
            adt("A05", "5", &visit("WAITLIST", "W")),
            "AE",
            "HL7 message concerns blacklisted encounter type 'WAITLIST'",
        ),
        (
            adt("A01", "6", &visit("I", "\"\"")),
            "AE",
            "HL7 message contains an assigned patient location but the ward code is missing",
        ),
        (
            adt("A01", "7", &visit("I", "W").replace("20200101", "00000000")),
            "AE",
            "Unexpected error: ValueError",
        ),
        (adt("A01", "8", "").replace("20170731141348", ""), "AE", "Unexpected error: AttributeError"),
        (adt("A34", "9", ""), "AE", "Unexpected error: KeyError"),
        (adt("A34", "10", "MRG|\r").replace("MRG|\r", "MRG\r"), "AE", "Unexpected error: KeyError"),
        (adt("A01", &"x".repeat(3000), ""), "AR", "HL7 message control id is too long"),
    ];
    for (hl7, code, text) in cases {
        let (uuid, ack) = site.accepted(&hl7);
        assert!(ack.contains(&format!("MSA|{code}|")) && ack.ends_with(&format!("|E||||{text}")), "{ack}");
        assert_eq!(site.get(&format!("/dhos/v1/message/{uuid}")).json()["ack_status"], code);
    }
    // A failure after the identifiers were read keeps them; one before does not.
    let kept = "SELECT patient_identifiers IS NULL, message_type, message_control_id FROM public.hl7_message WHERE ack LIKE ";
    assert_eq!(site.database.rows(&format!("{kept}'%AttributeError'")), ["false|ADT^A01|"]);
    assert_eq!(site.database.rows(&format!("{kept}'%ValueError'")), ["false|ADT^A01|7"]);
    assert_eq!(site.database.rows(&format!("{kept}'%ADT type%'")), ["true||"]);
    assert_eq!(site.database.value("SELECT count(*) FROM public.connector_outbox"), "0");
}

#[test]
fn hopeless_bodies_are_answered_and_nothing_breaks() {
    let site = Site::ready(&[("RABBITMQ_DISABLED", "true".to_owned())]);
    let post =
        |body: &str| site.request("POST", "/dhos/v1/message", &json!({ "type": "HL7v2", "body": body }));
    let broken = post("TVNIfA");
    assert_eq!(broken.status, 400);
    assert_eq!(broken.json()["message"], "Message body could not be decoded as base64: TVNIfA");
    assert_eq!(post("/w==").status, 400);
    assert_eq!(post(&format!("é{}", STANDARD.encode(adt("A01", "z", "")))).status, 400);
    for text in ["", "MSH", "M", "hello", "PID|1", "MSH|^~\\&|A|B", "MSH|^~\\&|\0|B|C|D|E|F|G|H|I|J", "\u{0}"]
    {
        let answer = site.post(text);
        assert!(answer.status == 400 && answer.json()["message"].is_string(), "{text:?}: {answer:?}");
    }
    for odd in [
        adt("A01", "a", "").replace('\r', "\r\r"),
        adt("A01", "b", "").replace("ADT^A01", "ADT"),
        adt("A01", "c", "").replace("~\\&", "~\\\\&"),
        adt("A01", "\\X00\\", ""),
        format!("{}ZZZ|{}", adt("A01", "e", ""), "é".repeat(2_600_000)),
    ] {
        assert_eq!(site.post(&odd).status, 200);
    }
    assert_eq!(site.post(&"x".repeat(17 << 20)).status, 413);
    // An empty control id is never a duplicate.
    for _ in 0..2 {
        assert!(site.accepted(&adt("A01", "", "")).1.contains("MSA|AA|"));
    }
    assert_eq!(site.get("/running").status, 200);
}

#[test]
fn another_transformer_does_not_exist() {
    let site = Site::ready(&[
        ("RABBITMQ_DISABLED", "true".to_owned()),
        ("HL7_TRANSFORMER_MODULE", "other.module".to_owned()),
    ]);
    let answer = site.post(&adt("A01", "1", ""));
    assert_eq!(
        (answer.status, answer.json()["message"].as_str()),
        (400, Some("HL7 message converter is unavailable"))
    );
}

#[test]
fn the_message_store_gets_every_accepted_message_in_the_same_transaction() {
    let database = emap_test_support::database::empty();
    database.execute("CREATE SCHEMA ids");
    let site = {
        let url = database.jdbc_url();
        let mut site = Site::of_database(
            database,
            &[
                ("CONNECTOR_IDS_ENABLED", "true".to_owned()),
                ("IDS_JDBC_URL", url),
                ("IDS_USERNAME", emap_local_services::postgres::USER.to_owned()),
                ("IDS_SCHEMA", "ids".to_owned()),
                ("RABBITMQ_DISABLED", "true".to_owned()),
            ],
        );
        site.start();
        site.await_ready();
        site
    };
    let oru = adt("A01", "lab-1", "").replace("ADT^A01", "ORU^R01");
    assert!(site.accepted(&adt("A01", "adt-1", &visit())).1.contains("MSA|AA"));
    assert!(site.accepted(&oru).1.contains("MSA|AA"));
    assert!(site.accepted(&adt("A06", "adt-2", "")).1.contains("MSA|AA"));
    // Neither repeats nor what the rules about patients refuse.
    assert!(site.accepted(&oru).1.contains("MSA|AR"));
    assert!(site.accepted(&adt("A01", "adt-3", "").replace("PID|", "PIX|")).1.contains("MSA|AE"));
    let long = adt("A01", "adt-4", "").replace("ROE^", &format!("{}^", "R".repeat(400)));
    assert!(site.accepted(&long).1.contains("MSA|AA"));
    let rows = site.database.rows(
        "SELECT unid, messagetype, messageidentifier, hospitalnumber, nhsnumber, messagedatetime, admissiondate,
                length(patientsurname) FROM ids.tbl_ids_master ORDER BY unid",
    );
    assert_eq!(
        rows,
        [
            "1|A01|adt-1|55|999|2017-07-31T14:13:48|2020-07-02T03:04:00|3",
            "2|R01|lab-1|55|999|2017-07-31T14:13:48||3",
            "3|A06|adt-2|55|999|2017-07-31T14:13:48||3",
            "4|A01|adt-4|55|999|2017-07-31T14:13:48||255",
        ]
    );
    assert_eq!(site.database.value("SELECT hl7message FROM ids.tbl_ids_master WHERE unid = 2"), oru);
    assert_eq!(
        site.database.value("SELECT count(*) FROM pg_tables WHERE tablename = 'connector_appended'"),
        "0"
    );
}

#[test]
fn a_question_that_fails_while_connecting_costs_no_second_transaction() {
    let database = database::empty();
    database.execute("CREATE SCHEMA ids");
    let proxy = Proxy::start(([127, 0, 0, 1], postgres::shared().port()).into()).unwrap();
    // With it the connector finds out that the message store is in its own database.
    let asked = Filter::statement("pg_control_system");
    proxy.arm(Fault::at_client(asked, Action::Refuse(SqlState::OUT_OF_MEMORY)));
    let url = database.jdbc_url();
    let mut site = Site::of_database(
        database,
        &[
            ("DATABASE_PORT", proxy.port().to_string()),
            ("CONNECTOR_IDS_ENABLED", "true".to_owned()),
            ("IDS_JDBC_URL", url),
            ("IDS_USERNAME", postgres::USER.to_owned()),
            ("IDS_SCHEMA", "ids".to_owned()),
            ("RABBITMQ_DISABLED", "true".to_owned()),
        ],
    );
    site.start();
    site.await_ready();
    assert_eq!(proxy.happened(), 1);
    assert!(site.accepted(&adt("A01", "1", "")).1.contains("MSA|AA"));
    // What a second transaction needs is not there.
    let notes =
        "SELECT count(*) FROM pg_tables WHERE schemaname = 'ids' AND tablename = 'connector_appended'";
    assert_eq!(site.database.value(notes), "0");
    assert_eq!(site.database.value("SELECT count(*) FROM ids.tbl_ids_master"), "1");
}

#[test]
fn a_message_store_elsewhere_gets_each_message_once() {
    let store = emap_test_support::database::empty();
    store.execute("CREATE SCHEMA ids");
    let site = Site::ready(&[
        ("CONNECTOR_IDS_ENABLED", "true".to_owned()),
        ("IDS_JDBC_URL", store.jdbc_url()),
        ("IDS_USERNAME", emap_local_services::postgres::USER.to_owned()),
        ("IDS_SCHEMA", "ids".to_owned()),
        ("RABBITMQ_DISABLED", "true".to_owned()),
    ]);
    let hl7 = adt("A01", "1", "");
    site.accepted(&hl7);
    // As if the commit had failed after the message was appended.
    site.database.execute("TRUNCATE public.hl7_message");
    assert!(site.accepted(&hl7).1.contains("MSA|AA"));
    site.accepted(&adt("A01", "2", ""));
    assert_eq!(store.rows("SELECT messageidentifier FROM ids.tbl_ids_master ORDER BY unid"), ["1", "2"]);
}
