//! No password leaves a daemon: not in its log at the finest level, not in health, metrics or the line it ends with.
//!
//! Passwords with all characters that mean something in URLs, in SQL or in YAML are planted wherever one may stand,
//! and then everything goes wrong that can.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use emap_local_services::{
    postgres::{self, Options},
    rabbitmq,
};
use emap_test_support::faults::{
    ledger::markers,
    process::{Builder, Daemon},
};

const PATIENCE: Duration = Duration::from_secs(60);
const DAEMONS: [&str; 2] = ["core", "ids-reader"];
/// Any piece of it is found, however it is cut or encoded.
const PASSWORD: &str = r#"zqa%zqb@zqc/zqd"zqe'zqf?zqg#zqh:zqi\zqj&zqk zql"#;
const PIECES: [&str; 12] =
    ["zqa", "zqb", "zqc", "zqd", "zqe", "zqf", "zqg", "zqh", "zqi", "zqj", "zqk", "zql"];

fn encoded(text: &str) -> String {
    text.bytes().fold(String::new(), |text, byte| format!("{text}%{byte:02x}"))
}

/// A daemon with these settings besides the usual ones.
struct Run {
    program: PathBuf,
    dir: tempfile::TempDir,
    builder: Builder,
}

impl Run {
    fn new(name: &str, settings: &[(&str, String)]) -> Self {
        let program = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name(name);
        assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
        let mut builder = Daemon::build(&program).argument("run");
        for (name, value) in [
            ("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "TRACE"),
            ("UDS_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/uds"),
            ("IDS_JDBC_URL", "jdbc:postgresql://127.0.0.1:1/ids"),
            ("UDS_SCHEMA", "star"),
            ("IDS_SCHEMA", "ids"),
            ("SPRING_RABBITMQ_HOST", "127.0.0.1"),
            ("SPRING_RABBITMQ_PORT", "1"),
            ("IDS_READER_START_SECONDS", "1"),
        ] {
            builder = builder.environment(name, value);
        }
        let builder =
            settings.iter().fold(builder, |builder, (name, value)| builder.environment(name, value));
        Self { program, dir: tempfile::tempdir().unwrap(), builder }
    }

    fn log(&self) -> PathBuf {
        self.dir.path().join("log")
    }

    fn text(&self) -> String {
        std::fs::read_to_string(self.log()).unwrap_or_default()
    }

    /// Until the condition holds of the daemon and its log, or it ends by itself. Looks at health and metrics meanwhile,
    /// and at everything in the end. Gives the exit code.
    fn until(&self, condition: impl Fn(&Daemon, &str) -> bool) -> i32 {
        let mut daemon = self.builder.spawn(self.log()).unwrap();
        let begin = Instant::now();
        while daemon.exit_status().is_none() && !condition(&daemon, &self.text()) {
            for path in ["/health/ready", "/metrics"] {
                self.assert_clean(path, &daemon.get(path).map(|answer| answer.body).unwrap_or_default());
            }
            assert!(begin.elapsed() < PATIENCE, "{}:\n{}", self.program.display(), self.text());
            std::thread::sleep(Duration::from_millis(20));
        }
        daemon.terminate();
        let status = daemon.wait(PATIENCE).expect("it ends");
        self.assert_clean("log", &self.text());
        status.code().unwrap()
    }

    /// Until it is ready, then SIGTERM.
    fn becomes_ready(&self) {
        assert_eq!(self.until(|daemon, _| daemon.is_ready()), 0, "{}", self.text());
        assert!(self.text().contains("SIGTERM"), "it ended by itself: {}", self.text());
    }

    /// Until it has said all of this, then SIGTERM, unless it gives up.
    fn says(&self, expected: &[&str]) {
        self.until(|_, log| expected.iter().all(|words| log.contains(words)));
        let log = self.text();
        assert!(expected.iter().all(|words| log.contains(words)), "{expected:?}: {log}");
    }

    /// An error of one line that names this.
    fn refuses_to_start(&self, named: &str) {
        assert_eq!(self.until(|_, _| false), 1, "{}", self.text());
        assert!(self.text().lines().count() == 1 && self.text().contains(named), "{named}: {}", self.text());
    }

    fn assert_clean(&self, place: &str, text: &str) {
        let leaks = markers::in_text(place, text.as_bytes(), &PIECES);
        assert!(leaks.is_empty(), "{}: {leaks:?}\n{text}", self.program.display());
        let encoded = PIECES.map(encoded);
        let lower = text.to_lowercase();
        assert!(!encoded.iter().any(|piece| lower.contains(piece)), "{text}");
    }
}

/// Servers that ask for a password, and know this one.
struct Site {
    postgres: postgres::Server,
    broker: rabbitmq::Server,
}

impl Site {
    fn start() -> Self {
        let access = "host all secretive all scram-sha-256".to_owned();
        let postgres = postgres::Server::start(Options { access, ..Options::default() }).unwrap();
        let quoted = PASSWORD.replace('\'', "''");
        postgres
            .query("postgres", &format!("CREATE ROLE secretive SUPERUSER LOGIN PASSWORD '{quoted}'"))
            .unwrap();
        postgres.create_database("uds").unwrap();
        postgres.create_database("ids").unwrap();
        emap_ids::migrate(&postgres.database_url("ids"), "ids").unwrap();
        Self { postgres, broker: rabbitmq::Server::start(rabbitmq::Options::default()).unwrap() }
    }

