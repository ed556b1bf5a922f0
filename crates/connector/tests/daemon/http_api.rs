//! The contract of the HTTP endpoints around messages: checks in their order, errors, headers, documents.

use std::io::{Read, Write};

use serde_json::{Value, json};

use super::{
    messages::adt,
    site::{ADAPTER, ADAPTER_KEY, INTERNAL, KEY, PATIENCE, Site, internal_token, token},
};

fn quiet(changes: &[(&str, String)]) -> Site {
    let mut all = vec![("RABBITMQ_DISABLED", "true".to_owned())];
    all.extend_from_slice(changes);
    Site::ready(&all)
}

#[test]
fn checks_come_in_their_order() {
    let site = quiet(&[]);
    let good = format!("Bearer {}", internal_token());
    let post = |headers: &[(&str, &str)], body: &str| {
        site.try_request("POST", "/dhos/v1/message", headers, body).unwrap()
    };
    let json_type = ("Content-Type", "application/json; charset=utf-8");
    let problem =
        |answer: &super::site::Answer| answer.json()["detail"].as_str().unwrap_or_default().to_owned();

    assert_eq!(site.get("/nowhere").status, 404);
    let wrong_method = site.get("/dhos/v1/message");
    assert_eq!((wrong_method.status, wrong_method.headers["allow"].as_str()), (405, "POST"));
    assert_eq!(wrong_method.headers["content-type"], "application/problem+json");

    let none = post(&[json_type], "{}");
    assert_eq!((none.status, problem(&none).as_str()), (401, "No authorization token provided"));
    let basic = post(&[("Authorization", "Basic eDp5"), json_type], "{}");
    assert_eq!((basic.status, problem(&basic).as_str()), (401, "No authorization token provided"));
    let bare = post(&[("Authorization", "Bearer"), json_type], "{}");
    assert_eq!((bare.status, problem(&bare).as_str()), (401, "Invalid authorization header"));
    let garbage = post(&[("Authorization", "Bearer x.y.z"), ("Content-Type", "text/plain")], "x");
    assert_eq!((garbage.status, garbage.body.as_str()), (403, "{\"message\":\"Forbidden\"}\n"));

    // The schema comes before the signature.
    let forged = format!("Bearer {}", token(&json!({ "iss": format!("{INTERNAL}/") }), "wrong"));
    assert_eq!(post(&[("Authorization", &forged), ("Content-Type", "text/plain")], "x").status, 415);
    assert_eq!(post(&[("Authorization", &forged), json_type], "{}").status, 400);
    let valid = json!({ "type": "HL7v2", "body": "" }).to_string();
    assert_eq!(post(&[("Authorization", &forged), json_type], &valid).status, 403);
    let lower = good.replace("Bearer", "bearer");
    assert_eq!(post(&[("Authorization", &lower), json_type], &valid).status, 403);

    let authorized = |body: &str| post(&[("Authorization", &good), json_type], body);
    for (body, named) in [
        ("", "object"),
        ("null", "not valid JSON"),
        ("{", "not valid JSON"),
        ("[]", "object"),
        ("{\"type\":\"HL7v2\"}", "'body'"),
        ("{\"type\":\"HL7v3\",\"body\":\"\"}", "'type'"),
        ("{\"type\":\"HL7v2\",\"body\":5}", "'body'"),
    ] {
        let answer = authorized(body);
        assert!(answer.status == 400 && problem(&answer).contains(named), "{body}: {answer:?}");
    }
    assert_eq!(authorized(&"[".repeat(100_000)).status, 400);

    let get = |path: &str| site.get(path);
    let extra = get("/dhos/v1/message/x?y=1");
    assert_eq!((extra.status, problem(&extra).as_str()), (400, "Extra query parameter(s) y not in spec"));
    assert_eq!(extra.json()["title"], Value::Null);
    assert_eq!(problem(&get("/dhos/v1/message/search")), "Missing query parameter 'identifier_type'");
    assert_eq!(
        problem(&get("/dhos/v1/message/search?identifier_type=MRN")),
        "Missing query parameter 'identifier'"
    );
    assert_eq!(get("/dhos/v1/message/unknown").status, 404);
    assert_eq!(get("/dhos/v1/message/search/unknown").body, "[]\n");
}

