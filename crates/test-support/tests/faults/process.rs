//! Daemons as child processes. The daemon is this very program, as one of its tests.

use std::{
    io::{Read, Write},
    net::TcpListener,
    os::unix::process::ExitStatusExt,
    time::{Duration, SystemTime},
};

use emap_test_support::faults::{
    ledger::markers,
    process::{Builder, Clock, Daemon, free_port, get},
};

const SOON: Duration = Duration::from_secs(20);
const A_WHILE: Duration = Duration::from_millis(300);
/// Set in the environment of the process that stands for a daemon.
const ROLE: &str = "EMAP_FAULTS_DAEMON";

fn daemon() -> Builder {
    let program = std::env::current_exe().unwrap();
    let name = "process::stands_for_a_daemon";
    Daemon::build(program).argument("--exact").argument(name).argument("--nocapture").environment(ROLE, "1")
}

/// Not a test of anything: serves health and metrics, in the process that [`daemon`] starts.
#[test]
fn stands_for_a_daemon() {
    if std::env::var_os(ROLE).is_none() {
        return;
    }
    println!("started with a MARKER-OF-A-PATIENT");
    let port: u16 = std::env::var("SERVER_PORT").unwrap().parse().unwrap();
    for stream in TcpListener::bind(("127.0.0.1", port)).unwrap().incoming() {
        let mut stream = stream.unwrap();
        let mut request = [0; 1000];
        let length = stream.read(&mut request).unwrap();
        let request = String::from_utf8_lossy(&request[..length]).into_owned();
        let (status, body) = match request.split_whitespace().nth(1).unwrap() {
            "/health/ready" => ("200 OK", "{\"status\":\"UP\"}"),
            "/metrics" => ("200 OK", "# HELP\nemap_sent_total{queue=\"hl7Queue\"} 42\n"),
            "/time" => ("200 OK", &*seconds().to_string()),
            "/exit" => std::process::exit(3),
            _ => ("404 Not Found", ""),
        };
        write!(stream, "HTTP/1.0 {status}\r\nContent-Type: text/plain\r\n\r\n{body}").unwrap();
    }
}

/// Since 1970.
fn seconds() -> u64 {
    SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn a_daemon_has_a_clock_of_its_own() {
    let directory = tempfile::tempdir().unwrap();
    let clock = Clock::new(directory.path()).unwrap();
    let mut daemon = clock.of(daemon()).spawn(directory.path().join("log")).unwrap();
    assert!(daemon.wait_until_ready(SOON));
    for offset in [0, 3_600, -86_400, 0] {
        clock.set(offset * 1000).unwrap();
        let shown: i64 = daemon.get("/time").unwrap().body.parse().unwrap();
        let right = i64::try_from(seconds()).unwrap() + offset;
        assert!((right - 5..=right).contains(&shown), "{offset}: {shown}, not {right}");
    }
}

#[test]
fn a_daemon_is_asked_and_measured_and_what_it_writes_is_kept() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("daemon.log");
    let mut daemon = daemon().spawn(&log).unwrap();
    assert!(daemon.wait_until_ready(SOON));
    assert_eq!(daemon.health().unwrap().body, "{\"status\":\"UP\"}");
    assert_eq!(daemon.metrics().unwrap().value("emap_sent_total{queue=\"hl7Queue\"}"), Some(42.0));
    assert_eq!(daemon.get("/elsewhere").unwrap().status, 404);
    let usage = daemon.usage().unwrap();
    assert!(usage.peak > 1 << 20 && usage.descriptors > 3, "{usage:?}");
    let leaks = markers::in_files([&log], &["MARKER-OF-A-PATIENT", "another"]).unwrap();
    assert_eq!((leaks.len(), leaks[0].marker), (1, 0));
    assert!(daemon.get("/exit").is_none());
    assert_eq!(daemon.wait(SOON).unwrap().code(), Some(3));
    assert!(daemon.usage().is_none() && !daemon.is_ready());
    assert!(!daemon.wait_until_ready(SOON), "it has ended");
}

#[test]
fn a_paused_daemon_answers_nothing_until_it_is_resumed() {
    let directory = tempfile::tempdir().unwrap();
    let mut daemon = daemon().spawn(directory.path().join("log")).unwrap();
    assert!(daemon.wait_until_ready(SOON));
    daemon.pause();
    let port = daemon.port();
    let asked = std::thread::spawn(move || get(port, "/health/ready"));
    std::thread::sleep(A_WHILE);
    assert!(!asked.is_finished());
    daemon.resume();
    assert_eq!(asked.join().unwrap().unwrap().status, 200);
}

#[test]
fn signals_end_a_daemon_and_the_status_says_which() {
    let directory = tempfile::tempdir().unwrap();
    let log = directory.path().join("log");
    let mut terminated = daemon().spawn(&log).unwrap();
    terminated.terminate();
    assert_eq!(terminated.wait(SOON).unwrap().signal(), Some(15));
    let mut killed = daemon().spawn(&log).unwrap();
    killed.kill_within(Duration::from_millis(50), &mut fastrand::Rng::with_seed(7));
    assert_eq!(killed.wait(SOON).unwrap().signal(), Some(9));
    let port = free_port();
    assert!(get(port, "/health/ready").is_none());
}
