//! Look-ups by keys of several columns, and what is known without asking.

use diesel::RunQueryDsl;
use emap_star::{Row, RowState, Session, Subjects, rows::*};
use emap_test_support::database::fresh;

use crate::{at, mrn, on, open, visit};

/// A value of a kind during a visit at an hour.
fn observe(session: &mut Session, visit: i64, kind: i64, hour: u32) {
    let row = VisitObservation {
        visit_observation_id: session.next_id().unwrap(),
        stored_from: at(0),
        valid_from: at(0),
        comment: None,
        observation_datetime: at(hour),
        source_system: "EPIC".to_owned(),
        unit: None,
        value_as_date: None,
        value_as_real: Some(f64::from(hour)),
        value_as_text: None,
        hospital_visit_id: visit,
        visit_observation_type_id: kind,
    };
    session.save(RowState::created(row, at(0))).unwrap();
}

fn kind(session: &mut Session, code: &str) -> i64 {
    let id = session.next_id().unwrap();
    let row = VisitObservationType {
        visit_observation_type_id: id,
        stored_from: at(0),
        valid_from: at(0),
        creation_datetime: None,
        description: None,
        display_name: None,
        has_visit_observation: Some(true),
        id_in_application: None,
        interface_id: Some(code.to_owned()),
        is_real_time: Some(true),
        name: None,
        primary_data_type: None,
        source_observation_type: "flowsheet".to_owned(),
        standardised_code: None,
        standardised_vocabulary: None,
    };
    session.save(RowState::created(row, at(0))).unwrap();
    id
}

/// Two visits and two kinds, with a value of each pair at two hours. Gives the visits and the kinds.
fn observed(session: &mut Session) -> ([i64; 2], [i64; 2]) {
    session.begin_message(at(8));
    let patient = mrn(session, "M1");
    let mrn_id = patient.mrn_id;
    session.put(patient).unwrap();
    let visits = ["V1", "V2"].map(|encounter| {
        let row = visit(session, mrn_id, encounter);
        let id = row.hospital_visit_id;
        session.save(RowState::created(row, at(8))).unwrap();
        id
    });
    let kinds = ["K1", "K2"].map(|code| kind(session, code));
    for visit in visits {
        for kind in kinds {
            observe(session, visit, kind, 1);
            observe(session, visit, kind, 2);
        }
    }
    session.keep_message().unwrap();
    (visits, kinds)
}

fn key(hospital_visit_id: i64, visit_observation_type_id: i64, hour: u32) -> ObservationKey {
    ObservationKey { hospital_visit_id, visit_observation_type_id, observation_datetime: at(hour) }
}

#[test]
fn a_key_of_several_columns_finds_what_has_all_of_them() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    let (visits, kinds) = observed(&mut session);
    session.commit_batch().unwrap();

    session.begin_batch(&Subjects::default()).unwrap();
    let before = session.statements();
    let (there, also_there) = (key(visits[0], kinds[1], 2), key(visits[1], kinds[0], 1));
    let absent = key(visits[0], kinds[0], 3);
    session.prefetch::<ObservationByKey>([there.clone(), also_there.clone(), absent.clone()]).unwrap();
    assert_eq!(session.rows::<VisitObservation>().count(), 2, "nothing but what was asked for is read");
    for wanted in [there, also_there] {
        let row = session.find_one::<ObservationByKey>(&wanted).unwrap().unwrap();
        let columns = (row.hospital_visit_id, row.visit_observation_type_id, row.observation_datetime);
        assert_eq!(
            columns,
            (wanted.hospital_visit_id, wanted.visit_observation_type_id, wanted.observation_datetime)
        );
    }
    assert!(session.find_one::<ObservationByKey>(&absent).unwrap().is_none());
    assert_eq!(session.statements(), before + 1, "absent ones are known to be absent");
}

#[test]
fn a_row_that_changes_its_key_is_found_under_the_new_one() {
    let mut session = Session::in_memory();
    let (visits, kinds) = observed(&mut session);
    let (old, new) = (key(visits[0], kinds[0], 1), key(visits[0], kinds[0], 5));
    session.begin_message(at(9));
    let row = session.find_one::<ObservationByKey>(&old).unwrap().unwrap().clone();
    let mut row = RowState::existing(row, at(9));
    row.observation_datetime = at(5);
    session.save(row).unwrap();
    assert!(session.find_one::<ObservationByKey>(&old).unwrap().is_none());
    assert!(session.find_one::<ObservationByKey>(&new).unwrap().is_some());
    session.undo_message();
    assert!(session.find_one::<ObservationByKey>(&old).unwrap().is_some());
    assert!(session.find_one::<ObservationByKey>(&new).unwrap().is_none());
}

