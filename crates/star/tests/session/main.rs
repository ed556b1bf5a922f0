//! The unit of work: identity map, look-ups, journal, audit, flush.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod commits;
mod dependents;
mod lookups;
mod sequences;
mod several;

use chrono::{DateTime, Utc};
use diesel::{PgConnection, RunQueryDsl, connection::SimpleConnection};
use emap_postgres::ErrorClass;
use emap_star::{
    Batch, Id, Instant, MessageScope, Row, RowState, Session, SessionError, Subject, Subjects, rows::*,
};
use emap_test_support::database::{Database, fresh};

fn at(hour: u32) -> Instant {
    format!("2031-03-02T{hour:02}:00:00Z").parse::<DateTime<Utc>>().unwrap()
}

fn open(database: &Database) -> PgConnection {
    emap_star::connect(&database.url(), database.schema()).unwrap()
}

fn on(database: &Database) -> Session {
    Session::on_database(open(database)).unwrap()
}

fn begin(session: &mut Session) -> Batch<'_> {
    session.begin(&Subjects::default()).unwrap()
}

fn mrn(scope: &mut MessageScope<'_>, text: &str) -> Mrn {
    let stored_from = scope.stored_from();
    Mrn {
        mrn: Some(text.to_owned()),
        source_system: Some("EPIC".to_owned()),
        ..Mrn::new(scope.next_id().unwrap(), false, stored_from)
    }
}

fn visit(scope: &mut MessageScope<'_>, mrn_id: MrnId, encounter: &str) -> HospitalVisit {
    HospitalVisit::new(scope.next_id().unwrap(), encounter.to_owned(), "EPIC".to_owned(), mrn_id)
}

/// One message that creates a patient with a visit.
fn create(batch: &mut Batch<'_>, number: &str, hour: u32) {
    let mut scope = batch.message(at(hour));
    let patient = mrn(&mut scope, number);
    let visit = visit(&mut scope, patient.mrn_id, number);
    scope.put(patient).unwrap();
    scope.save(RowState::created(visit, at(hour))).unwrap();
    scope.keep().unwrap();
}

/// One message that gives a visit a class.
fn classify(batch: &mut Batch<'_>, encounter: &str, class: &str, hour: u32) {
    let mut scope = batch.message(at(hour));
    give_class(&mut scope, encounter, Some(class), hour);
    scope.keep().unwrap();
}

fn give_class(scope: &mut MessageScope<'_>, encounter: &str, class: Option<&str>, hour: u32) {
    let row = scope.find_one::<VisitByEncounter>(&encounter.to_owned()).unwrap().unwrap().clone();
    let mut row = RowState::existing(row, at(hour));
    row.patient_class = class.map(str::to_owned);
    scope.save(row).unwrap();
}

#[test]
fn what_a_batch_did_is_there_for_the_next_session() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = session.begin(&Subjects { mrns: vec!["M1".to_owned()], ..Subjects::default() }).unwrap();
    create(&mut batch, "M1", 8);
    classify(&mut batch, "M1", "INPATIENT", 9);
    batch.flush().unwrap().commit().unwrap();

    let mut session = on(&database);
    let mut batch = begin(&mut session);
    classify(&mut batch, "M1", "DAY_CASE", 10);
    classify(&mut batch, "M1", "DAY_CASE", 11);
    batch.flush().unwrap().commit().unwrap();

    let mut connection = open(&database);
    let visits: Vec<HospitalVisit> = hospital_visit::table.load(&mut connection).unwrap();
    assert_eq!(visits[0].patient_class.as_deref(), Some("DAY_CASE"));
    assert_eq!((visits[0].valid_from, visits[0].stored_from), (at(10), at(10)));
    let mut former: Vec<HospitalVisitAudit> = hospital_visit_audit::table.load(&mut connection).unwrap();
    former.sort_by_key(|row| row.stored_until);
    let versions: Vec<_> = former
        .iter()
        .map(|row| {
            (
                row.patient_class.as_deref(),
                row.valid_from,
                row.valid_until.unwrap(),
                row.stored_until.unwrap(),
            )
        })
        .collect();
    assert_eq!(versions, [(None, at(8), at(9), at(9)), (Some("INPATIENT"), at(9), at(10), at(10))]);
    assert!(former.iter().all(|row| row.hospital_visit_id == visits[0].hospital_visit_id));
}

#[test]
fn an_undone_message_leaves_no_trace() {
    let database = fresh();
    for mut session in [Session::in_memory(), on(&database)] {
        let mut batch = begin(&mut session);
        create(&mut batch, "M1", 8);
        classify(&mut batch, "M1", "INPATIENT", 9);
        let before: Vec<HospitalVisit> = batch.rows().cloned().collect();

        let mut scope = batch.message(at(10));
        let key = "M1".to_owned();
        let mut renamed = scope.find_one::<MrnByMrn>(&key).unwrap().unwrap().clone();
        renamed.mrn = Some("M2".to_owned());
        scope.put(renamed).unwrap();
        scope.delete::<HospitalVisit>(before[0].hospital_visit_id, at(10));
        assert!(scope.find_one::<VisitByEncounter>(&key).unwrap().is_none());
        scope.undo();

        assert!(batch.find_one::<MrnByMrn>(&key).unwrap().is_some());
        assert!(batch.find_one::<MrnByMrn>(&"M2".to_owned()).unwrap().is_none());
        assert_eq!(batch.find_one::<VisitByEncounter>(&key).unwrap(), before.first());
        batch.flush().unwrap().commit().unwrap();
    }
}

