//! Several cores that divide messages by patient leave the tables of one core that does not, former versions included.

use emap_hospital::{Hospital, Incidents, Mix, Settings};
use emap_interchange::Message;
use emap_test_support::faults::ledger::tables::{BY_FIRST_PATIENT, Tables};

use crate::{
    MESSAGES,
    site::{Daemon, Site},
    three_cores::{PARTITIONS, assert_same_tables, publish_at_once, start, tables},
};

/// Everything that happens to one patient at a time.
fn hospital() -> Settings {
    // Messages of a patient under two numbers may be in two partitions.
    let incidents =
        Incidents { cancellations: 0.1, merges: 0.0, plans: 0.1, services: 0.1, corrections: 0.0 };
    Settings { messages: MESSAGES, mix: Mix::HOSPITAL, incidents, present: 200, ..Settings::default() }
}

fn messages(hospital: Settings) -> Vec<Message> {
    Hospital::new(hospital).flat_map(|arrival| arrival.event.messages()).collect()
}

/// What cores leave of all these messages.
fn left_by(count: usize, settings: &[(&str, &str)], messages: &[Message]) -> Tables {
    let site = Site::without_messages();
    let daemons = start(count, &site, settings);
    publish_at_once(&site, messages);
    site.until_processed(messages.len() as u64);
    daemons.into_iter().for_each(Daemon::stop);
    assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
    assert_eq!(
        site.number("SELECT count(*) FROM star.etl_per_message_logging"),
        Some(messages.len() as u64),
        "each message was processed once"
    );
    tables(&site, &BY_FIRST_PATIENT)
}

#[test]
fn three_cores_with_partitions_leave_the_tables_of_one() {
    let messages = messages(hospital());
    assert_same_tables(&left_by(3, &PARTITIONS, &messages), &left_by(1, &[], &messages), |_| true);
}

#[test]
fn cores_that_are_killed_leave_the_rows_of_one_that_is_not() {
    let messages = messages(hospital());
    let count = messages.len() as u64;
    let site = Site::without_messages();
    let mut daemons = start(3, &site, &PARTITIONS);
    publish_at_once(&site, &messages);
    for part in 1..=4 {
        site.until_processed(count * part / 6);
        // Whichever of them divides the messages, it is killed in some round.
        daemons.remove(0).kill();
        daemons.push(Daemon::start_with("core", &site, &PARTITIONS));
    }
    site.until_processed(count);
    daemons.into_iter().for_each(Daemon::stop);
    assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
    let left = tables(&site, &BY_FIRST_PATIENT);
    // A message that comes twice may leave a former version more.
    assert_same_tables(&left, &left_by(1, &[], &messages), |row| !row.table.ends_with("_audit"));
}
