//! Roles of least privilege: the daemons work as theirs, and nobody sees more than is theirs.
#![allow(clippy::unwrap_used)]

use std::{
    process::{Command, Output},
    time::Duration,
};

use emap_core::{CoreSettings, ReplaySettings, replay};
use emap_ids::{IdsStore, NewRow};
use emap_ids_reader::{ReaderSettings, run::run as read_and_publish};
use emap_interchange::queues;
use emap_local_services::postgres::{Options, Server, USER};
use emap_queue::{Batch, Outgoing, Publisher, PublisherSettings, Transport, transport::in_process::Broker};
use emap_service::{DatabaseSettings, Runtime};
use emap_star::{Tables, migrations};

const PATIENCE: Duration = Duration::from_secs(60);

/// One server for a test, as roles belong to the whole of it.
struct Site {
    server: Server,
}

impl Site {
    fn start() -> Self {
        let server = Server::start(Options::default()).unwrap();
        server.create_database("site").unwrap();
        Self { server }
    }

    fn url(&self, role: &str) -> String {
        self.server.database_url("site").replacen(USER, role, 1)
    }

    fn database(&self, role: &str) -> DatabaseSettings {
        DatabaseSettings::from_url(&self.url(role), "star").unwrap()
    }

    fn emap(&self, role: &str, arguments: &[&str], settings: &[(&str, &str)]) -> Output {
        let mut emap = Command::new(env!("CARGO_BIN_EXE_emap"));
        emap.env_clear().args(arguments);
        for (database, schema) in [("UDS", "star"), ("IDS", "ids")] {
            emap.env(format!("{database}_JDBC_URL"), self.server.jdbc_url("site"))
                .env(format!("{database}_USERNAME"), role)
                .env(format!("{database}_SCHEMA"), schema);
        }
        emap.envs(settings.iter().copied()).output().unwrap()
    }

    /// A command that succeeds, and what it prints.
    fn done(&self, role: &str, arguments: &[&str], settings: &[(&str, &str)]) -> String {
        let output = self.emap(role, arguments, settings);
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn migrate(&self, role: &str) {
        let database = self.database(role);
        migrations::migrate_until(database.config(), "star", &|| false).unwrap();
        emap_ids::migrate_progress(database.config(), "star", &|| false).unwrap();
    }

    fn sql(&self, statements: &str) -> String {
        self.server.query("site", &format!("SET search_path TO star; {statements}")).unwrap()
    }

    fn lines(&self, query: &str) -> Vec<String> {
        self.sql(query).lines().map(str::to_owned).collect()
    }

    /// Tables and views on which a role has any of these rights.
    fn allowed(&self, role: &str, rights: &str) -> Vec<String> {
        self.lines(&format!(
            "SELECT relname FROM pg_class
             WHERE relnamespace = 'star'::regnamespace AND relkind IN ('r', 'v')
               AND (has_table_privilege('{role}', oid, '{rights}') OR CASE WHEN '{rights}' <> 'DELETE, TRUNCATE' THEN
                    has_any_column_privilege('{role}', oid, '{rights}') END)
             ORDER BY relname COLLATE \"C\""
        ))
    }
}

/// What analysts evaluate: all tables of the star but the programs' own.
fn clinical() -> Vec<&'static str> {
    let mut tables = Tables::NAMES.to_vec();
    tables.retain(|table| !table.starts_with("etl_"));
    tables.sort_unstable();
    tables
}

