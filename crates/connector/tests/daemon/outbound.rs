//! Observations and documents on their way out.

use std::{
    io::{Read, Write},
    net::TcpListener,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::Utc;
use serde_json::{Value, json};

use super::{
    site::{ADAPTER, ADAPTER_KEY, Site, ack, decoded, eventually, free_port, internal_token},
    stand_in::StandIn,
};

fn quiet(changes: &[(&str, String)]) -> Site {
    let mut all = vec![("RABBITMQ_DISABLED", "true".to_owned())];
    all.extend_from_slice(changes);
    Site::ready(&all)
}

fn observations(set: &str) -> Value {
    json!({ "actions": [{ "name": "process_observation_set", "data": {
        "patient": {
            "uuid": "p-1", "first_name": "ROE\rPID|2", "last_name": "O&A", "dob": "1970-01-02", "sex": "248152002",
            "hospital_number": "77", "nhs_number": null,
        },
        "encounter": { "epr_encounter_id": "V1", "location_ods_code": "W1^B2^C3", "admitted_at": null },
        "clinician": { "send_entry_identifier": 12, "first_name": "Ann", "last_name": "Pike" },
        "observation_set": {
            "uuid": set, "record_time": "2030-01-01T00:00:00.500Z", "score_system": "news2", "score_value": 0,
            "observations": [{
                "observation_type": "heart_rate", "observation_value": 72.5, "observation_string": null,
                "observation_unit": "bpm", "patient_refused": null, "score_value": null,
                "measured_time": "2030-07-01T00:00:01.000+00:00",
            }],
        },
    } }] })
}

/// The message that a request to the adapter holds.
fn sent(body: &str) -> String {
    let body: Value = serde_json::from_str(body).unwrap();
    assert_eq!(body["type"], "hl7v2");
    decoded(body["body"].as_str().unwrap())
}

fn waiting(site: &Site) -> Vec<Value> {
    site.get("/dhos/v1/deliveries").json().as_array().unwrap().clone()
}

#[test]
fn an_observation_set_is_sent_once() {
    let site = quiet(&[]);
    let post = || site.request("POST", "/dhos/v1/oru_message", &observations("set-1"));
    let done = post();
    assert_eq!((done.status, done.body.as_str()), (204, ""), "{done:?}");
    let asked = site.adapter.asked();
    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].line, "POST /epr/v1/hl7_message HTTP/1.1");
    let token = asked[0].header("authorization").unwrap().strip_prefix("Bearer ").unwrap();
    assert!(asked[0].header("x-request-id").is_some() && token.split('.').count() == 3);
    assert!(token == emap_connector::token::sign(&claims(token), ADAPTER_KEY));
    assert_eq!((&claims(token)["iss"], &claims(token)["scope"]), (&json!(ADAPTER), &json!("write:hl7")));
    let hl7 = sent(&asked[0].body);
    let segments: Vec<&str> = hl7.split('\r').collect();
    let id = &format!("{:x}", md5::compute("set-1"))[..20];
    assert!(segments[0].ends_with(&format!("||ORU^R01^ORU_R01|{id}|P|2.6")), "{hl7}");
    let collector = "12^Pike^Ann";
    let expected = [
        "PID|1|p-1|77^^^^MRN||O\\T\\A^ROE\\.br\\PID\\F\\2||19700102|2".to_owned(),
        format!("PV1|1||W1^B2^C3{}V1{}", "|".repeat(16), "|".repeat(25)),
        format!("OBR|1||set-1|EWS|||20300101000000.500+0000|||{collector}{}F", "|".repeat(15)),
        "OBX|1|ST|ScoringSystem||NEWS2||||||F|||20300101000000.500+0000".to_owned(),
        "OBX|2|NM|TotalScore||0||||||F|||20300101000000.500+0000".to_owned(),
        format!("OBX|3|NM|HR||73|^bpm|||||F|||20300701010001.000+0100||{collector}"),
        "OBX|4|NM|HRScore||||||||F|||20300701010001.000+0100".to_owned(),
    ];
    assert_eq!(segments[1..], expected.each_ref().map(String::as_str));

    let shown = site.get(&format!("/dhos/v1/message/search/{id}")).json();
    assert_eq!((&shown[0]["is_processed"], &shown[0]["ack_status"]), (&json!(true), &json!("AA")));
    assert_eq!((&shown[0]["src_description"], &shown[0]["dst_description"]), (&json!("dhos"), &json!("tie")));
    let by_mrn = site.get("/dhos/v1/message/search?identifier_type=MRN&identifier=77").json();
    assert_eq!(by_mrn[0]["content"], hl7.as_str());
    assert_eq!(post().status, 204);
    assert_eq!(site.adapter.asked().len(), 1);
    let trustomer = &site.trustomer.asked()[0];
    assert_eq!(trustomer.line, "GET /dhos/v1/trustomer/ward HTTP/1.1");
    let headers =
        ["x-trustomer", "x-product", "authorization"].map(|name| trustomer.header(name).unwrap().to_owned());
    assert_eq!(headers, ["ward", "polaris", "polaris"]);
    assert_eq!(site.trustomer.asked().len(), 1);
}

