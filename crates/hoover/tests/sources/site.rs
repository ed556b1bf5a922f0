//! The invented databases of one test, in a stand-in for SQL Server of its own: they may be changed, and faults be asked for.

use std::ops::Deref;

use emap_local_services::sql_server::{Database, Server};
use emap_test_support::fixtures;

use crate::sources::{Address, CABOODLE, CLARITY, Sources, message_store};

pub(crate) struct Site {
    pub(crate) clarity: Database,
    pub(crate) caboodle: Database,
    pub(crate) server: Server,
    sources: Sources,
}

impl Site {
    pub(crate) fn new() -> Self {
        let server = Server::start().unwrap();
        let database = |name: &str, files: &[&str]| {
            let database = server.fresh_database(name).unwrap();
            for file in files {
                database.run_script(&fixtures::text(&format!("{file}.sql"))).unwrap();
            }
            database
        };
        let (clarity, caboodle) = (database("clarity", &CLARITY), database("caboodle", &CABOODLE));
        let sources = Sources {
            clarity: Address::of_stand_in(server.jdbc_url(clarity.name())),
            caboodle: Address::of_stand_in(server.jdbc_url(caboodle.name())),
            uds: message_store(&format!("uds_of_{}", clarity.name())),
        };
        Self { clarity, caboodle, server, sources }
    }

    /// For the rest of the process.
    pub(crate) fn keep(self) -> Sources {
        let Self { server, sources, .. } = self;
        std::mem::forget(server);
        sources
    }
}

impl Deref for Site {
    type Target = Sources;

    fn deref(&self) -> &Sources {
        &self.sources
    }
}
