//! The pipeline with its daemons as processes.

use std::{
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use emap_ids::{IdsStore, NewRow};
use emap_interchange::queues::HL7_QUEUE;
use emap_local_services::{postgres::USER, rabbitmq};
use emap_test_support::{
    database::{self, Database},
    faults::{
        ledger::markers,
        process::{Builder, Daemon},
        server::rabbitmq::queue_length,
    },
};

/// Stands in all texts of bad messages that could be a patient's, and must stand in no log.
pub(crate) const MARKER: &str = "ZQX";
/// What takes longer is stuck.
const PATIENCE: Duration = Duration::from_secs(120);
const POLL: Duration = Duration::from_millis(50);
/// What a daemon may need with any mix of sizes. The code of a build for debugging takes some 40 MiB more.
const MOST_MEMORY: u64 = (if cfg!(debug_assertions) { 296 } else { 256 }) << 20;

pub(crate) struct World {
    pub(crate) star: Database,
    pub(crate) store: Database,
    pub(crate) virtual_host: String,
    logs: tempfile::TempDir,
    core: Daemon,
    reader: Daemon,
}

impl World {
    /// A pipeline in which nothing has happened yet.
    pub(crate) fn start() -> Self {
        let (star, store) = (database::empty(), database::empty());
        emap_ids::migrate(&store.url(), "ids").unwrap();
        let virtual_host = rabbitmq::shared().fresh_virtual_host().unwrap();
        let logs = tempfile::tempdir().unwrap();
        let start = |name: &str| {
            let builder = Daemon::build(program(name)).argument("run");
            let log = logs.path().join(name);
            environment(builder, &star, &store, &virtual_host).spawn(log).unwrap()
        };
        let (mut core, mut reader) = (start("core"), start("ids-reader"));
        for daemon in [&mut reader, &mut core] {
            assert!(daemon.wait_until_ready(PATIENCE), "{:?}", daemon.health());
        }
        Self { star, store, virtual_host, logs, core, reader }
    }

    /// Appends rows to the message store.
    pub(crate) fn store_rows(&self, rows: &[NewRow]) {
        IdsStore::connect(&self.store.url(), "ids").unwrap().append_batch(rows).unwrap();
    }

    /// Messages that have a line in the effect log that is no error, or are kept as rejects.
    pub(crate) fn settled(&self) -> usize {
        let query = "SELECT (SELECT count(*) FROM etl_per_message_logging WHERE NOT error) + \
                     (SELECT count(*) FROM etl_message_reject)";
        self.star.value(query).parse().unwrap()
    }

    /// Messages that wait and messages that were taken.
    pub(crate) fn queue(&self) -> Option<(u64, u64)> {
        queue_length(rabbitmq::shared(), &self.virtual_host, HL7_QUEUE)
    }

    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let begin = Instant::now();
        while !is_so() {
            assert!(
                begin.elapsed() < PATIENCE,
                "{what}: still not; settled {}, queue {:?}, {:?} {:?}",
                self.settled(),
                self.queue(),
                self.reader.health(),
                self.core.health()
            );
            sleep(POLL);
        }
    }

    /// The daemons are those that were started, work, need little and have written nothing of a patient; a row that is
    /// stored now gets into the star.
    pub(crate) fn assert_goes_on(&mut self) {
        let admission = "MSH|^~\\&|EPIC|TESTHOSP|||20310301083000||ADT^A01|1|T|2.5\r\
            EVN|A01|20310301083000||||20310301082500\r\
            PID|1||AFTERWARDS^^^HOSP^MRN||TEAPOT^Clara||19610904|F\r\
            PV1|1|I|W1^R2^B3||||||||||||||||VAFTER|||||||||||||||||||||||||20310301082500\r";
        let now = Some("2031-03-01T08:30:00Z".parse().unwrap());
        let row = NewRow {
            hl7_message: Some(admission.to_owned()),
            message_datetime: now,
            persist_datetime: now,
            ..NewRow::default()
        };
        self.store_rows(&[row]);
        self.until("a good row gets into the star", || {
            let query = "SELECT count(*) FROM location_visit JOIN hospital_visit USING (hospital_visit_id) \
                         WHERE encounter = 'VAFTER'";
            self.star.value(query) == "1"
        });
        for daemon in [&mut self.reader, &mut self.core] {
            assert_eq!(daemon.exit_status(), None);
            assert!(daemon.wait_until_ready(PATIENCE), "{:?}", daemon.health());
            let usage = daemon.usage().unwrap();
            assert!(usage.peak < MOST_MEMORY, "{} MiB: {}", usage.peak >> 20, daemon.log().display());
            for path in ["/health/ready", "/metrics"] {
                let answer = daemon.get(path).unwrap();
                assert!(!answer.body.contains(MARKER), "{}", answer.body);
            }
        }
        let found = markers::in_files([self.logs.path()], &[MARKER, "panicked at"]).unwrap();
        assert_eq!(found, [], "{}", self.line(&found));
    }

    /// The first line in which a marker was found; the data is invented.
    fn line(&self, found: &[markers::Leak]) -> String {
        let Some(first) = found.first() else { return String::new() };
        let log = std::fs::read(self.logs.path().join(&first.place)).unwrap();
        String::from_utf8_lossy(&log)
            .lines()
            .nth(first.line - 1)
            .unwrap_or_default()
            .chars()
            .take(500)
            .collect()
    }
}

fn environment(builder: Builder, star: &Database, store: &Database, virtual_host: &str) -> Builder {
    let broker = rabbitmq::shared();
    builder
        .environment("IDS_JDBC_URL", store.jdbc_url())
        .environment("IDS_USERNAME", USER)
        .environment("IDS_SCHEMA", "ids")
        .environment("IDS_READER_POLL_SECONDS", "0.1")
        .environment("IDS_READER_SAVE_SECONDS", "0.1")
        .environment("UDS_JDBC_URL", star.jdbc_url())
        .environment("UDS_USERNAME", USER)
        .environment("UDS_SCHEMA", star.schema())
        .environment("SPRING_RABBITMQ_HOST", broker.host())
        .environment("SPRING_RABBITMQ_PORT", broker.port().to_string())
        .environment("SPRING_RABBITMQ_VIRTUAL_HOST", virtual_host)
        .environment("CORE_RABBITMQ_LISTEN_QUEUES", HL7_QUEUE)
        .environment("FEATURES_SDE", "true")
        .environment("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "DEBUG")
}

/// Built beside `emap` by any build of the workspace.
fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}