fn claims(token: &str) -> Value {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap()).unwrap()
}

#[test]
fn a_failed_delivery_is_kept_and_the_same_bytes_are_sent_until_they_arrive() {
    let mut site = quiet(&[]);
    site.adapter.answer(|_| (500, "out of order".to_owned()));
    let failed = site.request("POST", "/dhos/v1/oru_message", &observations("set-2"));
    assert_eq!(failed.status, 400);
    let found = waiting(&site);
    assert_eq!(found.len(), 1);
    let keys: Vec<&String> = found[0].as_object().unwrap().keys().collect();
    let expected = [
        "attempts",
        "created",
        "dst_description",
        "last_error",
        "message_control_id",
        "message_uuid",
        "next_attempt_at",
    ];
    assert_eq!(keys, expected);
    assert_eq!(found[0]["dst_description"], "tie");
    eventually("more attempts", || (waiting(&site)[0]["attempts"].as_i64()? >= 3).then_some(()));
    eventually("the figure", || {
        site.get("/metrics")
            .body
            .contains("emap_connector_deliveries_pending{dst_description=\"tie\"} 1")
            .then_some(())
    });
    assert_eq!(site.request("POST", "/dhos/v1/oru_message", &observations("set-2")).status, 503);
    site.kill();
    site.adapter.answer(|_| (200, ack("AR")));
    site.start();
    eventually("delivered", || {
        site.try_request("GET", "/running", &[], "").and_then(|_| waiting(&site).is_empty().then_some(()))
    });
    let bodies: Vec<String> = site.adapter.asked().iter().map(|asked| sent(&asked.body)).collect();
    assert!(bodies.iter().all(|body| *body == bodies[0]));
    let uuid = found[0]["message_uuid"].as_str().unwrap();
    let shown = site.get(&format!("/dhos/v1/message/{uuid}")).json();
    assert_eq!((&shown["is_processed"], &shown["ack_status"]), (&json!(true), &json!("AR")));
    assert_eq!(site.request("POST", "/dhos/v1/oru_message", &observations("set-2")).status, 204);
}

