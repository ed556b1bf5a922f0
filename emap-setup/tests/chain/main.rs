//! The daemons as the ops team runs them: `ids-reader run` and `core run` as processes, configured by the environment,
//! between real PostgreSQL and real RabbitMQ; undisturbed, with broker and databases crashing in mid-run, and with
//! several cores.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod partitions;
mod site;
mod three_cores;

use std::process::Command;

use emap_hospital::{Disorder, Settings};

use crate::site::{Daemon, Site, assert_same, program};

const MESSAGES: u64 = 4_000;

fn in_disorder() -> Settings {
    Settings { messages: MESSAGES, disorder: Disorder { late: 0.1, duplicates: 0.05 }, ..Settings::default() }
}

#[test]
fn servers_that_crash_in_mid_run_change_nothing() {
    let undisturbed = Site::with(in_disorder());
    let daemons = ["ids-reader", "core"].map(|name| Daemon::start(name, &undisturbed));
    // Every message but the broken one.
    undisturbed.until_processed(MESSAGES - 1);
    daemons.into_iter().for_each(Daemon::stop);
    let expected = undisturbed.people_and_stays();
    assert!(expected.len() > 500, "{} lines", expected.len());
    assert_eq!(undisturbed.number("SELECT unid FROM star.etl_ids_reject"), Some(18));
    assert_eq!(undisturbed.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
    drop(undisturbed);

    let site = Site::with(in_disorder());
    let daemons = ["core", "ids-reader"].map(|name| Daemon::start(name, &site));
    site.until_processed(100);
    site.broker.crash().unwrap();
    site.broker.start_again().unwrap();
    site.until_processed(MESSAGES / 4);
    site.star.crash().unwrap();
    site.star.start_again().unwrap();
    site.until_processed(MESSAGES / 2);
    site.store.crash().unwrap();
    site.store.start_again().unwrap();
    site.until_processed(MESSAGES - 1);
    daemons.into_iter().for_each(Daemon::stop);
    assert_same(&site.people_and_stays(), &expected);
    assert_eq!(site.number("SELECT unid FROM star.etl_ids_reject"), Some(18));
    assert_eq!(site.number("SELECT count(*) FROM star.etl_message_reject"), Some(0));
}

#[test]
fn a_setting_that_is_missing_ends_the_daemon_with_one_line() {
    for name in ["ids-reader", "core"] {
        let output = Command::new(program(name)).arg("run").env_clear().output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{name}");
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(text.trim().lines().count(), 1, "{text}");
        assert!(text.contains("_JDBC_URL"), "{text}");
    }
}
