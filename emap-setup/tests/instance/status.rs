//! How containers and plain processes are doing.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use emap_local_services::{postgres, rabbitmq};
use emap_test_support::database::{self, Database};
use serde_json::{Value, json};

use crate::project::{Project, Ran, YAML};

/// A test that waits longer has lost something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Something that answers as a daemon does. Gives its port.
fn endpoints(status: &'static str, body: &'static str, figures: &'static str) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            answer(stream.unwrap(), status, body, figures);
        }
    });
    port
}

fn answer(mut stream: TcpStream, status: &str, body: &str, figures: &str) {
    let mut request = [0; 4096];
    let length = stream.read(&mut request).unwrap_or_default();
    let is_figures = request[..length].starts_with(b"GET /metrics");
    let (status, body) = if is_figures { ("200 OK", figures) } else { (status, body) };
    let _ = write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
}

const UP: &str = r#"{"status":"UP","components":{"broker":{"status":"UP"}}}"#;
const READ_ONLY: &str = r#"{"status":"DOWN","components":{"broker":{"status":"UP"},
    "progress":{"status":"DOWN","details":{"reason":"nothing settled"}},
    "star":{"status":"DOWN","details":{"reason":"read-only"}}}}"#;

/// A container as the engine describes it.
fn container(service: &str, state: &Value, port: Option<u16>) -> Value {
    let ports = port.map_or(json!({}), |port| json!({ "8080/tcp": [{ "HostPort": port.to_string() }] }));
    json!({
        "Config": { "Labels": {
            "com.docker.compose.service": service, "com.docker.compose.container-number": "1",
            "org.opencontainers.image.version": "7.8",
        } },
        "State": state,
        "NetworkSettings": { "Ports": ports, "Networks": {} },
    })
}

fn running() -> Value {
    json!({ "Status": "running", "StartedAt": "2026-01-02T03:04:05Z", "ExitCode": 0 })
}

/// An instance whose engine describes these containers.
fn instance(containers: &[Value]) -> Project {
    let project = Project::ready(YAML);
    let ids: Vec<String> = (0..containers.len()).map(|number| format!("{number:012x}")).collect();
    project.respond("ps", &format!("printf '{}\\n'", ids.join("\\n")));
    project.write("bin/described", &Value::from(containers.to_vec()).to_string());
    // What the recorded docker says itself would be no JSON.
    let docker = project.read("bin/docker");
    project.write("bin/docker", &docker.replace("*) echo", "*inspect*) ;;\n*) echo"));
    project.respond("inspect", "cat \"$here/described\"");
    project
}

fn json_of(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout())
        .unwrap_or_else(|error| panic!("{error}: {} {}", ran.stdout(), ran.stderr()))
}

#[test]
fn an_instance_is_healthy_when_all_of_it_works() {
    let core =
        endpoints("200 OK", UP, "emap_component_since_timestamp_seconds{component=\"broker\"} 1767322000\n");
    let reader = endpoints("200 OK", UP, "emap_build_info{version=\"1.2\"} 1\n");
    let project = instance(&[
        container("rabbitmq", &running(), None),
        container("core", &running(), Some(core)),
        container("hl7-reader", &running(), Some(reader)),
    ]);
    let ran = project.run(&["status"]).expect_success();
    let printed = ran.stdout();
    assert!(printed.starts_with("healthy\n"), "{printed}");
    for name in ["rabbitmq", "core", "hl7-reader"] {
        assert!(
            printed
                .lines()
                .any(|line| line.starts_with(name) && line.contains(" ready ") && line.contains("7.8"))
        );
    }
    let json = json_of(&project.run(&["status", "--json"]));
    assert_eq!((json["condition"].as_str(), json.get("cause")), (Some("healthy"), None));
    assert_eq!(json["daemons"][1]["since"], "2026-01-02T02:46:40.000Z");
    assert_eq!(json["daemons"][0]["since"], "2026-01-02T03:04:05.000Z");
}