#[test]
fn a_receiver_that_is_not_there_gets_the_message_when_it_is_and_its_answer_is_stored_as_it_came() {
    let port = free_port();
    let mut site = quiet(&[("EPR_SERVICE_ADAPTER_URL_BASE", format!("http://127.0.0.1:{port}"))]);
    let authorization = format!("Bearer {}", internal_token());
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/json"),
        ("X-Request-ID", "the-request"),
    ];
    let body = observations("set-5").to_string();
    let failed = site.try_request("POST", "/dhos/v1/oru_message", &headers, &body).unwrap();
    assert_eq!((failed.status, failed.body.as_str()), (503, "{\"message\":\"Service unavailable\"}\n"));
    assert_eq!(site.database.rows("SELECT is_processed, ack FROM public.hl7_message"), ["false|"]);
    let answer = "\rMSH|^~\\&|A|B|C|D|20200101||ACK^R01^ACK|1|P|2.6\nMSA|AA|é\n";
    let adapter =
        StandIn::start_at(port, move |_| (200, json!({ "body": STANDARD.encode(answer) }).to_string()));
    eventually("delivered", || waiting(&site).is_empty().then_some(()));
    assert_eq!(site.database.value("SELECT ack FROM public.hl7_message"), answer);
    let asked = adapter.asked().remove(0);
    assert_eq!(asked.header("x-request-id"), Some("the-request"));
    assert_eq!(
        (asked.header("accept"), asked.header("content-type")),
        (Some("application/json"), Some("application/json"))
    );
    adapter.answer(|_| (200, ack("AE")));
    assert_eq!(site.request("POST", "/dhos/v1/oru_message", &observations("set-6")).status, 204);
    let id = |set: &str| format!("{:x}", md5::compute(set))[..20].to_owned();
    let log = site.stop().1;
    assert!(log.contains(&format!("Message '{}' has been successfully received\"", id("set-5"))), "{log}");
    let refused = format!("Message '{}' did not receive a successful acknowledgement. (AE)\"", id("set-6"));
    assert!(log.contains(&refused), "{log}");
}

/// A Redis server that knows one thing.
fn redis(scope: &'static str) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let mut buffer = [0; 1024];
            while let Ok(length @ 1..) = stream.read(&mut buffer) {
                let answer = match String::from_utf8_lossy(&buffer[..length]).into_owned() {
                    text if text.contains("AUTH") && text.contains("sesame") => "+OK\r\n".to_owned(),
                    text if text.contains("GET")
                        && text.contains("CACHED_EPR_SERVICE_ADAPTER_SCOPE")
                        && !scope.is_empty() =>
                    {
                        format!("${}\r\n{scope}\r\n", scope.len())
                    }
                    text if text.contains("GET") => "$-1\r\n".to_owned(),
                    _ => "-ERR\r\n".to_owned(),
                };
                let _ = stream.write_all(answer.as_bytes());
            }
        }
    });
    port
}

#[test]
fn the_scope_comes_from_redis_and_without_one_nothing_is_sent() {
    let site = |environment: &str, scope: &'static str, mock: &str| {
        quiet(&[
            ("ENVIRONMENT", environment.to_owned()),
            ("EPR_SERVICE_ADAPTER_SCOPE", String::new()),
            ("MOCK_EPR_SERVICE_ADAPTER_SCOPE", mock.to_owned()),
            ("REDIS_INSTALLED", "true".to_owned()),
            ("REDIS_HOST", "127.0.0.1".to_owned()),
            ("REDIS_PORT", redis(scope).to_string()),
            ("REDIS_PASSWORD", "sesame".to_owned()),
            ("JWT_EXPIRY_IN_SECONDS", "120".to_owned()),
        ])
    };
    let post = |site: &Site| site.request("POST", "/dhos/v1/oru_message", &observations("set-7")).status;
    let sent_scope = |site: &Site| {
        let asked = site.adapter.asked().remove(0);
        let token = asked.header("authorization").unwrap().strip_prefix("Bearer ").unwrap().to_owned();
        let claims = claims(&token);
        assert_eq!(token, emap_connector::token::sign(&claims, ADAPTER_KEY));
        assert_eq!((&claims["iss"], &claims["aud"]), (&json!(ADAPTER), &json!(ADAPTER)));
        let left = claims["exp"].as_i64().unwrap() - Utc::now().timestamp();
        assert!((117..=120).contains(&left), "{left}");
        claims["scope"].as_str().unwrap().to_owned()
    };
    let production = site("PRODUCTION", "write:it read:it", "mock");
    assert_eq!(post(&production), 204);
    assert_eq!(sent_scope(&production), "write:it read:it");
    let development = site("TEST", "", "mock");
    assert_eq!(post(&development), 204);
    assert_eq!(sent_scope(&development), "mock");
    let nowhere = site("PRODUCTION", "", "mock");
    assert_eq!(post(&nowhere), 503);
    assert!(nowhere.adapter.asked().is_empty());
    assert!(waiting(&nowhere)[0]["last_error"].as_str().unwrap().contains("scope"));
}

