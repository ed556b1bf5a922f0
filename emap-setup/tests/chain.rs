//! The daemons as the ops team runs them: `ids-reader run` and `core run` as processes, configured by the environment,
//! between real PostgreSQL and real RabbitMQ; undisturbed, and with broker and databases crashing in mid-run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use emap_hospital::{Arrival, Disorder, Hospital, Incidents, Settings};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::{postgres, rabbitmq};

/// A test that waits longer has lost something.
const PATIENCE: Duration = Duration::from_secs(120);
const MESSAGES: u64 = 4_000;

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
struct Daemon {
    name: &'static str,
    child: Child,
}

impl Daemon {
    fn start(name: &'static str, site: &Site) -> Self {
        let mut command = Command::new(program(name));
        command.arg("run").env_clear().envs(site.environment()).stdin(Stdio::null());
        Self { name, child: command.spawn().unwrap_or_else(|error| panic!("{name}: {error}")) }
    }

    /// SIGTERM; the daemon drains and ends well.
    fn stop(mut self) {
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

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Built beside `emap` by any build of the workspace.
fn program(name: &str) -> PathBuf {
    let program = Path::new(env!("CARGO_BIN_EXE_emap")).with_file_name(name);
    assert!(program.exists(), "{} is not built: cargo build --workspace --bins", program.display());
    program
}

/// Servers of one hospital.
struct Site {
    store: postgres::Server,
    star: postgres::Server,
    broker: rabbitmq::Server,
}

impl Site {
    fn start() -> Self {
        Self::with(Settings {
            messages: MESSAGES,
            disorder: Disorder { late: 0.1, duplicates: 0.05 },
            ..Settings::default()
        })
    }

    /// A site whose message store holds all messages of this hospital.
    fn with(hospital: Settings) -> Self {
        let database = |name| {
            let server = postgres::Server::start(postgres::Options::default()).unwrap();
            server.create_database(name).unwrap();
            server
        };
        let site = Self {
            store: database("ids"),
            star: database("uds"),
            broker: rabbitmq::Server::start(rabbitmq::Options::default()).unwrap(),
        };
        site.fill_store(hospital);
        site
    }

    fn fill_store(&self, hospital: Settings) {
        let url = self.store.database_url("ids");
        emap_ids::migrate(&url, "ids").unwrap();
        let row = |Arrival { event, stored }: Arrival| NewRow {
            hl7_message: Some(event.hl7()),
            message_datetime: Some(event.at),
            persist_datetime: Some(stored),
            ..NewRow::default()
        };
        let mut rows: Vec<NewRow> = Hospital::new(hospital).map(row).collect();
        rows[17].hl7_message = Some("no message at all".to_owned());
        IdsStore::connect(&url, "ids").unwrap().append_batch(&rows).unwrap();
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
            ("TZ", "Europe/London".to_owned()),
        ]
    }

    /// A number out of the star database; nothing while that is down or not yet made.
    fn number(&self, query: &str) -> Option<u64> {
        self.star.query("uds", query).ok()?.parse().ok()
    }

    fn processed(&self) -> Option<u64> {
        self.number("SELECT count(DISTINCT source_id) FROM star.etl_per_message_logging")
    }

    fn until_processed(&self, messages: u64) {
        let begin = Instant::now();
        while self.processed().is_none_or(|processed| processed < messages) {
            assert!(begin.elapsed() < PATIENCE, "{:?} of {messages} messages processed", self.processed());
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    fn people_and_stays(&self) -> BTreeSet<String> {
        self.star.query("uds", PEOPLE_AND_STAYS).unwrap().lines().map(str::to_owned).collect()
    }
}

/// Shows only what differs.
fn assert_same(found: &BTreeSet<String>, expected: &BTreeSet<String>) {
    let missing: Vec<_> = expected.difference(found).collect();
    let surplus: Vec<_> = found.difference(expected).collect();
    assert!(missing.is_empty() && surplus.is_empty(), "missing: {missing:#?}\nsurplus: {surplus:#?}");
}

#[test]
fn servers_that_crash_in_mid_run_change_nothing() {
    let undisturbed = Site::start();
    let daemons = ["ids-reader", "core"].map(|name| Daemon::start(name, &undisturbed));
    // Every message but the broken one.
    undisturbed.until_processed(MESSAGES - 1);
    daemons.into_iter().for_each(Daemon::stop);
    let expected = undisturbed.people_and_stays();
    assert!(expected.len() > 500, "{} lines", expected.len());
    assert_eq!(undisturbed.number("SELECT unid FROM star.etl_ids_reject"), Some(18));
    assert_eq!(undisturbed.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
    drop(undisturbed);

    let site = Site::start();
    let daemons = ["core", "ids-reader"].map(|name| Daemon::start(name, &site));
    site.until_processed(100);
    site.broker.crash().unwrap();
    site.broker.start_again().unwrap();
    site.until_processed(MESSAGES / 4);
    site.star.crash().unwrap();
    site.star.start_again().unwrap();
    site.until_processed(MESSAGES / 2);
    site.store.crash().unwrap();
    site.store.start_again().unwrap();
    site.until_processed(MESSAGES - 1);
    daemons.into_iter().for_each(Daemon::stop);
    assert_same(&site.people_and_stays(), &expected);
    assert_eq!(site.number("SELECT unid FROM star.etl_ids_reject"), Some(18));
    assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
}

#[test]
fn three_cores_at_the_same_queue_give_what_one_gives() {
    // Few patients at a time, so that messages of one patient meet in different processes; many with two numbers.
    let hospital = Settings {
        messages: MESSAGES,
        disorder: Disorder { late: 0.4, duplicates: 0.05 },
        incidents: Incidents { merges: 0.4, ..Incidents::default() },
        present: 25,
        ..Settings::default()
    };
    let run = |cores: usize| {
        let site = Site::with(hospital);
        let mut daemons = vec![Daemon::start("ids-reader", &site)];
        daemons.extend((0..cores).map(|_| Daemon::start("core", &site)));
        site.until_processed(MESSAGES - 1);
        daemons.into_iter().for_each(Daemon::stop);
        assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
        (site.people_and_stays(), site.star)
    };
    let (alone, star_of_one) = run(1);
    assert!(alone.iter().filter(|line| line.starts_with("number|8")).count() > 50, "too few merges");
    let (together, star_of_three) = run(3);
    assert_same(&together, &alone);
    compare(&star_of_one, &star_of_three);
}

fn compare(one: &postgres::Server, three: &postgres::Server) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_emap"));
    command.args(["compare", "--schema-a", "star", "--schema-b", "star", "--examples", "0"]);
    command.args(["--a", &one.database_url("uds"), "--b", &three.database_url("uds")]);
    let output = command.output().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    panic!("{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn a_setting_that_is_missing_ends_the_daemon_with_one_line() {
    for name in ["ids-reader", "core"] {
        let output = Command::new(program(name)).arg("run").env_clear().output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.trim().lines().count(), 1, "{text}");
        assert!(text.contains("_JDBC_URL"), "{text}");
    }
}