/// Each role sees and writes what is its own and nothing else; `of` gives its name.
fn assert_least_privilege(site: &Site, of: impl Fn(&str) -> String) {
    let (reads, writes) = ("SELECT", "INSERT, UPDATE");
    assert_eq!(site.allowed(&of("analyst"), reads), clinical());
    assert!(site.allowed(&of("analyst"), writes).is_empty());

    let monitored = site.allowed(&of("monitor"), reads);
    assert_eq!(monitored.len(), 6, "{monitored:?}");
    assert!(monitored.iter().all(|view| view.starts_with("etl_monitor_")), "{monitored:?}");
    assert!(site.allowed(&of("monitor"), writes).is_empty());

    let reader = site.allowed(&of("reader"), writes);
    assert_eq!(reader, ["etl_ids_gap", "etl_ids_progress", "etl_ids_reject"]);

    let mut core = Tables::NAMES.to_vec();
    core.sort_unstable();
    assert_eq!(site.allowed(&of("core"), writes), core);
    let removable = site.allowed(&of("core"), "DELETE, TRUNCATE");
    assert!(removable.contains(&"hospital_visit".to_owned()));
    assert!(!removable.iter().any(|table| table.ends_with("_audit")), "{removable:?}");
    assert!(!removable.contains(&"etl_message_reject".to_owned()), "{removable:?}");

    let retention = site.allowed(&of("retention"), "DELETE, TRUNCATE");
    assert_eq!(
        retention,
        ["etl_ids_reject", "etl_message_reject", "etl_per_message_logging", "etl_person_removal"]
    );
    for role in ["analyst", "monitor", "reader", "core", "retention"] {
        let may_create = format!("SELECT has_schema_privilege('{}', 'star', 'CREATE')", of(role));
        assert_eq!(site.sql(&may_create), "f", "{role}");
    }
    let foreign = format!(
        "SELECT relname FROM pg_class
         WHERE relnamespace = 'star'::regnamespace AND relkind IN ('r', 'v', 'S') AND relowner <> '{}'::regrole",
        of("owner")
    );
    assert!(site.lines(&foreign).is_empty());
}

fn emap_role(kind: &str) -> String {
    format!("emap_{kind}")
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_works_with_the_rights_of_their_role() {
    let site = Site::start();
    emap_ids::migrate(&site.url(USER), "ids").unwrap();
    site.done(USER, &["roles", "--apply"], &[]);
    site.done(USER, &["roles", "--store", "--apply"], &[]);
    site.migrate("emap_owner");
    assert_least_privilege(&site, emap_role);

    let mut rows: Vec<NewRow> = (0..20).map(admission).collect();
    rows[7].hl7_message = Some("no message at all".to_owned());
    IdsStore::connect(&site.url(USER), "ids").unwrap().append_batch(&rows).unwrap();
    let broker = Broker::new();
    for queue in [queues::HL7_QUEUE, queues::DATABASE_EXTRACTS, queues::EXTENSION_PROJECTS] {
        broker.declare(queue, 1000);
    }
    let transport = Transport::InProcess(broker);
    let (ids, star) = (site.url("emap_reader"), site.url("emap_reader"));
    let mut reader = ReaderSettings::between((&ids, "ids"), (&star, "star")).unwrap();
    reader.stop_when_drained = true;
    let read = read_and_publish(reader, Runtime::new(transport.clone()), |_| {}).await.unwrap();
    assert_eq!((read.published, read.rejected), (19, 1));

    let person = r#"{"@class": "uk.ac.ucl.rits.inform.interchange.adt.AdmitPatient", "mrn": "4100003"}"#;
    let deletion = r#"{"@class": "uk.ac.ucl.rits.inform.interchange.adt.DeletePersonInformation",
        "mrn": "4100003", "recordedDateTime": "2031-01-01T00:00:00Z", "sourceSystem": "EPIC"}"#;
    publish(&transport, &["cut off: mrn 4100003", person, deletion]).await;
    core(&site, &transport, 22).await;
    assert_eq!(site.sql("SELECT count(*) FROM hospital_visit"), "18");
    assert_eq!(site.sql("SELECT count(*) FROM hospital_visit_audit"), "1");
    assert_eq!(site.lines("SELECT body <> '' FROM etl_message_reject"), ["t", "t"]);

    let again = ReplaySettings::for_core(CoreSettings::for_database(site.database("emap_core")));
    let replayed = replay(again, Runtime::new(transport.clone())).await.unwrap();
    assert_eq!(replayed.rejects, 0, "what is left of a removed person is not sent again");
    assert_eq!(site.sql("SELECT count(*) FROM etl_message_reject WHERE body = ''"), "2");

    site.sql(
        "UPDATE etl_per_message_logging SET processing_end_time = now() - interval '3 days';
         UPDATE etl_ids_reject SET rejected_at = now() - interval '3 days'",
    );
    let retention = [("RETENTION_EFFECT_LOG_DAYS", "2"), ("RETENTION_IDS_REJECT_DAYS", "2")];
    let printed = site.done("emap_retention", &["retention"], &retention);
    assert!(printed.contains("effect log: 21 older than 2 days removed\n"), "{printed}");
    assert!(printed.contains("rejects of core: kept for ever\n"), "{printed}");
    assert!(printed.contains("rejects of the reader: 1 older than 2 days removed"), "{printed}");

    // A person in the group of analysts, and a monitoring system.
    site.sql("CREATE ROLE anna LOGIN IN ROLE emap_analyst");
    let ask = |role: &str, query: &str| {
        let psql = Command::new("psql").args(["-XqAtc", query, &site.url(role)]).output().unwrap();
        (psql.status.success(), String::from_utf8_lossy(&psql.stdout).trim().to_owned())
    };
    assert_eq!(ask("anna", "SELECT count(*) FROM star.hospital_visit"), (true, "18".to_owned()));
    for table in ["etl_message_reject", "etl_ids_reject", "etl_ids_progress", "etl_per_message_logging"] {
        assert!(!ask("anna", &format!("SELECT * FROM star.{table}")).0, "{table}");
        assert!(!ask("emap_monitor", &format!("SELECT * FROM star.{table}")).0, "{table}");
    }
    assert!(!ask("anna", "DELETE FROM star.hospital_visit").0);
    assert_eq!(
        ask("emap_monitor", "SELECT sum(rejects) FROM star.etl_monitor_reject"),
        (true, "2".to_owned())
    );
    assert!(!ask("emap_monitor", "SELECT * FROM star.mrn").0);
}

