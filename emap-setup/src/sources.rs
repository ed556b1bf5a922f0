//! A stand-in for SQL Server with an invented reporting database and an invented warehouse, and answers to forms in the
//! message store: what hoover reads.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context;
use emap_local_services::{
    postgres,
    sql_server::{Encryption, LOGIN, Server},
};

use crate::{
    databases::IDS,
    output::{heading, line},
};

/// The invented databases of a checkout.
const FILES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../test-files");
/// For logins that name no database.
const EMPTY: &str = "master";
const CLARITY: &str = "clarity";
const CABOODLE: &str = "caboodle";
const FORM_ANSWERS: &str = "ids/form_answer_feed.sql";

/// What the databases hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Content {
    /// Every case that a query has to deal with.
    Cases,
    /// The hospital of the demo's day.
    Demo,
}

pub(crate) struct Sources(Server);

impl Sources {
    /// Starts the stand-in on a PostgreSQL server and loads the databases anew, and the answers to forms.
    pub(crate) fn start(postgres: &postgres::Server, content: Content) -> anyhow::Result<Self> {
        let sources = Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), postgres, Path::new(FILES), content)?;
        for script in content.form_answers() {
            postgres.query(IDS.name, &read(&script)?)?;
        }
        Ok(sources)
    }

    /// The stand-in alone, at an address, with the databases of a directory.
    pub(crate) fn start_at(
        address: SocketAddr,
        postgres: &postgres::Server,
        files: &Path,
        content: Content,
    ) -> anyhow::Result<Self> {
        let server = Server::start_at(address, postgres, Encryption::TestCertificate)?;
        server.replace_database(EMPTY)?;
        for name in [CLARITY, CABOODLE] {
            let database = server.replace_database(name)?;
            for script in content.scripts(files, name)? {
                database.run_script(&read(&script)?).with_context(|| format!("in {}", script.display()))?;
            }
        }
        Ok(Self(server))
    }

    /// What hoover reads, and the address for other clients.
    pub(crate) fn environment(&self) -> Vec<(&'static str, String)> {
        let (user, password) = LOGIN;
        vec![
            ("CLARITY_JDBC_URL", self.0.jdbc_url(CLARITY)),
            ("CLARITY_USERNAME", user.to_owned()),
            ("CLARITY_PASSWORD", password.to_owned()),
            ("CABOODLE_JDBC_URL", self.0.jdbc_url(CABOODLE)),
            ("CABOODLE_USERNAME", user.to_owned()),
            ("CABOODLE_PASSWORD", password.to_owned()),
            ("SQL_SERVER", format!("127.0.0.1:{}", self.0.port())),
        ]
    }

    pub(crate) fn print(&self) {
        heading("A stand-in for SQL Server (it is not one), with the invented sources of hoover:");
        line("host: 127.0.0.1");
        line(format_args!("port: {}", self.0.port()));
        line(format_args!("user: {}", LOGIN.0));
        line(format_args!("password: {}", LOGIN.1));
        line(format_args!("databases: {CLARITY}, {CABOODLE}, {EMPTY} (empty)"));
        for name in [CLARITY, CABOODLE] {
            line(self.0.jdbc_url(name));
        }
        line(format_args!(
            "tsql -H 127.0.0.1 -p {} -U {} -P {} -D {CLARITY}",
            self.0.port(),
            LOGIN.0,
            LOGIN.1
        ));
    }
}

impl Content {
    /// The scripts of a database in their order; the last of them holds its data.
    fn scripts(self, files: &Path, database: &str) -> anyhow::Result<Vec<PathBuf>> {
        let directory = files.join(database);
        let found = fs::read_dir(&directory)
            .with_context(|| format!("no invented databases in {}", directory.display()))?;
        let mut scripts = found.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
        scripts.sort();
        if self == Self::Demo {
            scripts.pop();
            scripts.push(files.join(format!("demo/{database}.sql")));
        }
        Ok(scripts)
    }

    fn form_answers(self) -> Vec<PathBuf> {
        let table = Path::new(FILES).join(FORM_ANSWERS);
        match self {
            Self::Cases => vec![table],
            Self::Demo => vec![table, Path::new(FILES).join("demo/form_answers.sql")],
        }
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))
}