#[test]
fn unusable_answers_and_requests() {
    let site = quiet(&[
        ("CONNECTOR_RETRY_DELAY_INITIAL", "60".to_owned()),
        ("CONNECTOR_RETRY_DELAY_MAXIMUM", "60".to_owned()),
    ]);
    let post = |set: &str| site.request("POST", "/dhos/v1/oru_message", &observations(set));
    for (number, (answer, text)) in [
        ("no JSON", "JSON"),
        ("{}", "none received for '"),
        ("{\"body\":\"%%x\"}", "base64"),
        ("{\"body\":\"aGVsbG8=\"}", "HL7"),
    ]
    .into_iter()
    .enumerate()
    {
        site.adapter.answer(move |_| (200, answer.to_owned()));
        let failed = post(&number.to_string());
        assert!(
            failed.status == 400 && failed.json()["message"].as_str().unwrap().contains(text),
            "{failed:?}"
        );
    }
    let changed = |change: fn(&mut Value)| {
        let mut body = observations("x");
        change(&mut body["actions"][0]);
        site.request("POST", "/dhos/v1/oru_message", &body)
    };
    let message = |answer: super::site::Answer| {
        (answer.status, answer.json()["message"].as_str().unwrap_or_default().to_owned())
    };
    let system = changed(|action| action["data"]["observation_set"]["score_system"] = "odd".into());
    assert_eq!(message(system), (400, "Unexpected score system 'odd'".to_owned()));
    let empty = changed(|action| action["data"]["patient"] = json!({}));
    assert_eq!(message(empty), (400, "Missing data in action: patient".to_owned()));
    let garbage = changed(|action| action["data"]["patient"] = json!({ "a": 1 }));
    assert_eq!(message(garbage), (400, "Missing key: 'uuid'".to_owned()));
    let other = changed(|action| action["name"] = "other".into());
    assert_eq!(
        message(other),
        (400, "Request requires a 'process_observation_set' action with data".to_owned())
    );
    for wrong in [
        json!({}),
        json!({ "actions": {} }),
        json!({ "actions": [{ "name": "x" }] }),
        json!({ "actions": [{ "data": {} }] }),
    ] {
        assert_eq!(site.request("POST", "/dhos/v1/oru_message", &wrong).status, 400);
    }
    let unknown = json!({ "actions": observations("x")["actions"], "more": 1 });
    assert_eq!(site.request("POST", "/dhos/v1/oru_message", &unknown).status, 400);
}

#[test]
fn an_operator_gives_up_and_tries_again() {
    let site = quiet(&[
        ("CONNECTOR_RETRY_DELAY_INITIAL", "60".to_owned()),
        ("CONNECTOR_RETRY_DELAY_MAXIMUM", "60".to_owned()),
    ]);
    site.adapter.answer(|_| (500, String::new()));
    site.request("POST", "/dhos/v1/oru_message", &observations("set-3"));
    let list = site.command(&["deliveries", "list"]).output().unwrap();
    assert!(String::from_utf8_lossy(&list.stdout).contains("HTTP error 500"), "{list:?}");
    assert!(!site.command(&["deliveries", "give-up"]).output().unwrap().status.success());
    let given_up = site.command(&["deliveries", "give-up", "--destination", "tie"]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&given_up.stdout), "1 messages\n");
    assert!(waiting(&site).is_empty());
    site.adapter.answer(|_| (200, ack("AA")));
    assert!(site.command(&["deliveries", "retry", "--all"]).output().unwrap().status.success());
    eventually("delivered", || {
        (site.database.value("SELECT count(*) FROM public.hl7_message WHERE is_processed") == "1")
            .then_some(())
    });
}

