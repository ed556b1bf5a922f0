//! The ledger over real tables.

use diesel::PgConnection;
use emap_ids::ProgressStore;
use emap_test_support::{
    database::{self, Database},
    faults::ledger::{
        balance::{Account, Messages, gaps, row_counts},
        history::{Flaw, flaws},
        tables::{Tables, Which},
    },
};

const ADMIT: &str = "AdmitPatient";

/// A star database with the reader's tables and a message store beside it, as the programs make them.
fn site() -> (Database, PgConnection) {
    let database = database::fresh();
    emap_ids::migrate(&database.url(), "ids").unwrap();
    ProgressStore::connect(&database.url(), "star").unwrap();
    database.execute(
        "INSERT INTO ids.tbl_ids_master (unid) SELECT generate_series(1, 6); \
         INSERT INTO etl_ids_progress (id, last_processed_ids_unid) VALUES (0, 5) \
         ON CONFLICT (id) DO UPDATE SET last_processed_ids_unid = 5; \
         INSERT INTO etl_ids_reject (unid, reason, rejected_at) VALUES (3, 'PID-3 is missing', now())",
    );
    let connection = database.connection();
    (database, connection)
}

fn log(database: &Database, source_id: &str, error: bool) {
    database.execute(&format!(
        "INSERT INTO etl_per_message_logging (id, source_id, message_type, error) \
         VALUES (nextval('hibernate_sequence'), '{source_id}', '{ADMIT}', {error})"
    ));
}

fn reject(database: &Database, source_id: &str) {
    database.execute(&format!(
        "INSERT INTO etl_message_reject (etl_message_reject_id, source_id, message_type, queue, reason, body, rejected_at) \
         VALUES (nextval('hibernate_sequence'), '{source_id}', '{ADMIT}', 'hl7Queue', 'no', '', now())"
    ));
}

#[test]
fn the_account_is_read_from_store_star_and_queue() {
    let (database, mut star) = site();
    let mut store = database.connection();
    let mut expected = Messages::new();
    for unid in [1, 2, 3, 4, 5, 6] {
        expected.add(format!("000000000{unid}"), ADMIT);
    }
    // 1 is logged twice, 2 has failed and is kept, 3 was refused by the reader, 4 is queued, 5 is nowhere.
    log(&database, "0000000001", false);
    log(&database, "0000000001", false);
    log(&database, "0000000002", true);
    reject(&database, "0000000002");
    let body = format!("{{\"@class\":\"{ADMIT}\",\"sourceMessageId\":\"0000000004\"}}");
    let queued = Messages::of_bodies(&[body.into_bytes()]);
    let mut read = |queued| {
        Account::read(&mut store, "ids", &mut star, "star", "star", queued).unwrap().balance(&expected, true)
    };
    let balance = read(queued.clone());
    let lost: Vec<_> = balance.lost.iter().map(|(key, _)| key.source_id.as_str()).collect();
    assert_eq!((lost, balance.twice, balance.stuck.as_slice()), (vec!["0000000005"], 1, &[6][..]));
    assert_eq!((balance.logged, balance.rejected, balance.queued, balance.refused), (2, 1, 1, 1));
    assert!(!balance.is_kept());
    // 5 comes late, and the reader passes 6, which is logged.
    log(&database, "0000000005", false);
    log(&database, "0000000006", false);
    database.execute("UPDATE etl_ids_progress SET last_processed_ids_unid = 6");
    assert!(read(queued.clone()).is_kept());
    // A failure that is not kept.
    log(&database, "0000000006", true);
    assert_eq!(read(queued).failed_and_not_kept, 1);
}

#[test]
fn gaps_and_numbers_of_rows_are_found() {
    let (database, mut star) = site();
    database.execute("DELETE FROM ids.tbl_ids_master WHERE unid IN (2, 4, 5)");
    assert_eq!(gaps(&mut star, "ids").unwrap(), [(2, 2), (4, 5)]);
    let counts = |schema| row_counts(&mut database.connection(), schema).unwrap();
    assert!(counts("ids").contains(&("tbl_ids_master".to_owned(), 3)), "{:?}", counts("ids"));
    assert!(counts("star").len() > 60, "{:?}", counts("star"));
}