    fn settings(&self, broker_password: &str) -> Vec<(&'static str, String)> {
        vec![
            ("UDS_JDBC_URL", self.postgres.jdbc_url("uds")),
            ("IDS_JDBC_URL", self.postgres.jdbc_url("ids")),
            ("UDS_USERNAME", "secretive".to_owned()),
            ("IDS_USERNAME", "secretive".to_owned()),
            ("SPRING_RABBITMQ_PORT", self.broker.port().to_string()),
            ("SPRING_RABBITMQ_PASSWORD", broker_password.to_owned()),
        ]
    }

    /// As it may stand in a URL.
    fn url(&self, database: &str, password: &str) -> String {
        format!("postgresql://secretive:{}@127.0.0.1:{}/{database}", encoded(password), self.postgres.port())
    }
}

#[test]
fn a_password_of_any_characters_works_and_is_not_shown() {
    let site = Site::start();
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("password");
    std::fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let config = dir.path().join("settings.yaml");
    std::fs::write(&config, format!("uds: {{password-file: {}}}\n", file.display())).unwrap();
    for name in DAEMONS {
        let mut settings = site.settings(rabbitmq::PASSWORD);
        settings.push(("UDS_PASSWORD", PASSWORD.to_owned()));
        settings.push(("IDS_PASSWORD_FILE", file.display().to_string()));
        Run::new(name, &settings).becomes_ready();

        let mut settings = site.settings(rabbitmq::PASSWORD);
        settings.retain(|(name, _)| !name.ends_with("S_USERNAME"));
        settings.push(("UDS_JDBC_URL", site.url("uds", PASSWORD)));
        let jdbc = format!("{}?user=secretive&password={}", site.postgres.jdbc_url("ids"), encoded(PASSWORD));
        settings.push(("IDS_JDBC_URL", jdbc));
        Run::new(name, &settings).becomes_ready();

        let mut settings = site.settings(rabbitmq::PASSWORD);
        settings.push(("EMAP_CONFIG", config.display().to_string()));
        settings.push(("IDS_PASSWORD", PASSWORD.to_owned()));
        Run::new(name, &settings).becomes_ready();
    }
}

#[test]
fn a_wrong_password_is_not_shown() {
    let site = Site::start();
    let wrong = format!("{PASSWORD}!");
    let mut plain = site.settings(&wrong);
    plain.extend([("UDS_PASSWORD", wrong.clone()), ("IDS_PASSWORD", wrong.clone())]);
    let in_url = [
        ("UDS_JDBC_URL", site.url("uds", &wrong)),
        ("IDS_JDBC_URL", site.url("ids", &wrong)),
        ("SPRING_RABBITMQ_PORT", site.broker.port().to_string()),
        ("SPRING_RABBITMQ_PASSWORD", wrong.clone()),
    ];
    for settings in [&plain[..], &in_url] {
        let refused = ["password authentication failed", "ACCESS_REFUSED"];
        Run::new("core", settings).says(&refused);
        // It gives up a database that it cannot reach at the start, and never comes to the broker.
        Run::new("ids-reader", settings).says(&refused[..1]);
    }
}

#[test]
fn a_password_for_a_server_that_is_not_there_is_not_shown() {
    let plain = [
        ("UDS_PASSWORD", PASSWORD.to_owned()),
        ("IDS_PASSWORD", PASSWORD.to_owned()),
        ("SPRING_RABBITMQ_PASSWORD", PASSWORD.to_owned()),
    ];
    let password = encoded(PASSWORD);
    let url =
        |database| format!("postgresql://emap:{password}@127.0.0.1:1/{database}?sslpassword={password}");
    let in_url = [
        ("UDS_JDBC_URL", url("uds")),
        ("IDS_JDBC_URL", url("ids")),
        ("SPRING_RABBITMQ_HOST", "no-such-host.invalid".to_owned()),
        ("SPRING_RABBITMQ_PASSWORD", PASSWORD.to_owned()),
    ];
    for settings in [&plain[..], &in_url] {
        let refused = ["Connection refused", "cannot reach the broker"];
        Run::new("core", settings).says(&refused);
        Run::new("ids-reader", settings).says(&refused[..1]);
    }
}

/// The password stands there as it is; some forms are refused and some read, none may show it.
#[test]
fn a_password_that_was_not_encoded_is_not_shown() {
    for (name, variable) in
        [("core", "UDS_JDBC_URL"), ("ids-reader", "UDS_JDBC_URL"), ("ids-reader", "IDS_JDBC_URL")]
    {
        for url in [
            format!("postgresql://emap:{PASSWORD}@127.0.0.1:1/x"),
            format!("jdbc:postgresql://127.0.0.1:1/x?user=emap&password={PASSWORD}"),
            format!("mysql://emap:{PASSWORD}@127.0.0.1:1/x"),
            format!("postgresql://emap:zqa/zqb@127.0.0.1:1/x?sslmode={PASSWORD}"),
            format!("postgresql://emap@127.0.0.1:{PASSWORD}/x"),
            format!("emap:{PASSWORD}@127.0.0.1:1/x"),
        ] {
            Run::new(name, &[(variable, url)]).refuses_to_start(variable);
        }
    }
    for variable in ["UDS_JDBC_URL", "UDS_PASSWORD", "SPRING_RABBITMQ_PASSWORD"] {
        let settings = [(variable, PASSWORD.to_owned())];
        let mut run = Run::new("core", &settings);
        run.builder = run.builder.environment(format!("{variable}_FILE"), "/no/such/file");
        run.refuses_to_start(&format!("{variable}_FILE"));
    }
}
