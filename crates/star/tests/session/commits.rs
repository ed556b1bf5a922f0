//! Commits whose answer is lost.

use emap_local_services::postgres::{USER, shared};
use emap_postgres::ErrorClass;
use emap_star::{CommitError, Fate, Session, Subjects, UncertainCommit, rows::EtlPerMessageLogging};
use emap_test_support::{
    database::{Database, fresh},
    faults::postgres::{Action, Fault, Filter, Proxy},
};

use super::{at, create, on};

/// A batch of one message with its line in the effect log, whose COMMIT has this fate.
fn commit_under(database: &Database, action: Action) -> CommitError {
    let proxy = Proxy::start(([127, 0, 0, 1], shared().port()).into()).unwrap();
    let url = format!("postgresql://{USER}@127.0.0.1:{}/{}", proxy.port(), database.name());
    let mut session = Session::on_database(emap_star::connect(&url, database.schema()).unwrap()).unwrap();
    let mut batch = session.begin(&Subjects { mrns: vec!["M1".to_owned()], ..Subjects::default() }).unwrap();
    create(&mut batch, "M1", 8);
    let mut scope = batch.message(at(8));
    let mut line = EtlPerMessageLogging::new(scope.next_id().unwrap());
    line.source_id = Some("one".to_owned());
    scope.put(line).unwrap();
    scope.keep().unwrap();
    proxy.arm(Fault::at_client(Filter::statement("COMMIT"), action));
    batch.flush().unwrap().commit().unwrap_err()
}

fn uncertain(database: &Database, action: Action) -> UncertainCommit {
    let CommitError { error, uncertain } = commit_under(database, action);
    assert_eq!(error.class(), ErrorClass::Lost);
    *uncertain.unwrap()
}

#[test]
fn a_commit_that_was_done_is_known_by_its_row() {
    let database = fresh();
    let commit = uncertain(&database, Action::LoseAnswer);
    assert_eq!(on(&database).fate_of(&commit).unwrap(), Fate::Committed);
    // As on a server that took over without the last transactions, and gave the number to another one.
    database.execute("DELETE FROM etl_per_message_logging");
    assert_eq!(on(&database).fate_of(&commit).unwrap(), Fate::RolledBack, "the number alone is no proof");
}

#[test]
fn a_commit_that_never_arrived_was_not_done() {
    let database = fresh();
    let commit = uncertain(&database, Action::Cut);
    // The server may take a moment to notice that nobody is there any more.
    let mut session = on(&database);
    let fate = loop {
        match session.fate_of(&commit).unwrap() {
            Fate::Undecided => std::thread::yield_now(),
            fate => break fate,
        }
    };
    assert_eq!(fate, Fate::RolledBack);
}

#[test]
fn a_commit_that_the_server_refuses_is_certain() {
    let database = fresh();
    database.execute(
        "CREATE FUNCTION refuses() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE CONSTRAINT TRIGGER refuses AFTER INSERT ON hospital_visit DEFERRABLE INITIALLY DEFERRED
           FOR EACH ROW EXECUTE FUNCTION refuses()",
    );
    let refused = commit_under(&database, Action::Delay(std::time::Duration::ZERO));
    assert_eq!(refused.error.class(), ErrorClass::Unwilling);
    assert!(refused.uncertain.is_none());
}