#[test]
fn who_may_call_what() {
    let site = quiet(&[]);
    let call = |method: &str, path: &str, claims: &Value, key: &str, body: &str| {
        let token = format!("Bearer {}", token(claims, key));
        let headers = [("Authorization", token.as_str()), ("Content-Type", "application/json")];
        site.try_request(method, path, &headers, body).unwrap().status
    };
    let body = json!({ "type": "HL7v2", "body": "" }).to_string();
    let internal =
        |scope: &str| json!({ "iss": format!("{INTERNAL}/"), "aud": format!("{INTERNAL}/"), "scope": scope });
    let adapter = |scope: &str| json!({ "iss": ADAPTER, "scope": scope });
    let (write, read) = ("write:hl7_message", "read:hl7_message");
    assert_eq!(call("POST", "/dhos/v1/message", &internal(write), KEY, &body), 400);
    assert_eq!(call("POST", "/dhos/v1/message", &adapter(write), ADAPTER_KEY, &body), 400);
    assert_eq!(call("POST", "/dhos/v1/message", &adapter(write), KEY, &body), 403);
    assert_eq!(call("POST", "/dhos/v1/message", &internal(read), KEY, &body), 403);
    assert_eq!(call("GET", "/dhos/v1/message/x", &internal(read), KEY, ""), 404);
    assert_eq!(call("GET", "/dhos/v1/message/x", &internal(write), KEY, ""), 403);
    assert_eq!(call("GET", "/dhos/v1/message/x", &adapter(read), ADAPTER_KEY, ""), 403);
    assert_eq!(call("GET", "/dhos/v1/deliveries", &internal(read), KEY, ""), 200);
    assert_eq!(call("GET", "/dhos/v1/deliveries", &internal(write), KEY, ""), 403);
    let mut expired = internal(read);
    expired["exp"] = 1.into();
    assert_eq!(call("GET", "/dhos/v1/message/x", &expired, KEY, ""), 403);
}

#[test]
fn a_patch_changes_one_field() {
    let site = quiet(&[]);
    let (uuid, _) = site.accepted(&adt("A01", "p-1", ""));
    let path = format!("/dhos/v1/message/{uuid}");
    let patch = |body: Value| site.request("PATCH", &path, &body);
    let done = patch(json!({ "is_processed": true, "src_description": "hacked", "message_control_id": "x" }));
    assert_eq!((done.status, done.body.as_str()), (204, ""));
    let shown = site.get(&path).json();
    assert_eq!((&shown["is_processed"], &shown["src_description"]), (&json!(true), &json!("tie")));
    assert_eq!(shown["message_control_id"], "p-1");
    assert_ne!(shown["modified"], shown["created"]);
    // Nothing changes: the time stays.
    patch(json!({ "is_processed": true }));
    assert_eq!(site.get(&path).json()["modified"], shown["modified"]);
    for wrong in [
        json!({}),
        json!({ "is_processed": "true" }),
        json!({ "is_processed": 1 }),
        json!({ "is_processed": null }),
    ] {
        assert_eq!(patch(wrong).status, 400);
    }
    assert_eq!(site.request("PATCH", "/dhos/v1/message/none", &json!({ "is_processed": true })).status, 404);
}

#[test]
fn every_answer_has_the_same_headers() {
    let site = quiet(&[]);
    let ask = |headers: &[(&str, &str)]| site.try_request("GET", "/running", headers, "").unwrap();
    let answer = ask(&[("X-Request-ID", "r-1"), ("X-Correlation-ID", "c-1")]);
    assert_eq!(answer.body, "{\"running\":true}\n");
    assert_eq!(answer.headers["x-request-id"], "r-1");
    assert_eq!(answer.headers["cache-control"], "no-cache, must-revalidate");
    assert_eq!((answer.headers["pragma"].as_str(), answer.headers["expires"].as_str()), ("no-cache", "0"));
    assert_eq!(ask(&[("X-Request-ID", " "), ("X-Correlation-ID", "c-1")]).headers["x-request-id"], "c-1");
    assert_eq!(ask(&[("X-Amzn-Trace-Id", "Root=r;Self=s")]).headers["x-request-id"], "s");
    assert_eq!(ask(&[]).headers["x-request-id"].len(), 36);
    let tag = answer.headers["etag"].clone();
    assert!(tag.len() == 42 && tag.starts_with('"'), "{tag}");
    let known = ask(&[("If-None-Match", &tag)]);
    assert_eq!((known.status, known.body.as_str()), (304, ""));
}

#[test]
fn documents_and_what_watches_the_daemon() {
    let site = quiet(&[]);
    let json_document = site.get("/openapi.json");
    assert_eq!(json_document.headers["content-type"], "application/json");
    let yaml = site.get("/openapi.yaml");
    assert_eq!(yaml.headers["content-type"], "text/yaml");
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("api.json");
    assert!(site.command(&["create-openapi", file.to_str().unwrap()]).status().unwrap().success());
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    assert_eq!(written, json_document.json());
    assert_eq!(written["paths"].as_object().unwrap().len(), 8);
    let operations: usize =
        written["paths"].as_object().unwrap().values().map(|path| path.as_object().unwrap().len()).sum();
    assert_eq!(operations, 9);
    let page = site.get("/ui/");
    assert!(page.status == 200 && page.headers["content-type"].starts_with("text/html"));
    assert_eq!((site.get("/ui").status, site.get("/debug").status), (308, 200));
    for (file, kind) in [("swagger-ui.css", "text/css"), ("swagger-ui-bundle.js", "text/javascript")] {
        let loaded = site.get(&format!("/ui/assets/{file}"));
        assert!(page.body.contains(file) && !page.body.contains("//"), "{}", page.body);
        assert_eq!((loaded.status, loaded.headers["content-type"].as_str()), (200, kind));
    }
    assert_eq!(site.request("POST", "/drop_data", &Value::Null).status, 403);

    let health = site.get("/healthcheck");
    assert_eq!((health.status, health.json()["status"].as_str()), (200, Some("success")));
    assert_eq!(health.json()["results"][1]["output"], "Database version: 750f62cf51e5");
    assert_eq!(site.get("/version").json(), json!({ "circle": "unknown", "hash": "unknown" }));
    let figures = site.get("/metrics").body;
    for name in [
        "flask_request_latency_seconds_bucket{",
        "flask_request_count_total{",
        "request_processing_seconds_count{",
        // Without a broker nothing waits for it.
        "emap_connector_outbox_pending 0",
        "emap_connector_deliveries_pending{dst_description=\"tie\"} 0",
    ] {
        assert!(figures.contains(name), "{name}: {figures}");
    }
}

