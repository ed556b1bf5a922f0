//! Fresh databases from the template.

use std::time::Instant;

use emap_test_support::{database, messages};

#[test]
fn databases_have_the_star_schema_and_do_not_see_each_other() {
    let (one, two) = (database::fresh(), database::fresh());
    one.execute("CREATE TABLE note (ward text, beds int); INSERT INTO note VALUES ('W\"1', 4), (NULL, 0)");
    assert_eq!(one.rows("SELECT * FROM note ORDER BY beds"), ["|0", "W\"1|4"]);
    let found =
        "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'star' AND table_name = 'note'";
    assert_eq!(two.value(found), "0");
    assert_eq!(two.value("SELECT count(*) FROM hospital_visit"), "0");
}

#[test]
fn a_dropped_database_is_gone_even_while_a_connection_is_open() {
    let watcher = database::empty();
    let database = database::fresh();
    let (name, _connection) = (database.name().to_owned(), database.connection());
    drop(database);
    assert_eq!(watcher.value(&format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'")), "0");
}

#[test]
fn a_fresh_database_takes_milliseconds() {
    drop(database::fresh());
    let begin = Instant::now();
    let databases: Vec<_> = (0..5).map(|_| database::fresh()).collect();
    let each = begin.elapsed() / 5;
    // Generous: the machine may be busy with other tests.
    assert!(each.as_millis() < 1000, "{each:?} for each of {}", databases.len());
    eprintln!("a fresh database took {each:?}");
}

#[test]
fn messages_are_what_they_say() {
    let message = messages::admit("40001", "9001", "W3^W3 BAY1^W3-B1", "2031-03-02T08:15:00Z");
    assert!(message.class_name().ends_with("adt.AdmitPatient"));
    let message = messages::with(message, |adt| adt.nhs_number = Some("7000000017".to_owned()));
    let emap_interchange::Payload::Adt(adt) = &message.payload else { panic!("no patient message") };
    assert_eq!(adt.valid_from(), Some(messages::at("2031-03-02T08:15:00Z")));
    assert_eq!(adt.nhs_number.as_deref(), Some("7000000017"));
}
