//! Servers of one hospital, the daemons between them, and what they leave.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use emap_hospital::{Arrival, Hospital, Settings};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::{postgres, rabbitmq};

/// A test that waits longer has lost something.
const PATIENCE: Duration = Duration::from_secs(120);

/// What does not depend on the order in which messages are processed: who is who, and each visit with its stays under
/// the person it belongs to now. (A visit's class does: a repeated registration, as after a crash, may take it back. So
/// does whose visit it is as long as its messages name two numbers and their merge has not come: the messages may end
/// before it. Visit 700000012 begins under the provisional number 80000012.)
const PEOPLE_AND_STAYS: &str = "SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
    SELECT concat_ws('|', 'number', m.mrn, m.nhs_number, live.mrn) AS line
    FROM star.mrn m
    JOIN star.mrn_to_live mine USING (mrn_id)
    JOIN star.mrn live ON live.mrn_id = mine.live_mrn_id
    UNION ALL
    SELECT concat_ws('|', live.mrn, d.lastname, d.home_postcode, v.encounter, v.presentation_datetime,
                     v.admission_datetime, v.discharge_datetime, l.location_string, s.admission_datetime,
                     s.discharge_datetime, s.inferred_admission, s.inferred_discharge) AS line
    FROM star.hospital_visit v
    JOIN star.mrn_to_live mine USING (mrn_id)
    JOIN star.mrn live ON live.mrn_id = mine.live_mrn_id
    JOIN star.core_demographic d ON d.mrn_id = live.mrn_id
    LEFT JOIN star.location_visit s USING (hospital_visit_id)
    LEFT JOIN star.location l USING (location_id)
    WHERE NOT EXISTS (
        SELECT FROM star.mrn provisional
        JOIN star.mrn_to_live own USING (mrn_id)
        WHERE provisional.mrn = '8' || substr(v.encounter, 3) AND own.live_mrn_id = provisional.mrn_id)
    ) AS lines";

/// A daemon's process; killed if the test fails before it has stopped.
pub(crate) struct Daemon {
    name: &'static str,
    child: Child,
}

impl Daemon {
    pub(crate) fn start(name: &'static str, site: &Site) -> Self {
        Self::start_with(name, site, &[])
    }

    /// With more settings than those of the site.
    pub(crate) fn start_with(name: &'static str, site: &Site, more: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program(name));
        command
            .arg("run")
            .env_clear()
            .envs(site.environment())
            .envs(more.iter().copied())
            .stdin(Stdio::null());
        Self { name, child: command.spawn().unwrap_or_else(|error| panic!("{name}: {error}")) }
    }

    /// SIGTERM; the daemon drains and ends well.
    pub(crate) fn stop(mut self) {
        let stopped = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status().unwrap();
        assert!(stopped.success());
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            if let Some(status) = self.child.try_wait().unwrap() {
                assert!(status.success(), "{} ended with {status}", self.name);
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{} does not stop", self.name);
    }
}

impl Daemon {
    /// SIGKILL.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Built beside `emap` by any build of the workspace.
pub(crate) fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}

/// Servers of one hospital.
pub(crate) struct Site {
    pub(crate) store: postgres::Server,
    pub(crate) star: postgres::Server,
    pub(crate) broker: rabbitmq::Server,
}

impl Site {
    /// A site whose message store holds all messages of this hospital, and one text that is no message.
    pub(crate) fn with(hospital: Settings) -> Self {
        let site = Self::without_messages();
        let row = |Arrival { event, stored }: Arrival| NewRow {
            hl7_message: Some(event.hl7()),
            message_datetime: Some(event.at),
            persist_datetime: Some(stored),
            ..NewRow::default()
        };
        let mut rows: Vec<NewRow> = Hospital::new(hospital).map(row).collect();
        rows[17].hl7_message = Some("no message at all".to_owned());
        let url = site.store.database_url("ids");
        emap_ids::migrate(&url, "ids").unwrap();
        IdsStore::connect(&url, "ids").unwrap().append_batch(&rows).unwrap();
        site
    }

    pub(crate) fn without_messages() -> Self {
        let database = |name| {
            let server = postgres::Server::start(postgres::Options::default()).unwrap();
            server.create_database(name).unwrap();
            server
        };
        Self {
            store: database("ids"),
            star: database("uds"),
            broker: rabbitmq::Server::start(rabbitmq::Options::default()).unwrap(),
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let port = self.broker.port().to_string();
        vec![
            ("IDS_JDBC_URL", self.store.jdbc_url("ids")),
            ("IDS_USERNAME", postgres::USER.to_owned()),
            ("IDS_SCHEMA", "ids".to_owned()),
            ("UDS_JDBC_URL", self.star.jdbc_url("uds")),
            ("UDS_USERNAME", postgres::USER.to_owned()),
            ("UDS_SCHEMA", "star".to_owned()),
            ("SPRING_RABBITMQ_HOST", self.broker.host().to_owned()),
            ("SPRING_RABBITMQ_PORT", port),
            ("SPRING_RABBITMQ_USERNAME", rabbitmq::USER.to_owned()),
            ("SPRING_RABBITMQ_PASSWORD", rabbitmq::PASSWORD.to_owned()),
            ("LOGGING_LEVEL_UK_AC_UCL_RITS_INFORM", "ERROR".to_owned()),
            ("SERVER_PORT", "0".to_owned()),
            // Several cores share even a short queue.
            ("CORE_BATCH_MAX_MESSAGES", "50".to_owned()),
            ("TZ", "Europe/London".to_owned()),
        ]
    }

    /// A number out of the star database; nothing while that is down or not yet made.
    pub(crate) fn number(&self, query: &str) -> Option<u64> {
        self.star.query("uds", query).ok()?.parse().ok()
    }

    /// Messages of several types may share an id.
    fn processed(&self) -> Option<u64> {
        self.number("SELECT count(DISTINCT (source_id, message_type)) FROM star.etl_per_message_logging")
    }

    pub(crate) fn until_processed(&self, messages: u64) {
        let begin = Instant::now();
        while self.processed().is_none_or(|processed| processed < messages) {
            assert!(begin.elapsed() < PATIENCE, "{:?} of {messages} messages processed", self.processed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    pub(crate) fn people_and_stays(&self) -> BTreeSet<String> {
        self.star.query("uds", PEOPLE_AND_STAYS).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Shows only what differs.
pub(crate) fn assert_same(found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let missing: Vec<_> = expected.difference(found).collect();
    let surplus: Vec<_> = found.difference(expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:#?}\nsurplus: {surplus:#?}");
}