#[test]
fn no_more_connections_than_allowed() {
    let site = quiet(&[("CONNECTOR_HTTP_MAX_CONNECTIONS", "2".to_owned())]);
    let open = [(); 2].map(|()| std::net::TcpStream::connect(("127.0.0.1", site.port)).unwrap());
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| site.try_request("GET", "/running", &[], ""));
        // Nothing can show that an answer never comes; it would be here at once.
        std::thread::sleep(std::time::Duration::from_millis(300));
        assert!(!waiting.is_finished());
        drop(open);
        assert_eq!(waiting.join().unwrap().unwrap().status, 200);
    });
}

#[test]
fn bodies_that_would_grow_in_memory_are_refused() {
    let site = quiet(&[]);
    let authorization = format!("Bearer {}", internal_token());
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/json")];
    for more in ["0,".repeat(4 << 20), "{},".repeat(100_000), "[".repeat(100_000)] {
        let body = format!("{{\"type\": \"HL7v2\", \"body\": \"TVNI\", \"more\": [{more}0]}}");
        let answer = site.try_request("POST", "/dhos/v1/message", &headers, &body).unwrap();
        assert_eq!(
            (answer.status, answer.json()["detail"].as_str()),
            (400, Some("The body has more than 20000 values"))
        );
    }
}

#[test]
fn headers_that_do_not_come_end_the_connection() {
    let site = quiet(&[("CONNECTOR_HTTP_HEADER_SECONDS", "1".to_owned())]);
    for begun in ["", "POST /dhos/v1/message HTTP/1.1\r\nHost: x\r\n"] {
        let mut stream = std::net::TcpStream::connect(("127.0.0.1", site.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(begun.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(!answer.starts_with("HTTP/1.1 2"), "{answer}");
    }
    assert_eq!(site.get("/running").status, 200);
}

#[test]
fn production_has_no_endpoints_for_developers_and_logs_name_nobody() {
    let mut site = quiet(&[("ENVIRONMENT", "PRODUCTION".to_owned())]);
    for path in ["/ui/", "/ui/assets/swagger-ui.css", "/debug"] {
        assert_eq!(site.get(path).status, 404, "{path}");
    }
    assert_eq!(site.request("POST", "/drop_data", &Value::Null).status, 404);
    site.accepted(&adt("A01", "log-1", ""));
    site.accepted(&adt("A06", "log-2", ""));
    site.get("/dhos/v1/message/search?identifier_type=MRN&identifier=55512");
    site.request("POST", "/dhos/v1/message", &json!({ "type": "HL7v2", "body": "Um9lQWxleA" }));
    let (code, log) = site.stop();
    assert_eq!(code, Some(0));
    assert!(log.lines().all(|line| serde_json::from_str::<Value>(line).is_ok()), "{log}");
    assert!(log.contains("POST \\\"post_message\\\" 200") && log.contains("\"requestID\":"), "{log}");
    for secret in ["ROE", "ALEX", "55512", "Um9lQWxleA", &internal_token(), "MSH|"] {
        assert!(!log.contains(secret), "{secret}");
    }
    for (variable, text) in [
        ("ALLOW_DROP_DATA", "true"),
        ("IGNORE_JWT_VALIDATION", "true"),
        ("HS_KEY", ""),
        ("CONNECTOR_MLLP_ALLOW", "x"),
    ] {
        let output = site.command(&["run"]).env(variable, text).output().unwrap();
        assert!(
            !output.status.success() && String::from_utf8_lossy(&output.stderr).contains(variable),
            "{output:?}"
        );
    }
}

#[test]
fn identifiers_with_any_character_are_found() {
    let site = quiet(&[]);
    let identifier = r#"5"5é/'%"#;
    site.accepted(&adt("A01", "i-1", "").replace("55^", &format!("{identifier}^")));
    let found =
        site.get("/dhos/v1/message/search?identifier_type=MRN&identifier=5%225%C3%A9%2F%27%25").json();
    assert_eq!(found.as_array().unwrap().len(), 1);
}
