//! Which sequence primary keys come from, and that no key is given twice.

use std::collections::BTreeSet;

use emap_star::{
    Session,
    sequence::{Sequence, SequenceError, align, prepare},
};
use emap_test_support::database::{Database, fresh};

use crate::{at, begin, create, mrn, on, open};

const CREATE: &str = "CREATE SEQUENCE emap_id_sequence START 1 INCREMENT 50";

/// Keys that a session gives out one after the other.
fn keys(session: &mut Session, count: usize) -> Vec<i64> {
    let mut batch = begin(session);
    let mut scope = batch.message(at(8));
    (0..count).map(|_| mrn(&mut scope, "M").mrn_id.number()).collect()
}

fn a_patient(database: &Database) {
    let mut session = on(database);
    let mut batch = begin(&mut session);
    create(&mut batch, "M1", 8);
    batch.flush().unwrap().commit().unwrap();
}

#[test]
fn a_value_stands_for_the_fifty_keys_up_to_it() {
    let database = fresh();
    database.execute(CREATE);
    let (mut one, mut other) = (on(&database), on(&database));
    let mut all = keys(&mut one, 120);
    assert_eq!(all[..2], [1, 2], "the very first block has one key");
    all.extend(keys(&mut other, 120));
    all.extend(keys(&mut one, 10_000));
    let last: i64 = database.value("SELECT last_value FROM emap_id_sequence").parse().unwrap();
    assert!(all.iter().all(|key| (1..=last).contains(key)));
    assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len(), "each once");
}

#[test]
fn a_sequence_of_another_schema_does_not_count() {
    let database = fresh();
    database.execute(
        "CREATE SCHEMA elsewhere; CREATE SEQUENCE elsewhere.emap_id_sequence INCREMENT 50 START 1000001",
    );
    assert_eq!(Sequence::in_use(&mut open(&database)).unwrap(), Sequence::Hibernate);
    assert_eq!(keys(&mut on(&database), 2), [1, 2]);
}

#[test]
fn keys_that_are_in_use_are_refused_until_the_sequence_is_aligned() {
    let database = fresh();
    a_patient(&database);
    let mut connection = open(&database);
    assert_eq!(prepare(&mut connection, Sequence::Emap).unwrap(), Sequence::Hibernate, "it has rows");
    database.execute(CREATE);
    database.execute("INSERT INTO question (question_id, question, stored_from, valid_from) VALUES (420, 'Q', now(), now())");
    let refusal = prepare(&mut connection, Sequence::Hibernate).unwrap_err();
    assert!(matches!(refusal, SequenceError::Behind { next: 1, largest: 420 }), "{refusal}");
    assert!(refusal.to_string().ends_with("run `core align-sequences`"), "{refusal}");

    let aligned = align(&mut connection, Sequence::Emap).unwrap();
    assert_eq!((aligned.largest, aligned.next, aligned.was_ahead), (420, 501, false));
    assert_eq!(prepare(&mut connection, Sequence::Hibernate).unwrap(), Sequence::Emap);
    assert_eq!(keys(&mut on(&database), 2), [452, 453]);
    let again = align(&mut connection, Sequence::Emap).unwrap();
    assert!(again.was_ahead && again.next > 501, "{again:?}");
}

#[test]
fn the_older_sequence_is_aligned_too() {
    let database = fresh();
    database.execute("INSERT INTO question (question_id, question, stored_from, valid_from) VALUES (100, 'Q', now(), now())");
    let aligned = align(&mut open(&database), Sequence::Hibernate).unwrap();
    assert_eq!((aligned.next, aligned.was_ahead), (151, false));
    assert_eq!(keys(&mut on(&database), 1), [151]);
}

#[test]
fn an_empty_schema_gets_the_sequence_that_is_wished_for() {
    let database = fresh();
    let mut connection = open(&database);
    assert_eq!(prepare(&mut connection, Sequence::Hibernate).unwrap(), Sequence::Hibernate);
    assert_eq!(prepare(&mut connection, Sequence::Emap).unwrap(), Sequence::Emap);
    assert_eq!(prepare(&mut connection, Sequence::Hibernate).unwrap(), Sequence::Emap, "it stays");
    a_patient(&database);
    assert_eq!(prepare(&mut connection, Sequence::Hibernate).unwrap(), Sequence::Emap);
}

#[test]
fn a_sequence_that_grows_otherwise_is_refused() {
    let database = fresh();
    database.execute("CREATE SEQUENCE emap_id_sequence");
    let refusal = prepare(&mut open(&database), Sequence::Emap).unwrap_err();
    assert!(matches!(refusal, SequenceError::Increment(1)), "{refusal}");
}