/// A patient with a visit and its former version; `first`: the first primary key.
fn patient(database: &Database, mrn: &str, class: &str, stored: &str, first: i64) {
    let (visit, twin) = (first + 1, first + 2);
    database.execute(&format!(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from) VALUES ({first}, '{mrn}', 'EPIC', '{stored}'); \
         INSERT INTO hospital_visit (hospital_visit_id, mrn_id, encounter, patient_class, source_system, valid_from, \
             stored_from) \
         VALUES ({visit}, {first}, 'V{mrn}', '{class}', 'EPIC', '2026-01-02Z', '{stored}'); \
         INSERT INTO hospital_visit_audit (hospital_visit_audit_id, hospital_visit_id, mrn_id, encounter, \
             source_system, valid_from, valid_until, stored_from, stored_until) \
         VALUES ({twin}, {visit}, {first}, 'V{mrn}', 'EPIC', '2026-01-01Z', '2026-01-02Z', \
             timestamptz '{stored}' - interval '1 s', '{stored}')"
    ));
}

#[test]
fn two_schemas_are_equal_but_for_keys_and_times_of_processing() {
    let (one, two) = (database::fresh(), database::fresh());
    patient(&one, "40800001", "INPATIENT", "2026-02-01Z", 1);
    patient(&one, "40800002", "INPATIENT", "2026-02-01Z", 11);
    patient(&two, "40800002", "INPATIENT", "2026-03-01Z", 1);
    patient(&two, "40800001", "INPATIENT", "2026-03-02Z", 11);
    let read =
        |database: &Database| Tables::read(&mut database.connection(), "star", emap_star::known_by).unwrap();
    assert_eq!(read(&one).count(), 6);
    assert_eq!(read(&one).differences(&read(&two)), []);
    // A visit of the wrong patient, and a version more.
    two.execute("UPDATE hospital_visit SET mrn_id = 1 WHERE encounter = 'V40800001'");
    two.execute(
        "INSERT INTO mrn (mrn_id, mrn, source_system, stored_from) VALUES (99, '40800003', 'EPIC', now())",
    );
    let differences = read(&one).differences(&read(&two));
    let found: Vec<_> =
        differences.iter().map(|difference| (difference.table.as_str(), difference.only_in)).collect();
    assert_eq!(
        found,
        [("hospital_visit", Which::First), ("hospital_visit", Which::Second), ("mrn", Which::Second)]
    );
    assert!(differences[0].row.contains("mrn_id: mrn 40800001"), "{}", differences[0].row);
}

#[test]
fn a_history_with_a_gap_is_found() {
    let database = database::fresh();
    patient(&database, "40800001", "INPATIENT", "2026-02-01Z", 1);
    let mut connection = database.connection();
    assert_eq!(flaws(&mut connection, "star").unwrap(), []);
    database.execute("UPDATE hospital_visit SET stored_from = '2026-02-02Z'");
    let found = flaws(&mut connection, "star").unwrap();
    assert_eq!(found.len(), 1);
    assert_eq!((found[0].table.as_str(), found[0].id, found[0].flaw), ("hospital_visit", 2, Flaw::StoredGap));
    // Periods of a place.
    database.execute(
        "INSERT INTO department (department_id, hl7string, internal_id, name) VALUES (20, 'ED', 1, 'ED'); \
         INSERT INTO department_state (department_state_id, department_id, status, valid_from, stored_from) \
         VALUES (21, 20, 'Active', '2026-01-01Z', '2026-01-01Z'), (22, 20, 'Active', '2026-01-02Z', '2026-01-02Z')",
    );
    let found = flaws(&mut connection, "star").unwrap();
    assert!(found.iter().any(|finding| finding.flaw == Flaw::SeveralOpen), "{found:?}");
}