#[test]
fn what_refers_to_a_row_of_this_batch_is_known_without_asking() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    let (visits, _) = observed(&mut session);
    let before = session.statements();
    assert!(session.is_new::<HospitalVisit>(visits[0]));
    assert_eq!(session.children::<HospitalVisit, ObservationByVisit>(visits[0]).unwrap().len(), 4);
    assert!(session.children::<HospitalVisit, FormByVisit>(visits[0]).unwrap().is_empty());
    assert_eq!(session.statements(), before);
    session.commit_batch().unwrap();

    session.begin_batch(&Subjects::default()).unwrap();
    assert!(!session.is_new::<HospitalVisit>(visits[0]));
    assert_eq!(session.children::<HospitalVisit, ObservationByVisit>(visits[0]).unwrap().len(), 4);
    assert_eq!(session.statements(), before + 1);
}

#[test]
fn a_confirmed_row_holds_from_the_confirmation_and_an_unconfirmed_one_as_before() {
    let database = fresh();
    let mut session = on(&database);
    session.begin_batch(&Subjects::default()).unwrap();
    let (visits, kinds) = observed(&mut session);
    let key = key(visits[0], kinds[0], 1);
    for (hour, confirmed) in [(9, false), (10, true), (10, true), (11, false)] {
        session.begin_message(at(hour));
        let row = session.find_one::<ObservationByKey>(&key).unwrap().unwrap().clone();
        let mut row = RowState::existing(row, at(hour));
        if confirmed {
            row.confirm();
        }
        session.save(row).unwrap();
        session.keep_message().unwrap();
    }
    let id = session.find_one::<ObservationByKey>(&key).unwrap().unwrap().id();
    session.commit_batch().unwrap();
    let mut connection = open(&database);
    assert_eq!(VisitObservation::load(&mut connection, &[id]).unwrap()[0].valid_from, at(10));
    let former: Vec<VisitObservationAudit> = visit_observation_audit::table.load(&mut connection).unwrap();
    let former: Vec<_> = former.iter().map(|row| (row.valid_from, row.valid_until)).collect();
    assert_eq!(former, [(at(0), Some(at(10)))]);
}

#[test]
fn a_kept_place_is_read_again_only_where_that_is_asked_for_and_never_over_a_change() {
    let database = fresh();
    database.execute("INSERT INTO location (location_id, location_string) VALUES (-1, 'W1'), (-2, 'W2')");
    let mut session = on(&database);
    let keys = ["W1", "W2"].map(str::to_owned);
    session.begin_batch(&Subjects::default()).unwrap();
    session.prefetch::<LocationByString>(keys.clone()).unwrap();
    session.commit_batch().unwrap();
    // Another process learns which department the places belong to.
    database.execute(
        "INSERT INTO department (department_id, internal_id) VALUES (-3, 7), (-4, 8);
         UPDATE location SET department_id = -3",
    );

    session.begin_batch(&Subjects::default()).unwrap();
    session.prefetch::<LocationByString>(keys.clone()).unwrap();
    let department = |session: &mut Session, key: &String| {
        session.find_one::<LocationByString>(key).unwrap().unwrap().department_id
    };
    assert_eq!(department(&mut session, &keys[0]), None, "kept");
    session.begin_message(at(8));
    let changed = session.find_one::<LocationByString>(&keys[1]).unwrap().unwrap().clone();
    session.put(Location { department_id: Some(-4), ..changed }).unwrap();
    session.keep_message().unwrap();
    session.prefetch_anew::<LocationByString>(keys.clone()).unwrap();
    assert_eq!(keys.each_ref().map(|key| department(&mut session, key)), [Some(-3), Some(-4)]);
    session.commit_batch().unwrap();
    let stored = Location::load(&mut open(&database), &[-1, -2]).unwrap();
    assert_eq!(stored.iter().map(|row| row.department_id).collect::<Vec<_>>(), [Some(-4), Some(-3)]);
}
