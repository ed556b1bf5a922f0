//! Several programs that migrate one schema at the same moment.

use std::{sync::atomic::AtomicBool, thread};

use crate::site::{OpenTransaction, Program, STEPS, Site, until};

/// The others wait without a transaction: the first one's build would wait for its end, and they for the first one.
#[test]
fn one_builds_an_index_and_the_others_wait_for_it() {
    let (site, stop) = (Site::new(), AtomicBool::new(false));
    let writer = OpenTransaction::with(&site, "INSERT INTO reading VALUES (-1, -1)");
    let reports = thread::scope(|scope| {
        let programs: Vec<_> = (0..3).map(|_| Program::start(scope, &site, &stop, STEPS)).collect();
        site.until_waiting_for("virtualxid");
        let sessions = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'migrating'
                          AND datname = current_database()";
        until("all programs", || site.lines(sessions) == ["3"]);
        writer.commits();
        programs.into_iter().map(|program| program.end().unwrap()).collect::<Vec<_>>()
    });
    let mut applied: Vec<usize> = reports.iter().map(|report| report.applied.len()).collect();
    applied.sort_unstable();
    assert_eq!(applied, [0, 0, 2]);
    assert!(reports.iter().all(|report| report.warnings.is_empty()), "{reports:?}");
    assert_eq!(
        site.lines("SELECT indisvalid FROM pg_index WHERE indexrelid = 'reading_value'::regclass"),
        ["true"]
    );
}