#[test]
fn a_row_changed_twice_by_one_message_has_one_former_version() {
    let mut session = Session::in_memory();
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    let mut scope = batch.message(at(9));
    for class in [Some("INPATIENT"), Some("DAY_CASE")] {
        give_class(&mut scope, "M1", class, 9);
    }
    scope.keep().unwrap();
    let former: Vec<&HospitalVisitAudit> = batch.rows().collect();
    assert_eq!(former.len(), 1);
    assert_eq!(former[0].patient_class, None);
}

#[test]
fn a_row_changed_back_by_the_same_message_is_as_it_was() {
    let mut session = Session::in_memory();
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    let before: Vec<HospitalVisit> = batch.rows().cloned().collect();
    let mut scope = batch.message(at(9));
    for class in [Some("INPATIENT"), None] {
        give_class(&mut scope, "M1", class, 9);
    }
    scope.keep().unwrap();
    assert_eq!(batch.rows::<HospitalVisit>().cloned().collect::<Vec<_>>(), before);
    assert_eq!(batch.rows::<HospitalVisitAudit>().count(), 0);
}

#[test]
fn a_deleted_row_is_audited_and_gone_and_can_come_again_in_the_same_batch() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    batch.flush().unwrap().commit().unwrap();

    let mut batch = begin(&mut session);
    let mut scope = batch.message(at(9));
    let row = scope.find_one::<VisitByEncounter>(&"M1".to_owned()).unwrap().unwrap().clone();
    scope.delete::<HospitalVisit>(row.hospital_visit_id, at(9));
    scope.keep().unwrap();
    let mut scope = batch.message(at(10));
    let again = visit(&mut scope, row.mrn_id, "M1");
    scope.save(RowState::created(again, at(10))).unwrap();
    scope.keep().unwrap();
    batch.flush().unwrap().commit().unwrap();

    let mut connection = open(&database);
    let visits: Vec<HospitalVisit> = hospital_visit::table.load(&mut connection).unwrap();
    assert_eq!(visits.len(), 1);
    assert_ne!(visits[0].hospital_visit_id, row.hospital_visit_id);
    let former: Vec<HospitalVisitAudit> = hospital_visit_audit::table.load(&mut connection).unwrap();
    assert_eq!(former[0].hospital_visit_id, row.hospital_visit_id);
    assert_eq!(former[0].valid_until, Some(at(9)));
}

#[test]
fn known_and_absent_keys_cost_one_query() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    batch.flush().unwrap().commit().unwrap();
    let mut batch = begin(&mut session);
    let before = batch.statements();
    let keys = ["M1", "M2", "M3"].map(str::to_owned);
    batch.prefetch::<VisitByEncounter>(keys.clone()).unwrap();
    for key in &keys {
        assert_eq!(batch.find::<VisitByEncounter>(key).unwrap().len(), usize::from(key == "M1"));
    }
    assert_eq!(batch.statements() - before, 1);
    batch.abandon();
}

#[test]
fn an_abandoned_batch_stored_nothing_and_the_session_goes_on() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    batch.abandon();
    assert!(session.is_alive());
    let mut batch = begin(&mut session);
    assert!(batch.find::<MrnByMrn>(&"M1".to_owned()).unwrap().is_empty());
    create(&mut batch, "M2", 8);
    batch.flush().unwrap().commit().unwrap();
    assert_eq!(mrn_rows::table.load::<Mrn>(&mut open(&database)).unwrap().len(), 1);
}

#[test]
fn a_conflict_fails_the_flush_and_not_the_session() {
    let database = fresh();
    let (mut first, mut second) = (on(&database), on(&database));
    let mut late = begin(&mut second);
    assert!(late.find::<MrnByMrn>(&"M1".to_owned()).unwrap().is_empty());
    let mut batch = begin(&mut first);
    create(&mut batch, "M1", 8);
    batch.flush().unwrap().commit().unwrap();
    create(&mut late, "M1", 8);
    let error = late.flush().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Conflict);
    assert!(matches!(error, SessionError::Database(_)));
    let mut batch = begin(&mut second);
    assert_eq!(batch.find::<MrnByMrn>(&"M1".to_owned()).unwrap().len(), 1);
}

