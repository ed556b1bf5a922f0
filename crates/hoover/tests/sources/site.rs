//! The invented databases of one test, and the program with the settings for them.

use std::{
    collections::HashMap,
    process::{Command, Output},
    sync::OnceLock,
};

use emap_hoover::HooverSettings;
use emap_interchange::{Message, yaml};
use emap_local_services::{
    postgres,
    sql_server::{Database, LOGIN, Server},
};
use emap_service::Settings;
use emap_test_support::fixtures;

pub(crate) struct Site {
    pub(crate) clarity: Database,
    pub(crate) caboodle: Database,
    pub(crate) server: Server,
    /// Database of the message store and of the progress table.
    pub(crate) uds: String,
}

impl Site {
    pub(crate) fn new() -> Self {
        let server = Server::start().unwrap();
        let (clarity, caboodle) =
            (server.fresh_database("clarity").unwrap(), server.fresh_database("caboodle").unwrap());
        for file in ["01_schema", "02_function", "03_labels", "04_data"] {
            clarity.run_script(&fixtures::text(&format!("clarity/{file}.sql"))).unwrap();
        }
        for file in ["01_schema", "02_data"] {
            caboodle.run_script(&fixtures::text(&format!("caboodle/{file}.sql"))).unwrap();
        }
        let uds = format!("uds_of_{}", clarity.name());
        postgres::shared().create_database(&uds).unwrap();
        postgres::shared().query(&uds, &fixtures::text("ids/form_answer_feed.sql")).unwrap();
        Self { clarity, caboodle, server, uds }
    }

    /// One that several tests read and none changes.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Site> = OnceLock::new();
        SHARED.get_or_init(Self::new)
    }

    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> HashMap<String, String> {
        let uds = postgres::shared().database_url(&self.uds);
        let (clarity, caboodle) = (self.clarity.name(), self.caboodle.name());
        let basic = [
            ("CLARITY_JDBC_URL", self.server.jdbc_url(clarity)),
            ("CLARITY_USERNAME", LOGIN.0.to_owned()),
            ("CLARITY_PASSWORD", LOGIN.1.to_owned()),
            ("CABOODLE_JDBC_URL", self.server.jdbc_url(caboodle)),
            ("CABOODLE_USERNAME", LOGIN.0.to_owned()),
            ("CABOODLE_PASSWORD", LOGIN.1.to_owned()),
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
        Command::new(env!("CARGO_BIN_EXE_hoover"))
            .args(arguments)
            .envs(self.environment(more))
            .env_remove("EMAP_CONFIG")
            .output()
            .unwrap()
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

/// The ids of the sources, in order.
pub(crate) fn ids(messages: &[Message]) -> Vec<&str> {
    messages.iter().map(|message| message.source_message_id.as_deref().unwrap()).collect()
}
