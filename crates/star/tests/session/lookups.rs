//! Look-ups by keys of several columns, and what is known without asking.

use diesel::RunQueryDsl;
use emap_star::{Batch, ErrorClass, Id, MessageScope, Row, RowState, Session, rows::*};
use emap_test_support::database::fresh;

use crate::{at, begin, mrn, on, open, visit};

/// A value of a kind during a visit at an hour.
fn observe(scope: &mut MessageScope<'_>, visit: HospitalVisitId, kind: VisitObservationTypeId, hour: u32) {
    let id = scope.next_id().unwrap();
    let row = VisitObservation {
        value_as_real: Some(f64::from(hour)),
        ..VisitObservation::new(id, at(hour), "EPIC".to_owned(), visit, kind)
    };
    scope.save(RowState::created(row, at(0))).unwrap();
}

fn kind(scope: &mut MessageScope<'_>, code: &str) -> VisitObservationTypeId {
    let id = scope.next_id().unwrap();
    let row = VisitObservationType {
        has_visit_observation: Some(true),
        interface_id: Some(code.to_owned()),
        is_real_time: Some(true),
        ..VisitObservationType::new(id, "flowsheet".to_owned())
    };
    scope.save(RowState::created(row, at(0))).unwrap();
    id
}

/// Two visits and two kinds, with a value of each pair at two hours. Gives the visits and the kinds.
fn observed(batch: &mut Batch<'_>) -> ([HospitalVisitId; 2], [VisitObservationTypeId; 2]) {
    let mut scope = batch.message(at(8));
    let patient = mrn(&mut scope, "M1");
    let mrn_id = patient.mrn_id;
    scope.put(patient).unwrap();
    let visits = ["V1", "V2"].map(|encounter| {
        let row = visit(&mut scope, mrn_id, encounter);
        let id = row.hospital_visit_id;
        scope.save(RowState::created(row, at(8))).unwrap();
        id
    });
    let kinds = ["K1", "K2"].map(|code| kind(&mut scope, code));
    for visit in visits {
        for kind in kinds {
            observe(&mut scope, visit, kind, 1);
            observe(&mut scope, visit, kind, 2);
        }
    }
    scope.keep().unwrap();
    (visits, kinds)
}

fn key(
    hospital_visit_id: HospitalVisitId,
    visit_observation_type_id: VisitObservationTypeId,
    hour: u32,
) -> ObservationKey {
    ObservationKey { hospital_visit_id, visit_observation_type_id, observation_datetime: at(hour) }
}

#[test]
fn a_key_of_several_columns_finds_what_has_all_of_them() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    let (visits, kinds) = observed(&mut batch);
    batch.flush().unwrap().commit().unwrap();

    let mut batch = begin(&mut session);
    let before = batch.statements();
    let (there, also_there) = (key(visits[0], kinds[1], 2), key(visits[1], kinds[0], 1));
    let absent = key(visits[0], kinds[0], 3);
    batch.prefetch::<ObservationByKey>([there.clone(), also_there.clone(), absent.clone()]).unwrap();
    assert_eq!(batch.rows::<VisitObservation>().count(), 2, "nothing but what was asked for is read");
    for wanted in [there, also_there] {
        let row = batch.find_one::<ObservationByKey>(&wanted).unwrap().unwrap();
        let columns = (row.hospital_visit_id, row.visit_observation_type_id, row.observation_datetime);
        assert_eq!(
            columns,
            (wanted.hospital_visit_id, wanted.visit_observation_type_id, wanted.observation_datetime)
        );
    }
    assert!(batch.find_one::<ObservationByKey>(&absent).unwrap().is_none());
    assert_eq!(batch.statements(), before + 1, "absent ones are known to be absent");
}

#[test]
fn a_row_that_changes_its_key_is_found_under_the_new_one() {
    let mut session = Session::in_memory();
    let mut batch = begin(&mut session);
    let (visits, kinds) = observed(&mut batch);
    let (old, new) = (key(visits[0], kinds[0], 1), key(visits[0], kinds[0], 5));
    let mut scope = batch.message(at(9));
    let row = scope.find_one::<ObservationByKey>(&old).unwrap().unwrap().clone();
    let mut row = RowState::existing(row, at(9));
    row.observation_datetime = at(5);
    scope.save(row).unwrap();
    assert!(scope.find_one::<ObservationByKey>(&old).unwrap().is_none());
    assert!(scope.find_one::<ObservationByKey>(&new).unwrap().is_some());
    scope.undo();
    assert!(batch.find_one::<ObservationByKey>(&old).unwrap().is_some());
    assert!(batch.find_one::<ObservationByKey>(&new).unwrap().is_none());
}