#[test]
fn the_first_line_names_the_cause_that_matters() {
    let core = endpoints("503 Service Unavailable", READ_ONLY, "");
    let reader = endpoints("200 OK", UP, "");
    let broker = container("rabbitmq", &running(), None);
    let reader = container("hl7-reader", &running(), Some(reader));
    let gone = json!({ "Status": "exited", "ExitCode": 3, "FinishedAt": "2026-01-02T03:04:05Z" });
    let ended = json!({ "Status": "exited", "ExitCode": 0, "FinishedAt": "2026-01-02T03:04:05Z" });
    for (containers, code, first) in [
        (
            vec![broker.clone(), container("core", &running(), Some(core)), reader.clone()],
            1,
            "degraded: core is not settling: star database read-only",
        ),
        (
            vec![broker.clone(), container("core", &gone, None), reader],
            2,
            "down: core does not run: exit code 3",
        ),
        (vec![], 2, "down: nothing was started"),
        (
            vec![container("rabbitmq", &gone, None), container("core", &running(), Some(core))],
            1,
            "degraded: no messages flow: the broker does not run: exit code 3",
        ),
        // A run with an end is over.
        (
            vec![
                broker,
                container("core", &running(), Some(endpoints("200 OK", UP, ""))),
                container("hl7-reader", &ended, None),
            ],
            0,
            "healthy",
        ),
    ] {
        let ran = instance(&containers).run(&["status"]);
        let printed = ran.stdout();
        assert_eq!((printed.lines().next().unwrap(), ran.code()), (first, Some(code)), "{printed}");
    }
}

#[test]
fn an_engine_that_cannot_be_asked_is_down_with_one_line() {
    let project = Project::ready(YAML);
    project.respond("ps", "echo 'Cannot connect to the engine' >&2; exit 1");
    let ran = project.run(&["status"]);
    assert_eq!(ran.code(), Some(2), "{}", ran.stderr());
    assert!(
        ran.stdout()
            .starts_with("down: nothing runs: docker ended with exit code 1: Cannot connect to the engine\n"),
        "{}",
        ran.stdout()
    );
    // Whatever else an engine may print is no container.
    let project = Project::ready(YAML);
    assert_eq!(project.run(&["status"]).code(), Some(2));
    std::fs::remove_file(project.path("project/global-configuration.yaml")).unwrap();
    project.run(&["status"]).expect_failure(2, "global-configuration.yaml: not found");
}

#[test]
fn a_daemon_without_a_way_in_is_asked_by_its_own_command() {
    let project = instance(&[
        container("rabbitmq", &running(), None),
        container("core", &running(), None),
        container("hl7-reader", &running(), Some(endpoints("200 OK", UP, ""))),
    ]);
    let docker = project.read("bin/docker");
    project.write("bin/docker", &docker.replace("*inspect*) ;;", "*inspect* | *health*) ;;"));
    project.respond("exec", &format!("echo '{}'; exit 1", READ_ONLY.replace('\n', " ")));
    let ran = project.run(&["status"]);
    assert!(
        ran.stdout().starts_with("degraded: core is not settling: star database read-only\n"),
        "{}",
        ran.stdout()
    );
    assert!(project.calls().contains(&"exec -T core /usr/local/bin/program health".to_owned()));
}

/// Core as a plain process.
struct Core(Child);

impl Drop for Core {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

struct Site {
    star: Database,
    broker: rabbitmq::Server,
    port: u16,
}

impl Site {
    fn environment(&self) -> Vec<(&'static str, String)> {
        vec![
            ("UDS_JDBC_URL", self.star.jdbc_url()),
            ("UDS_USERNAME", postgres::USER.to_owned()),
            ("UDS_SCHEMA", self.star.schema().to_owned()),
            ("SPRING_RABBITMQ_HOST", self.broker.host().to_owned()),
            ("SPRING_RABBITMQ_PORT", self.broker.port().to_string()),
            ("SERVER_PORT", self.port.to_string()),
            ("SERVER_ADDRESS", "127.0.0.1".to_owned()),
        ]
    }