/// Tables that a later step creates, and their twins, have their rights at once; those of the programs' own as well.
#[test]
fn later_tables_have_their_rights() {
    let site = Site::start();
    site.done(USER, &["roles", "--apply"], &[]);
    site.migrate("emap_owner");
    site.sql(
        "DROP TABLE advance_decision, advance_decision_audit, etl_person_removal, etl_ids_reject CASCADE;
         DELETE FROM __diesel_schema_migrations; DELETE FROM __emap_progress_migrations",
    );
    site.migrate("emap_owner");
    assert_least_privilege(&site, emap_role);
}

/// Before or after the switch, whichever comes first.
#[test]
fn analysts_may_read_the_views_of_a_switch_as_they_may_the_tables() {
    let site = Site::start();
    let may = |view: &str| {
        site.sql(&format!("SELECT has_table_privilege('emap_analyst', 'shown.{view}', 'SELECT')"))
    };
    site.done(USER, &["roles", "--apply"], &[]);
    site.migrate("emap_owner");
    let switch = || site.done(USER, &["switch", "star", "--views", "shown"], &[]);
    switch();
    site.sql("CREATE ROLE anna LOGIN IN ROLE emap_analyst");
    let anna =
        Command::new("psql").args(["-XqAtc", "SELECT count(*) FROM shown.mrn", &site.url("anna")]).output();
    assert_eq!(String::from_utf8_lossy(&anna.unwrap().stdout).trim(), "0");
    assert_eq!((may("hospital_visit_audit").as_str(), may("etl_per_message_logging").as_str()), ("t", "f"));
    // What an administrator takes away stays away at a switch, until the roles are set anew.
    site.sql("REVOKE SELECT ON shown.mrn FROM emap_analyst");
    switch();
    assert_eq!(may("mrn"), "f");
    site.sql("REVOKE USAGE ON SCHEMA shown FROM emap_analyst");
    site.done(USER, &["roles", "--apply"], &[]);
    assert_eq!((may("mrn").as_str(), may("etl_per_message_logging").as_str()), ("t", "f"));
    assert_eq!(site.sql("SELECT has_schema_privilege('emap_analyst', 'shown', 'USAGE')"), "t");
}

