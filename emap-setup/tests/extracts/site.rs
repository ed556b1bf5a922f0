//! The invented databases of one hospital, the daemons between them and a star database.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use emap_local_services::{
    postgres, rabbitmq,
    sql_server::{self, LOGIN},
};
use emap_test_support::{
    database::{self, Database},
    fixtures,
};

/// A test that waits longer has lost something.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Site {
    /// The star database; also holds the answers to forms, and hoover's progress.
    pub(crate) star: Database,
    clarity: sql_server::Database,
    caboodle: sql_server::Database,
    sql_server: sql_server::Server,
    broker: &'static rabbitmq::Server,
    virtual_host: String,
}

impl Site {
    pub(crate) fn new() -> Self {
        let sql_server = sql_server::Server::start().unwrap();
        let load = |name: &str, files: &[&str]| {
            let database = sql_server.fresh_database(name).unwrap();
            for file in files {
                database.run_script(&fixtures::text(&format!("{name}/{file}.sql"))).unwrap();
            }
            database
        };
        let clarity = load("clarity", &["01_schema", "02_function", "03_labels", "04_data"]);
        let caboodle = load("caboodle", &["01_schema", "02_data"]);
        let star = database::fresh();
        star.execute(&fixtures::text("ids/form_answer_feed.sql"));
        // One of the questions that were answered is one that the reporting database describes.
        star.execute("UPDATE ids.form_answer_feed SET question_code = 'SITE#12' WHERE question_code = 'Q1'");
        let broker = rabbitmq::shared();
        let virtual_host = broker.fresh_virtual_host().unwrap();
        Self { star, clarity, caboodle, sql_server, broker, virtual_host }
    }

    /// A program with the settings for this site and nothing else from the environment.
    fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name));
        command.arg("run").env_clear().stdin(Stdio::null()).envs([
            ("CLARITY_JDBC_URL", self.sql_server.jdbc_url(self.clarity.name())),
            ("CLARITY_USERNAME", LOGIN.0.to_owned()),
            ("CLARITY_PASSWORD", LOGIN.1.to_owned()),
            ("CABOODLE_JDBC_URL", self.sql_server.jdbc_url(self.caboodle.name())),
            ("CABOODLE_USERNAME", LOGIN.0.to_owned()),
            ("CABOODLE_PASSWORD", LOGIN.1.to_owned()),
            ("IDS_JDBC_URL", self.star.jdbc_url()),
            ("IDS_USERNAME", postgres::USER.to_owned()),
            ("IDS_SCHEMA", "ids".to_owned()),
            ("UDS_JDBC_URL", self.star.jdbc_url()),
            ("UDS_USERNAME", postgres::USER.to_owned()),
            ("UDS_SCHEMA", self.star.schema().to_owned()),
            ("SPRING_RABBITMQ_HOST", self.broker.host().to_owned()),
            ("SPRING_RABBITMQ_PORT", self.broker.port().to_string()),
            ("SPRING_RABBITMQ_USERNAME", rabbitmq::USER.to_owned()),
            ("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD.to_owned()),
            ("SPRING_RABBITMQ_VIRTUAL_HOST", self.virtual_host.clone()),
            ("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "ERROR".to_owned()),
            ("SERVER_PORT", "0".to_owned()),
            ("FEATURES_SDE", "true".to_owned()),
            ("TZ", "Europe/London".to_owned()),
        ]);
        command
    }

    /// `core run`, until it is stopped.
    pub(crate) fn core(&self) -> Core {
        Core(self.command("core").spawn().unwrap())
    }

    /// `hoover run` over all data that the sources have; ends by itself.
    pub(crate) fn hoover(&self) {
        let status = self
            .command("hoover")
            .env("HOOVER_DATE_FROM", "2021-05-01T00:00:00Z")
            .env("HOOVER_DATE_UNTIL", "2021-07-02T00:00:00Z")
            .env("HOOVER_WINDOW_HOURS_FLOWSHEET", "240")
            .status()
            .unwrap();
        assert!(status.success(), "hoover ended with {status}");
    }

    /// What `emap check` finds wrong in the star database.
    pub(crate) fn broken_rules(&self) -> String {
        let output = Command::new(program("emap"))
            .arg("check")
            .envs([("UDS_JDBC_URL", self.star.jdbc_url()), ("UDS_USERNAME", postgres::USER.to_owned())])
            .env("UDS_SCHEMA", self.star.schema())
            .output()
            .unwrap();
        let text = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        if output.status.success() { String::new() } else { text.concat() }
    }

    /// Until core has taken as many messages from the queue.
    pub(crate) fn until_processed(&self, messages: usize) {
        let processed =
            || self.star.value("SELECT count(*) FROM etl_per_message_logging").parse::<usize>().unwrap();
        let begin = Instant::now();
        while processed() < messages {
            assert!(begin.elapsed() < PATIENCE, "{} of {messages} messages processed", processed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// The process; killed if the test fails before it was stopped.
pub(crate) struct Core(Child);

impl Core {
    /// SIGTERM: it finishes what it has taken and ends well.
    pub(crate) fn stop(mut self) {
        let asked = Command::new("kill").args(["-TERM", &self.0.id().to_string()]).status().unwrap();
        assert!(asked.success());
        let status = self.0.wait().unwrap();
        assert!(status.success(), "core ended with {status}");
    }
}

impl Drop for Core {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Built beside `emap` by any build of the workspace.
fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}
