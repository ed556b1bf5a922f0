//! The daemons as the ops team runs them: `ids-reader run` and `core run` as processes, configured by the environment,
//! between real PostgreSQL and real RabbitMQ; undisturbed, and with broker and databases crashing in mid-run.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    iter,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use diesel::{Connection, PgConnection};
use emap_hospital::{Arrival, Disorder, Hospital, Incidents, Mix, Settings};
use emap_ids::{IdsStore, NewRow};
use emap_local_services::{postgres, rabbitmq};
use emap_test_support::faults::ledger::{
    history,
    tables::{Difference, Tables, Which},
};

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
        let site = Self::empty();
        site.fill_store(hospital);
        site
    }

    fn empty() -> Self {
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
        emap_ids::migrate(&site.store.database_url("ids"), "ids").unwrap();
        site
    }

    fn fill_store(&self, hospital: Settings) {
        let mut rows: Vec<NewRow> = Hospital::new(hospital).map(|arrival| row(&arrival)).collect();
        rows[17].hl7_message = Some("no message at all".to_owned());
        self.append(&rows);
    }

    fn append(&self, rows: &[NewRow]) {
        IdsStore::connect(&self.store.database_url("ids"), "ids").unwrap().append_batch(rows).unwrap();
    }

    /// A reader and so many cores.
    fn start_daemons(&self, cores: usize) -> Vec<Daemon> {
        let names = iter::once("ids-reader").chain(iter::repeat_n("core", cores));
        names.map(|name| Daemon::start(name, self)).collect()
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

    /// All tables of the star.
    fn tables(&self) -> Tables {
        let mut star = PgConnection::establish(&self.star.database_url("uds")).unwrap();
        let flaws = history::flaws(&mut star, "star").unwrap();
        assert!(flaws.is_empty(), "{flaws:?}");
        Tables::read(&mut star, "star", emap_star::known_by).unwrap()
    }

    fn people_and_stays(&self) -> BTreeSet<String> {
        self.star.query("uds", PEOPLE_AND_STAYS).unwrap().lines().map(str::to_owned).collect()
    }
}

/// A row of the message store.
fn row(arrival: &Arrival) -> NewRow {
    NewRow {
        hl7_message: Some(arrival.event.hl7()),
        message_datetime: Some(arrival.event.at),
        persist_datetime: Some(arrival.stored),
        ..NewRow::default()
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
        let daemons = site.start_daemons(cores);
        site.until_processed(MESSAGES - 1);
        daemons.into_iter().for_each(Daemon::stop);
        assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
        (site.people_and_stays(), site.tables())
    };
    let (alone, tables) = run(1);
    assert!(alone.iter().filter(|line| line.starts_with("number|8")).count() > 50, "too few merges");
    let (together, other_tables) = run(3);
    assert_same(&together, &alone);
    assert_same_tables(&other_tables, &tables);
}

/// All patients at once, so that cores meet wherever patients have something in common. The messages of each come one
/// after the other, as many tables depend on their order.
#[test]
fn three_cores_leave_the_tables_that_one_leaves() {
    let rounds = rounds(Settings {
        messages: MESSAGES,
        mix: Mix::HOSPITAL,
        incidents: Incidents { cancellations: 0.1, merges: 0.1, plans: 0.1, corrections: 0.1 },
        present: 200,
        ..Settings::default()
    });
    let run = |cores: usize| {
        let site = Site::empty();
        let daemons = site.start_daemons(cores);
        let mut messages = 0;
        for round in &rounds {
            site.append(&round.iter().map(row).collect::<Vec<_>>());
            messages += round.iter().map(|arrival| arrival.event.amounts().total()).sum::<u64>();
            site.until_processed(messages);
        }
        daemons.into_iter().for_each(Daemon::stop);
        assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
        site.tables()
    };
    assert_same_tables(&run(3), &run(1));
}

/// The hospital's messages in groups: in none has a patient or a visit two, and each has theirs in their order.
fn rounds(hospital: Settings) -> Vec<Vec<Arrival>> {
    let mut rounds: Vec<Vec<Arrival>> = Vec::new();
    let mut passed: HashMap<String, usize> = HashMap::new();
    for arrival in Hospital::new(hospital) {
        let numbers = numbers(&arrival.event.hl7());
        let round = numbers.iter().filter_map(|number| passed.get(number)).max().copied().unwrap_or(0);
        passed.extend(numbers.into_iter().map(|number| (number, round + 1)));
        if rounds.len() == round {
            rounds.push(Vec::new());
        }
        rounds[round].push(arrival);
    }
    rounds
}

/// Numbers of patients and visits in a message.
fn numbers(hl7: &str) -> Vec<String> {
    let fields = hl7.split('\r').filter_map(|segment| {
        let place = match segment.split('|').next()? {
            "PID" => 3,
            "MRG" => 1,
            "PV1" => 19,
            _ => return None,
        };
        segment.split('|').nth(place)
    });
    let numbers = fields.flat_map(|field| field.split('~')).filter_map(|number| number.split('^').next());
    numbers.filter(|number| !number.is_empty()).map(str::to_owned).collect()
}

fn assert_same_tables(found: &Tables, expected: &Tables) {
    let mut by_table: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for Difference { table, only_in, row, times } in found.differences(expected) {
        let which = if only_in == Which::First { "surplus" } else { "missing" };
        by_table.entry(table).or_default().push(format!("{which} ({times}): {row}"));
    }
    let counts: BTreeMap<_, _> = by_table.iter().map(|(table, rows)| (table, rows.len())).collect();
    let examples: Vec<_> = by_table.iter().map(|(table, rows)| (table, rows.iter().take(4).collect::<Vec<_>>())).collect();
    assert!(by_table.is_empty(), "rows that differ: {counts:#?}\n{examples:#?}");
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