#[test]
fn a_schema_that_is_there_is_taken_over_and_roles_may_have_any_name() {
    let site = Site::start();
    site.migrate(USER);
    site.sql("CREATE ROLE curious; GRANT SELECT ON ALL TABLES IN SCHEMA star TO public");
    site.sql("CREATE TABLE notes_of_the_ward (note text)");
    let kinds = ["owner", "core", "reader", "analyst", "monitor", "retention"];
    let name = |kind: &str| format!("Star {kind}'s");
    let options: Vec<String> = kinds.iter().map(|kind| format!("--{kind}={}", name(kind))).collect();
    let mut arguments = vec!["roles", "--apply"];
    arguments.extend(options.iter().map(String::as_str));
    for _ in 0..2 {
        site.done(USER, &arguments, &[]);
        let open: Vec<String> = site.allowed("curious", "SELECT");
        assert!(!open.iter().any(|table| table.starts_with("etl_") || table.starts_with("__")), "{open:?}");
    }
    site.sql("REVOKE ALL ON ALL TABLES IN SCHEMA star FROM public");
    let quoted = |kind: &str| name(kind).replace('\'', "''");
    assert_least_privilege(&site, |kind| {
        if kind == "owner" { format!("\"{}\"", quoted(kind)) } else { quoted(kind) }
    });
    let printed = site.done(USER, &["roles", "--core=o'hara"], &[]);
    assert!(printed.contains("'o''hara'") && printed.contains("\"o'hara\""), "{printed}");
}

fn admission(number: u32) -> NewRow {
    let at = format!("202603010830{:02}", number % 60);
    NewRow {
        hl7_message: Some(format!(
            "MSH|^~\\&|EPIC|TESTHOSP|||{at}||ADT^A01|{number}|T|2.5\r\
             EVN|A01|{at}||||{at}\r\
             PID|1||{}^^^HOSP^MRN||Teapot^Clara||19610904|F\r\
             PV1|1|I|W1^R2^B3||||||||||||||||{}|||||||||||||||||||||||||{at}\r",
            4_100_000 + number,
            990_000 + number,
        )),
        persist_datetime: Some("2026-03-01T08:30:00Z".parse().unwrap()),
        ..NewRow::default()
    }
}

async fn publish(transport: &Transport, bodies: &[&str]) {
    let settings = PublisherSettings { queue: queues::HL7_QUEUE.to_owned(), ..PublisherSettings::default() };
    let publisher = Publisher::start(transport.clone(), settings);
    let message = |(number, body): (usize, &&str)| Outgoing {
        correlation_id: number.to_string(),
        type_name: "",
        body: body.as_bytes().to_vec(),
    };
    let messages = bodies.iter().enumerate().map(message).collect();
    publisher.submit(Batch { id: String::new(), messages, on_confirmed: Box::new(|_| ()) }).await.unwrap();
    publisher.drain().await;
}

/// Core, which migrates nothing, until so many messages are settled.
async fn core(site: &Site, transport: &Transport, messages: u64) {
    let mut settings = CoreSettings::for_database(site.database("emap_core"));
    settings.migrate = false;
    let runtime = Runtime::new(transport.clone());
    let stop = runtime.cancel.clone();
    let until_done = move |tally: emap_core::Tally| {
        if tally.messages >= messages {
            stop.cancel();
        }
    };
    let running = emap_core::run(settings, runtime, until_done);
    tokio::time::timeout(PATIENCE, running).await.unwrap().unwrap();
}