    fn core(&self) -> Core {
        let program: PathBuf = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name("core");
        assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
        let mut command = Command::new(program);
        command.arg("run").env_clear().envs(self.environment()).stdin(Stdio::null()).stderr(Stdio::null());
        Core(command.spawn().unwrap())
    }

    fn status(&self, arguments: &[&str]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
        command.args(["status", "--core", &format!("http://127.0.0.1:{}", self.port)]).args(arguments);
        command.env_clear().envs(self.environment()).stdin(Stdio::null());
        Ran::of(command)
    }

    /// Until the first line is this.
    fn until(&self, first: &str) -> Ran {
        let begin = Instant::now();
        loop {
            let ran = self.status(&[]);
            if ran.stdout().lines().next().is_some_and(|line| line.starts_with(first)) {
                return ran;
            }
            assert!(begin.elapsed() < PATIENCE, "{first}: {} {}", ran.stdout(), ran.stderr());
            thread::sleep(Duration::from_millis(300));
        }
    }
}

#[test]
fn a_plain_process_shows_progress_queues_messages_and_what_it_waits_for() {
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let broker = rabbitmq::Server::start(rabbitmq::Options::default()).unwrap();
    let site = Site { star: database::fresh(), broker, port };
    site.broker
        .evaluate("rabbit_amqqueue:declare(rabbit_misc:r(<<\"/\">>, queue, <<\"hl7Queue\">>), true, false, [], none, <<\"test\">>).")
        .unwrap();
    site.star.execute(
        "INSERT INTO etl_per_message_logging (id, error, processing_end_time)
             SELECT n, n = 1, now() AT TIME ZONE 'UTC' FROM generate_series(1, 10) n;
         INSERT INTO etl_message_reject (etl_message_reject_id, queue, reason, body, rejected_at)
             VALUES (11, 'hl7Queue', 'there is no such bed', 'BODY-OF-A-PATIENT', now());
         CREATE TABLE IF NOT EXISTS etl_ids_progress (id integer primary key, last_processed_ids_unid integer not null,
             last_processed_message_datetime timestamptz, last_processing_datetime timestamptz);
         INSERT INTO etl_ids_progress VALUES (0, 4711, now() - interval '10 minutes', now())",
    );
    let ran = site.status(&[]);
    assert_eq!(ran.code(), Some(2), "{}", ran.stdout());
    assert!(ran.stdout().starts_with("down: nothing runs: http://127.0.0.1:"), "{}", ran.stdout());

    let core = site.core();
    let printed = site.until("healthy").expect_success().stdout();
    for words in [
        "queue        hl7Queue: 0 wait, 1 consumers",
        "hl7-reader: read up to",
        "(row 4711)",
        "messages     2.0/min, errors 0.2/min (last 5 min)",
        "rejects      1 by core in 24 h: there is no such bed",
    ] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
    assert!(!printed.contains("BODY-OF-A-PATIENT"));
    let json = json_of(&site.status(&["--json"]));
    assert_eq!(json["daemons"][0]["version"], env!("CARGO_PKG_VERSION"));
    assert!(json["daemons"][0]["since"].is_string());
    assert_eq!((&json["queues"][0]["messages"], &json["reader"]["last_unid"]), (&0.into(), &4711.into()));

    site.broker.stop().unwrap();
    let ran = site.until("degraded: core is not settling: broker ");
    assert_eq!(ran.code(), Some(1));
    drop(core);
    assert_eq!(site.until("down: ").code(), Some(2));
}

#[test]
fn watching_looks_again_until_the_interrupt() {
    let port = endpoints("200 OK", UP, "");
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    let url = format!("http://127.0.0.1:{port}");
    command.args(["status", "--core", &url, "--json", "--watch", "1"]).env_clear();
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stdout.take().unwrap()));
    for _ in 0..2 {
        let json: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        assert_eq!(json["condition"], "healthy");
    }
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(0));
}
