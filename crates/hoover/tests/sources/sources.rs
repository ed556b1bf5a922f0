//! The databases that are read, and the program with the settings for them.

use std::{
    collections::HashMap,
    process::{Command, Output},
    sync::OnceLock,
};

use emap_hoover::HooverSettings;
use emap_interchange::{Message, yaml};
use emap_local_services::{
    postgres,
    sql_server::{LOGIN, batches},
};
use emap_service::Settings;
use emap_test_support::fixtures;

use crate::site::Site;

/// The files of each database, in the order in which they are run.
pub(crate) const CLARITY: [&str; 4] =
    ["clarity/01_schema", "clarity/02_function", "clarity/03_labels", "clarity/04_data"];
pub(crate) const CABOODLE: [&str; 2] = ["caboodle/01_schema", "caboodle/02_data"];

/// A database of SQL Server, or of the stand-in for it.
pub(crate) struct Address {
    pub(crate) url: String,
    pub(crate) username: String,
    pub(crate) password: String,
}

pub(crate) struct Sources {
    pub(crate) clarity: Address,
    pub(crate) caboodle: Address,
    /// Database of the message store and of the progress table.
    pub(crate) uds: String,
}

impl Address {
    /// In the stand-in.
    pub(crate) fn of_stand_in(url: String) -> Self {
        Self { url, username: LOGIN.0.to_owned(), password: LOGIN.1.to_owned() }
    }

    /// A server that variables name, `HOOVER_TEST_CLARITY_URL` and so on.
    fn given(name: &str) -> Option<Self> {
        let variable = |part| std::env::var(format!("HOOVER_TEST_{name}_{part}"));
        let url = variable("URL").ok()?;
        let needed = |part| variable(part).unwrap_or_else(|_| panic!("HOOVER_TEST_{name}_{part} is not set"));
        Some(Self { url, username: needed("USERNAME"), password: needed("PASSWORD") })
    }

    /// Loads the invented data; what is there of it is dropped first.
    fn load(&self, files: &[&str]) {
        let run = || {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            runtime.block_on(self.run(files));
        };
        // The caller's thread may belong to a runtime.
        std::thread::scope(|scope| scope.spawn(run).join()).expect("the invented databases can be loaded");
    }

    async fn run(&self, files: &[&str]) {
        let mut config = tiberius::Config::from_jdbc_string(&self.url).unwrap();
        config.authentication(tiberius::AuthMethod::sql_server(&self.username, &self.password));
        // The login is encrypted all the same, and nobody vouches for the server.
        if self.url.contains("encrypt=false") {
            config.trust_cert();
        }
        let stream = tokio::net::TcpStream::connect(config.get_addr()).await.unwrap();
        let stream = tokio_util::compat::TokioAsyncWriteCompatExt::compat_write(stream);
        let mut client = Box::pin(tiberius::Client::connect(config, stream)).await.unwrap();
        for file in files {
            for batch in batches(&fixtures::text(&format!("{file}.sql"))) {
                let answer = client.simple_query(batch).await.unwrap();
                answer.into_results().await.unwrap_or_else(|error| panic!("{file}: {error}"));
            }
        }
    }
}

impl Sources {
    /// Those that several tests read and none changes: in a SQL Server if variables name one, else in the stand-in.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Sources> = OnceLock::new();
        SHARED.get_or_init(|| match (Address::given("CLARITY"), Address::given("CABOODLE")) {
            (None, None) => Site::new().keep(),
            (Some(clarity), Some(caboodle)) => {
                clarity.load(&CLARITY);
                caboodle.load(&CABOODLE);
                Self { uds: message_store(&format!("uds_of_{}", std::process::id())), clarity, caboodle }
            }
            _ => panic!("HOOVER_TEST_CLARITY_URL and HOOVER_TEST_CABOODLE_URL go together"),
        })
    }

    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> HashMap<String, String> {
        let uds = postgres::shared().database_url(&self.uds);
        let basic = [
            ("CLARITY_JDBC_URL", self.clarity.url.clone()),
            ("CLARITY_USERNAME", self.clarity.username.clone()),
            ("CLARITY_PASSWORD", self.clarity.password.clone()),
            ("CABOODLE_JDBC_URL", self.caboodle.url.clone()),
            ("CABOODLE_USERNAME", self.caboodle.username.clone()),
            ("CABOODLE_PASSWORD", self.caboodle.password.clone()),
            ("IDS_JDBC_URL", uds.clone()),
            ("IDS_SCHEMA", "ids".to_owned()),
            ("UDS_JDBC_URL", uds),
            ("UDS_SCHEMA", "star".to_owned()),
            ("HOOVER_DATE_FROM", "2021-05-01T00:00:00Z".to_owned()),
            ("HOOVER_WINDOW_HOURS_FLOWSHEET", "240".to_owned()),
        ];
        let mut environment: HashMap<String, String> =
            basic.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        environment.extend(more.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        environment
    }

    pub(crate) fn settings(&self, more: &[(&str, &str)]) -> Settings {
        Settings::from_parts(HooverSettings::GROUPS, None, &self.environment(more)).unwrap()
    }

    /// Runs the program.
    pub(crate) fn hoover(&self, arguments: &[&str], more: &[(&str, &str)]) -> Output {
        self.command(arguments, more).output().unwrap()
    }

    pub(crate) fn command(&self, arguments: &[&str], more: &[(&str, &str)]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hoover"));
        command.args(arguments).envs(self.environment(more)).env_remove("EMAP_CONFIG");
        command
    }

    /// The messages that `hoover query` prints.
    pub(crate) fn query(&self, arguments: &[&str]) -> Vec<Message> {
        self.query_with_log(arguments).0
    }

    pub(crate) fn query_with_log(&self, arguments: &[&str]) -> (Vec<Message>, String) {
        let output = self.hoover(&[&["query"], arguments].concat(), &[]);
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{arguments:?}: {log}");
        (yaml::read(&String::from_utf8(output.stdout).unwrap()).unwrap(), log)
    }
}

/// A message store with the invented answers to forms.
pub(crate) fn message_store(name: &str) -> String {
    postgres::shared().create_database(name).unwrap();
    postgres::shared().query(name, &fixtures::text("ids/form_answer_feed.sql")).unwrap();
    name.to_owned()
}

/// The ids of the sources, in order.
pub(crate) fn ids(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.source_message_id.as_deref().unwrap()).collect()
}
