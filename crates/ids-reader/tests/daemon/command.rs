//! The daemon as a program: exit codes and the line that says what to set.

use std::{
    io::{Read, Write},
    process::{Command, Stdio},
    time::Duration,
};

use emap_local_services::rabbitmq;
use emap_queue::{BrokerConfig, Transport};

use crate::site::{Site, take, until};

fn reader(command: &str) -> Command {
    let mut reader = Command::new(env!("CARGO_BIN_EXE_ids-reader"));
    reader.arg(command).env_clear().env("SERVER_PORT", "0").stderr(Stdio::piped()).stdout(Stdio::piped());
    reader
}

fn with_site<'a>(command: &'a mut Command, site: &Site) -> &'a mut Command {
    let server = rabbitmq::shared();
    command
        .env("IDS_JDBC_URL", format!("jdbc:{}", site.url))
        .env("IDS_SCHEMA", "ids")
        .env("UDS_JDBC_URL", format!("jdbc:{}", site.url))
        .env("UDS_SCHEMA", "star")
        .env("SPRING_RABBITMQ_HOST", server.host())
        .env("SPRING_RABBITMQ_PORT", server.port().to_string())
}

fn broker(virtual_host: &str) -> Transport {
    let server = rabbitmq::shared();
    Transport::Amqp(BrokerConfig {
        host: server.host().to_owned(),
        port: server.port(),
        virtual_host: virtual_host.to_owned(),
        ..BrokerConfig::default()
    })
}

#[test]
fn a_missing_setting_is_one_line_and_exit_code_one() {
    let output = reader("run").output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("set IDS_JDBC_URL"), "{text}");
}

#[test]
fn a_wrong_password_of_the_settings_never_shows() {
    let output = reader("run")
        .env("IDS_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/x")
        .env("IDS_SCHEMA", "ids")
        .env("IDS_USERNAME", "reader")
        .env("IDS_PASSWORD", "tell-nobody")
        .env("UDS_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/x")
        .env("UDS_SCHEMA", "star")
        .env("IDS_READER_START_SECONDS", "0")
        .env("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "TRACE")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stderr).unwrap();
    assert!(text.contains("message store: database not reachable"), "{text}");
    assert!(!text.contains("tell-nobody"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_end_of_the_window_is_exit_code_zero() {
    let mut site = Site::new();
    site.admissions(20, "2026-03-01T00:00:00Z");
    let host = rabbitmq::shared().fresh_virtual_host().unwrap();
    let mut command = reader("run");
    with_site(&mut command, &site)
        .env("SPRING_RABBITMQ_VIRTUAL_HOST", &host)
        .env("IDS_CFG_END_DATETIME", "2026-03-01T00:10:00Z");
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(take(broker(&host), 10).await, (1..=10).collect::<Vec<i64>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_is_exit_code_zero_and_health_tells_all_components() {
    let mut site = Site::new();
    site.admissions(5, "2026-03-01T00:00:00Z");
    let host = rabbitmq::shared().fresh_virtual_host().unwrap();
    let port = free_port();
    let mut command = reader("run");
    with_site(&mut command, &site)
        .env("SPRING_RABBITMQ_VIRTUAL_HOST", &host)
        .env("SERVER_PORT", port.to_string());
    let mut child = command.spawn().unwrap();
    let ready = || get(port, "/actuator/health").is_some_and(|answer| answer.starts_with("HTTP/1.1 200"));
    until("readiness", ready).await;
    let health = get(port, "/health/ready").unwrap();
    for component in ["ids", "broker", "star"] {
        assert!(health.contains(&format!(r#""{component}":{{"status":"UP"}}"#)), "{health}");
    }
    until("progress", || site.progress().is_some_and(|progress| progress.unid == 5)).await;
    assert!(get(port, "/metrics").unwrap().contains("emap_reader_messages_published_total 5"));
    let kill = Command::new("kill").arg(child.id().to_string()).status().unwrap();
    assert!(kill.success());
    let status = tokio::task::spawn_blocking(move || child.wait().unwrap());
    let status = tokio::time::timeout(Duration::from_secs(60), status).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
}

#[test]
fn convert_shows_what_a_stored_row_gives() {
    let mut site = Site::new();
    site.admissions(3, "2026-03-01T00:00:00Z");
    site.store.append(&emap_ids::NewRow::default()).unwrap();
    let convert = |unid: &str| {
        let mut command = reader("convert");
        with_site(&mut command, &site).args(["--unid", unid]).output().unwrap()
    };
    let shown = convert("2");
    assert!(shown.status.success(), "{}", String::from_utf8_lossy(&shown.stderr));
    let yaml = String::from_utf8(shown.stdout).unwrap();
    assert!(yaml.contains("0000000002") && yaml.contains("4100001"), "{yaml}");
    for (unid, reason) in [("4", "hl7message is null"), ("99", "no row 99")] {
        let refused = convert(unid);
        assert_eq!(refused.status.code(), Some(1));
        assert!(String::from_utf8_lossy(&refused.stderr).contains(reason));
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn get(port: u16, path: &str) -> Option<String> {
    let mut stream = std::net::TcpStream::connect(("127.0.0.1", port)).ok()?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    Some(answer)
}
