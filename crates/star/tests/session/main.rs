//! The unit of work: identity map, look-ups, journal, audit, flush.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod dependents;
mod lookups;

use chrono::{DateTime, Utc};
use diesel::{PgConnection, RunQueryDsl, connection::SimpleConnection};
use emap_star::{Instant, Row, RowState, Session, SessionError, Subject, Subjects, rows::*};
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

fn mrn(session: &mut Session, text: &str) -> Mrn {
    Mrn {
        mrn_id: session.next_id().unwrap(),
        mrn: Some(text.to_owned()),
        nhs_number: None,
        research_opt_out: false,
        source_system: Some("EPIC".to_owned()),
        stored_from: session.stored_from(),
    }
}

fn visit(session: &mut Session, mrn_id: i64, encounter: &str) -> HospitalVisit {
    HospitalVisit {
        hospital_visit_id: session.next_id().unwrap(),
        stored_from: session.stored_from(),
        valid_from: at(0),
        admission_datetime: None,
        arrival_method: None,
        discharge_datetime: None,
        discharge_destination: None,
        discharge_disposition: None,
        encounter: encounter.to_owned(),
        patient_class: None,
        presentation_datetime: None,
        source_system: "EPIC".to_owned(),
        mrn_id,
    }
}

/// One message that creates a patient with a visit.
fn create(session: &mut Session, number: &str, hour: u32) {
    session.begin_message(at(hour));
    let patient = mrn(session, number);
    let visit = visit(session, patient.mrn_id, number);
    session.put(patient).unwrap();
    session.save(RowState::created(visit, at(hour))).unwrap();
    session.keep_message().unwrap();
}

/// One message that gives a visit a class.
fn classify(session: &mut Session, encounter: &str, class: &str, hour: u32) {
    session.begin_message(at(hour));
    let row = session.find_one::<VisitByEncounter>(&encounter.to_owned()).unwrap().unwrap().clone();
    let mut row = RowState::existing(row, at(hour));
    row.patient_class = Some(class.to_owned());
    session.save(row).unwrap();
    session.keep_message().unwrap();
}

#[test]
fn what_a_batch_did_is_there_for_the_next_session() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects { mrns: vec!["M1".to_owned()], ..Subjects::default() }).unwrap();
    create(&mut session, "M1", 8);
    classify(&mut session, "M1", "INPATIENT", 9);
    session.commit_batch().unwrap();

    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    classify(&mut session, "M1", "DAY_CASE", 10);
    classify(&mut session, "M1", "DAY_CASE", 11);
    session.commit_batch().unwrap();

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
        session.begin_batch(&Subjects::default()).unwrap();
        create(&mut session, "M1", 8);
        classify(&mut session, "M1", "INPATIENT", 9);
        let before: Vec<HospitalVisit> = session.rows().cloned().collect();

        session.begin_message(at(10));
        let key = "M1".to_owned();
        let mut renamed = session.find_one::<MrnByMrn>(&key).unwrap().unwrap().clone();
        renamed.mrn = Some("M2".to_owned());
        session.put(renamed).unwrap();
        session.delete::<HospitalVisit>(before[0].hospital_visit_id, at(10));
        assert!(session.find_one::<VisitByEncounter>(&key).unwrap().is_none());
        session.undo_message();

        assert!(session.find_one::<MrnByMrn>(&key).unwrap().is_some());
        assert!(session.find_one::<MrnByMrn>(&"M2".to_owned()).unwrap().is_none());
        assert_eq!(session.find_one::<VisitByEncounter>(&key).unwrap(), before.first());
        session.commit_batch().unwrap();
    }
}

#[test]
fn a_row_changed_twice_by_one_message_has_one_former_version() {
    let mut session = Session::in_memory();
    create(&mut session, "M1", 8);
    session.begin_message(at(9));
    for class in ["INPATIENT", "DAY_CASE"] {
        let row = session.find_one::<VisitByEncounter>(&"M1".to_owned()).unwrap().unwrap().clone();
        let mut row = RowState::existing(row, at(9));
        row.patient_class = Some(class.to_owned());
        session.save(row).unwrap();
    }
    session.keep_message().unwrap();
    let former: Vec<&HospitalVisitAudit> = session.rows().collect();
    assert_eq!(former.len(), 1);
    assert_eq!(former[0].patient_class, None);
}

#[test]
fn a_row_changed_back_by_the_same_message_is_as_it_was() {
    let mut session = Session::in_memory();
    create(&mut session, "M1", 8);
    let before: Vec<HospitalVisit> = session.rows().cloned().collect();
    session.begin_message(at(9));
    for class in [Some("INPATIENT"), None] {
        let row = session.find_one::<VisitByEncounter>(&"M1".to_owned()).unwrap().unwrap().clone();
        let mut row = RowState::existing(row, at(9));
        row.patient_class = class.map(str::to_owned);
        session.save(row).unwrap();
    }
    session.keep_message().unwrap();
    assert_eq!(session.rows::<HospitalVisit>().cloned().collect::<Vec<_>>(), before);
    assert_eq!(session.rows::<HospitalVisitAudit>().count(), 0);
}