#[test]
fn nothing_is_sent_where_the_hospital_does_not_want_it() {
    let site = quiet(&[("TRUSTOMER_CONFIG_CACHE_TTL_SEC", "0".to_owned())]);
    site.trustomer
        .answer(|_| (200, json!({ "send_config": { "generate_oru_messages": "true" } }).to_string()));
    let post = || site.request("POST", "/dhos/v1/oru_message", &observations("set-4"));
    assert_eq!(post().status, 204);
    site.trustomer.answer(|_| (200, "{}".to_owned()));
    assert_eq!(post().status, 400);
    site.trustomer.answer(|_| (500, String::new()));
    let failed = post();
    assert_eq!((failed.status, failed.body.as_str()), (503, "{\"message\":\"Service unavailable\"}\n"));
    assert!(site.adapter.asked().is_empty());
    assert_eq!(site.database.value("SELECT count(*) FROM public.hl7_message"), "0");
}

#[test]
fn a_document_is_forwarded_when_the_receiver_is_there() {
    let site = quiet(&[]);
    let document = "<?xml version=\"1.0\"?><doc path=\"\\\\server\\share\">R&amp;D</doc>";
    let post = |body: Value| site.request("POST", "/dhos/v1/cda_message", &body);
    let done = post(json!({ "type": "HL7v3CDA", "content": document }));
    assert_eq!((done.status, done.body.as_str()), (201, ""));
    assert_eq!(waiting(&site)[0]["dst_description"], "mirth");
    let address = format!("{}/deep", site.mirth.url());
    site.mirth.answer(move |asked| match asked.line.as_str() {
        line if line.starts_with("GET /mirth?wsdl ") => (200, wsdl(&address)),
        line if line.starts_with("GET /schema?xsd=1 ") => (200, "<schema/>".to_owned()),
        line if line.starts_with("POST /deep ") => (200, "<e><return>ok</return></e>".to_owned()),
        _ => (404, String::new()),
    });
    eventually("forwarded", || waiting(&site).is_empty().then_some(()));
    let posted = site.mirth.asked().into_iter().find(|asked| asked.line.starts_with("POST")).unwrap();
    assert_eq!(posted.header("content-type"), Some("text/xml; charset=utf-8"));
    assert_eq!(posted.header("authorization"), Some("Basic dXNlcjpwYXNzd29yZA=="));
    let envelope = roxmltree::Document::parse(&posted.body).unwrap();
    let argument = envelope.descendants().find(|node| node.has_tag_name("arg0")).unwrap();
    assert_eq!(argument.text(), Some(document));
    assert!(posted.body.starts_with("<?xml") && posted.body.contains("acceptMessageRequest"));
    let stored = "SELECT dst_description, is_processed, patient_identifiers::text, message_type FROM public.hl7_message";
    assert_eq!(site.database.rows(stored), ["mirth|true|null|"]);
    assert_eq!(post(json!({ "type": "HL7v3CDA" })).status, 400);
    assert_eq!(post(json!({ "type": "CDA", "content": "" })).status, 400);
    assert_eq!(post(json!({ "type": "HL7v3CDA", "content": "", "uuid": "x" })).status, 201);
    assert_eq!(post(json!({ "type": "HL7v3CDA", "content": "", "more": "x" })).status, 400);
    let without = quiet(&[("MIRTH_HOST_URL_BASE", String::new())]);
    let answer =
        without.request("POST", "/dhos/v1/cda_message", &json!({ "type": "HL7v3CDA", "content": document }));
    assert_eq!((answer.status, answer.body.as_str()), (501, ""));
}

fn wsdl(address: &str) -> String {
    format!(
        "<wsdl:definitions xmlns:wsdl='http://schemas.xmlsoap.org/wsdl/' xmlns:soap='http://schemas.xmlsoap.org/wsdl/soap/' \
         xmlns:wsam='http://www.w3.org/2007/05/addressing/metadata' xmlns:xsd='http://www.w3.org/2001/XMLSchema'>\
         <wsdl:types><xsd:schema><xsd:import schemaLocation='http://10.255.255.1:81/schema?xsd=1'/></xsd:schema></wsdl:types>\
         <wsdl:portType><wsdl:operation name='acceptMessage'><wsdl:input wsam:Action='a'/></wsdl:operation></wsdl:portType>\
         <wsdl:service><wsdl:port><soap:address location='{address}'/></wsdl:port></wsdl:service></wsdl:definitions>"
    )
}