#[test]
fn places_are_kept_from_batch_to_batch_but_not_that_they_are_absent() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    let mut scope = batch.message(at(8));
    let id = scope.next_id().unwrap();
    scope.put(Location::new(id, "W1^R^B".to_owned())).unwrap();
    scope.keep().unwrap();
    assert!(batch.find::<LocationByString>(&"W2^R^B".to_owned()).unwrap().is_empty());
    batch.flush().unwrap().commit().unwrap();

    open(&database)
        .batch_execute("INSERT INTO location (location_id, location_string) VALUES (-1, 'W2^R^B')")
        .unwrap();
    let mut batch = begin(&mut session);
    let before = batch.statements();
    assert_eq!(batch.find::<LocationByString>(&"W1^R^B".to_owned()).unwrap()[0].location_id, id);
    assert_eq!(batch.statements(), before, "the known place costs no query");
    assert_eq!(batch.find::<LocationByString>(&"W2^R^B".to_owned()).unwrap()[0].location_id, Id::new(-1));
    batch.abandon();
}

fn visits(encounters: &[&str]) -> Subjects {
    Subjects { encounters: encounters.iter().map(|&e| e.to_owned()).collect(), ..Subjects::default() }
}

#[test]
fn processes_wait_for_each_other_where_they_share_a_subject() {
    let database = fresh();
    let mut first = on(&database);
    let first = first.begin(&visits(&["A", "B"])).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut second = on(&database);
    let waiting = std::thread::spawn(move || {
        let batch = second.begin(&visits(&["C", "B"])).unwrap();
        sender.send(()).unwrap();
        batch.abandon();
    });
    on(&database).begin(&visits(&["D"])).unwrap().abandon();
    assert!(receiver.recv_timeout(std::time::Duration::from_millis(200)).is_err(), "B is taken");
    first.flush().unwrap().commit().unwrap();
    receiver.recv_timeout(std::time::Duration::from_secs(20)).unwrap();
    waiting.join().unwrap();
}

#[test]
fn all_numbers_of_a_patient_are_one_subject() {
    let database = fresh();
    database.execute(
        "INSERT INTO mrn (mrn_id, mrn, nhs_number, stored_from)
           VALUES (-1, 'OLD', 'N1', '2030-01-01Z'), (-2, 'NEW', NULL, '2030-01-01Z');
         INSERT INTO mrn_to_live (mrn_to_live_id, mrn_id, live_mrn_id, valid_from, stored_from)
           VALUES (-3, -1, -2, '2030-01-01Z', '2030-01-01Z'), (-4, -2, -2, '2030-01-01Z', '2030-01-01Z')",
    );
    let one = |mrn: &str| Subjects { mrns: vec![mrn.to_owned()], ..Subjects::default() };
    let nhs_number = Subjects { nhs_numbers: vec!["N1".to_owned()], ..Subjects::default() };
    for subjects in [one("OLD"), one("NEW"), nhs_number] {
        let mut session = on(&database);
        let batch = session.begin(&subjects).unwrap();
        assert!(batch.has_locked(Subject::Patient(Id::new(-2))), "{subjects:?}");
        batch.abandon();
    }
    let strangers = Subjects {
        mrns: vec!["M1".to_owned(), "M1".to_owned()],
        nhs_numbers: vec!["N2".to_owned()],
        encounters: vec!["V1".to_owned()],
        departments: vec![7],
        ..Subjects::default()
    };
    let mut session = on(&database);
    let batch = session.begin(&strangers).unwrap();
    let named =
        [Subject::Mrn("M1"), Subject::NhsNumber("N2"), Subject::Encounter("V1"), Subject::Department(7)];
    for subject in named {
        assert!(batch.has_locked(subject));
    }
    assert!(!batch.has_locked(Subject::Patient(Id::new(-2))) && !batch.has_locked(Subject::Mrn("N2")));
    batch.abandon();
}

fn agrees<R: Row>(connection: &mut PgConnection) {
    assert_eq!(R::load(connection, &[Id::new(-1)]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE)), []);
    let empty = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0\xFF\xFF";
    R::insert(connection, empty).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
    R::update(connection, &[]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
    R::delete(connection, &[]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
}

/// Every row struct must fit its table: names, types and null-ness of all columns.
#[test]
fn row_structs_agree_with_the_migrations() {
    let database = fresh();
    let mut connection = open(&database);
    macro_rules! check {
        ($($_table:ident: $row:ident $(=> $_twins:ident: $twin:ident)?,)*) => {
            $(agrees::<$row>(&mut connection); $(agrees::<$twin>(&mut connection);)?)*
        };
    }
    emap_star::for_each_table!(check);
}

/// What is compared or shown needs names that do not change from database to database.
#[test]
fn every_table_says_what_its_rows_are_known_by() {
    let mut silent = Vec::new();
    macro_rules! check {
        ($($_table:ident: $row:ident $(=> $_twins:ident: $twin:ident)?,)*) => {
            $(if emap_star::known_by(<$row as Row>::TABLE).is_empty() {
                silent.push(<$row as Row>::TABLE);
            })*
        };
    }
    emap_star::for_each_table!(check);
    // Nothing refers to the records of what was done with messages.
    assert_eq!(silent, ["etl_per_message_logging", "etl_message_reject", "etl_person_removal"]);
    assert_eq!(emap_star::known_by("mrn"), [["mrn"], ["nhs_number"]]);
    assert_eq!(emap_star::known_by("bed_facility"), [["bed_state_id", "type"]]);
}