#[test]
fn what_refers_to_a_row_of_this_batch_is_known_without_asking() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    let (visits, _) = observed(&mut batch);
    let before = batch.statements();
    assert!(batch.is_new::<HospitalVisit>(visits[0]));
    assert_eq!(batch.children::<HospitalVisit, ObservationByVisit>(visits[0]).unwrap().len(), 4);
    assert!(batch.children::<HospitalVisit, FormByVisit>(visits[0]).unwrap().is_empty());
    assert_eq!(batch.statements(), before);
    batch.flush().unwrap().commit().unwrap();

    let mut batch = begin(&mut session);
    let before = batch.statements();
    assert!(!batch.is_new::<HospitalVisit>(visits[0]));
    assert_eq!(batch.children::<HospitalVisit, ObservationByVisit>(visits[0]).unwrap().len(), 4);
    assert_eq!(batch.statements(), before + 1);
}

#[test]
fn a_confirmed_row_holds_from_the_confirmation_and_an_unconfirmed_one_as_before() {
    let database = fresh();
    let mut session = on(&database);
    let mut batch = begin(&mut session);
    let (visits, kinds) = observed(&mut batch);
    let key = key(visits[0], kinds[0], 1);
    for (hour, confirmed) in [(9, false), (10, true), (10, true), (11, false)] {
        let mut scope = batch.message(at(hour));
        let row = scope.find_one::<ObservationByKey>(&key).unwrap().unwrap().clone();
        let mut row = RowState::existing(row, at(hour));
        if confirmed {
            row.confirm();
        }
        scope.save(row).unwrap();
        scope.keep().unwrap();
    }
    let id = batch.find_one::<ObservationByKey>(&key).unwrap().unwrap().id();
    batch.flush().unwrap().commit().unwrap();
    let mut connection = open(&database);
    assert_eq!(VisitObservation::load(&mut connection, &[id]).unwrap()[0].valid_from, at(10));
    let former: Vec<VisitObservationAudit> = visit_observation_audit::table.load(&mut connection).unwrap();
    let former: Vec<_> = former.iter().map(|row| (row.valid_from, row.valid_until)).collect();
    assert_eq!(former, [(at(0), Some(at(10)))]);
}

#[test]
fn a_kept_place_is_read_again_where_that_is_asked_for_never_over_a_change_and_changed_only_if_it_is_as_stored()
 {
    let database = fresh();
    database.execute("INSERT INTO location (location_id, location_string) VALUES (-1, 'W1'), (-2, 'W2')");
    let mut session = on(&database);
    let keys = ["W1", "W2"].map(str::to_owned);
    let mut batch = begin(&mut session);
    batch.prefetch::<LocationByString>(keys.clone()).unwrap();
    batch.flush().unwrap().commit().unwrap();
    // Another process learns which department the places belong to.
    database.execute(
        "INSERT INTO department (department_id, internal_id) VALUES (-3, 7), (-4, 8);
         UPDATE location SET department_id = -3",
    );

    let department = |batch: &mut Batch<'_>, key: &String| {
        batch.find_one::<LocationByString>(key).unwrap().unwrap().department_id
    };
    let change_second = |batch: &mut Batch<'_>| {
        let mut scope = batch.message(at(8));
        let changed = scope.find_one::<LocationByString>(&keys[1]).unwrap().unwrap().clone();
        scope.put(Location { department_id: Some(Id::new(-4)), ..changed }).unwrap();
        scope.keep().unwrap();
    };
    let mut batch = begin(&mut session);
    batch.prefetch::<LocationByString>(keys.clone()).unwrap();
    assert_eq!(department(&mut batch, &keys[0]), None, "kept");
    change_second(&mut batch);
    batch.prefetch_anew::<LocationByString>(keys.clone()).unwrap();
    let departments = keys.each_ref().map(|key| department(&mut batch, key));
    assert_eq!(departments, [Some(Id::new(-3)), Some(Id::new(-4))]);
    assert_eq!(batch.flush().unwrap_err().class(), ErrorClass::Conflict, "the change was of a row as kept");

    let mut batch = begin(&mut session);
    assert_eq!(department(&mut batch, &keys[1]), Some(Id::new(-3)), "nothing is kept after a conflict");
    change_second(&mut batch);
    batch.flush().unwrap().commit().unwrap();
    let stored = Location::load(&mut open(&database), &[Id::new(-1), Id::new(-2)]).unwrap();
    assert_eq!(
        stored.iter().map(|row| row.department_id).collect::<Vec<_>>(),
        [Some(Id::new(-4)), Some(Id::new(-3))]
    );
}
