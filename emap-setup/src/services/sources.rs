//! A stand-in for SQL Server, with the invented reporting database and the invented warehouse.

use std::{
    fs,
    net::{Ipv4Addr, SocketAddr},
    path::Path,
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
const FAKES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../test-files");
/// For logins that name no database.
const EMPTY: &str = "master";
const CLARITY: &str = "clarity";
const CABOODLE: &str = "caboodle";

pub(super) struct Sources(Server);

impl Sources {
    /// Starts the stand-in on a PostgreSQL server, and loads the databases anew, and the answers to forms.
    pub(super) fn start(postgres: &postgres::Server) -> anyhow::Result<Self> {
        let fakes = Path::new(FAKES);
        let sources = Self::start_at((Ipv4Addr::LOCALHOST, 0).into(), postgres, fakes)?;
        let forms = fakes.join("ids/form_answer_feed.sql");
        postgres.query(IDS.name, &text(&forms)?)?;
        Ok(sources)
    }

    /// The stand-in alone, at an address, with the databases of a directory.
    pub(super) fn start_at(
        address: SocketAddr,
        postgres: &postgres::Server,
        fakes: &Path,
    ) -> anyhow::Result<Self> {
        let server = Server::start_at(address, postgres, Encryption::TestCertificate)?;
        server.replace_database(EMPTY)?;
        for name in [CLARITY, CABOODLE] {
            let database = server.replace_database(name)?;
            let directory = fakes.join(name);
            let files = fs::read_dir(&directory)
                .with_context(|| format!("no invented databases in {}", directory.display()))?;
            let mut scripts = files.map(|file| Ok(file?.path())).collect::<std::io::Result<Vec<_>>>()?;
            scripts.sort();
            for script in scripts {
                database.run_script(&text(&script)?).with_context(|| format!("in {}", script.display()))?;
            }
        }
        Ok(Self(server))
    }

    /// What hoover reads, and the address for other clients.
    pub(super) fn environment(&self) -> Vec<(&'static str, String)> {
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

    pub(super) fn print(&self) {
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

fn text(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