#[test]
fn a_deleted_row_is_audited_and_gone_and_can_come_again_in_the_same_batch() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    create(&mut session, "M1", 8);
    session.commit_batch().unwrap();

    session.begin_batch(&Subjects::default()).unwrap();
    session.begin_message(at(9));
    let row = session.find_one::<VisitByEncounter>(&"M1".to_owned()).unwrap().unwrap().clone();
    session.delete::<HospitalVisit>(row.hospital_visit_id, at(9));
    session.keep_message().unwrap();
    session.begin_message(at(10));
    let again = visit(&mut session, row.mrn_id, "M1");
    session.save(RowState::created(again, at(10))).unwrap();
    session.keep_message().unwrap();
    session.commit_batch().unwrap();

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
    session.begin_batch(&Subjects::default()).unwrap();
    create(&mut session, "M1", 8);
    session.commit_batch().unwrap();
    session.begin_batch(&Subjects::default()).unwrap();
    let before = session.statements();
    let keys = ["M1", "M2", "M3"].map(str::to_owned);
    session.prefetch::<VisitByEncounter>(keys.clone()).unwrap();
    for key in &keys {
        assert_eq!(session.find::<VisitByEncounter>(key).unwrap().len(), usize::from(key == "M1"));
    }
    assert_eq!(session.statements() - before, 1);
    session.abandon_batch();
}

#[test]
fn an_abandoned_batch_stored_nothing_and_the_session_goes_on() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    create(&mut session, "M1", 8);
    session.abandon_batch();
    assert!(session.is_alive());
    session.begin_batch(&Subjects::default()).unwrap();
    assert!(session.find::<MrnByMrn>(&"M1".to_owned()).unwrap().is_empty());
    create(&mut session, "M2", 8);
    session.commit_batch().unwrap();
    assert_eq!(mrn_rows::table.load::<Mrn>(&mut open(&database)).unwrap().len(), 1);
}

#[test]
fn a_conflict_fails_the_flush_and_not_the_session() {
    let database = fresh();
    let (mut first, mut second) = (on(&database), on(&database));
    second.begin_batch(&Subjects::default()).unwrap();
    assert!(second.find::<MrnByMrn>(&"M1".to_owned()).unwrap().is_empty());
    first.begin_batch(&Subjects::default()).unwrap();
    create(&mut first, "M1", 8);
    first.commit_batch().unwrap();
    create(&mut second, "M1", 8);
    assert!(matches!(second.commit_batch(), Err(SessionError::Database(_))));
    second.abandon_batch();
    second.begin_batch(&Subjects::default()).unwrap();
    assert_eq!(second.find::<MrnByMrn>(&"M1".to_owned()).unwrap().len(), 1);
    second.abandon_batch();
}

#[test]
fn places_are_kept_from_batch_to_batch_but_not_that_they_are_absent() {
    let database = fresh();
    let place = |id: i64, text: &str| Location {
        location_id: id,
        location_string: text.to_owned(),
        department_id: None,
        room_id: None,
        bed_id: None,
    };
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    let id = session.next_id().unwrap();
    session.begin_message(at(8));
    session.put(place(id, "W1^R^B")).unwrap();
    session.keep_message().unwrap();
    assert!(session.find::<LocationByString>(&"W2^R^B".to_owned()).unwrap().is_empty());
    session.commit_batch().unwrap();

    open(&database)
        .batch_execute("INSERT INTO location (location_id, location_string) VALUES (-1, 'W2^R^B')")
        .unwrap();
    let before = session.statements();
    session.begin_batch(&Subjects::default()).unwrap();
    assert_eq!(session.find::<LocationByString>(&"W1^R^B".to_owned()).unwrap()[0].location_id, id);
    assert_eq!(session.statements(), before, "the known place costs no query");
    assert_eq!(session.find::<LocationByString>(&"W2^R^B".to_owned()).unwrap()[0].location_id, -1);
    session.abandon_batch();
}

fn visits(encounters: &[&str]) -> Subjects {
    Subjects { encounters: encounters.iter().map(|&e| e.to_owned()).collect(), ..Subjects::default() }
}

#[test]
fn processes_wait_for_each_other_where_they_share_a_subject() {
    let database = fresh();
    let mut first = on(&database);
    first.begin_batch(&visits(&["A", "B"])).unwrap();
    let (sender, receiver) = std::sync::mpsc::channel();
    let mut second = on(&database);
    let waiting = std::thread::spawn(move || {
        second.begin_batch(&visits(&["C", "B"])).unwrap();
        sender.send(()).unwrap();
        second.abandon_batch();
    });
    let mut third = on(&database);
    third.begin_batch(&visits(&["D"])).unwrap();
    third.abandon_batch();
    assert!(receiver.recv_timeout(std::time::Duration::from_millis(200)).is_err(), "B is taken");
    first.commit_batch().unwrap();
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
        session.begin_batch(&subjects).unwrap();
        assert!(session.has_locked(Subject::Patient(-2)), "{subjects:?}");
        session.abandon_batch();
    }
    let strangers = Subjects {
        mrns: vec!["M1".to_owned(), "M1".to_owned()],
        nhs_numbers: vec!["N2".to_owned()],
        encounters: vec!["V1".to_owned()],
        departments: vec![7],
    };
    let mut session = on(&database);
    session.begin_batch(&strangers).unwrap();
    let named =
        [Subject::Mrn("M1"), Subject::NhsNumber("N2"), Subject::Encounter("V1"), Subject::Department(7)];
    for subject in named {
        assert!(session.has_locked(subject));
    }
    assert!(!session.has_locked(Subject::Patient(-2)) && !session.has_locked(Subject::Mrn("N2")));
    session.abandon_batch();
}

fn agrees<R: Row>(connection: &mut PgConnection) {
    assert_eq!(R::load(connection, &[-1]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE)), []);
    let empty = b"PGCOPY\n\xFF\r\n\0\0\0\0\0\0\0\0\0\xFF\xFF";
    R::insert(connection, empty).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
    R::update(connection, &[]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
    R::delete(connection, &[-1]).unwrap_or_else(|e| panic!("{}: {e}", R::TABLE));
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
