//! The schedule at work: lane by lane, each with a thread of its own.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::{AtomicUsize, Ordering},
    thread::sleep,
    time::Instant,
};

use emap_test_support::faults::schedule::{Planned, Schedule};

use crate::{
    faults::{Outcome, happen},
    kinds::{Kind, Lane, What},
    site::Site,
};

/// In the last third of a run no process is ended, so that whatever grows has the time to.
const LAST_PART: f64 = 2.0 / 3.0;

/// A fault that is over.
#[derive(Debug)]
pub(crate) struct Done {
    pub(crate) kind: &'static Kind,
    pub(crate) ended: Instant,
    pub(crate) outcome: Result<Outcome, String>,
}

/// Faults in the order of their times, with their kinds.
pub(crate) type Faults = Vec<(&'static Kind, Planned)>;

/// The faults of a schedule.
///
/// # Errors
/// A kind that there is not.
pub(crate) fn faults(schedule: &Schedule) -> anyhow::Result<Faults> {
    let end = schedule.faults().last().map_or(0.0, |last| last.at.as_secs_f64());
    let with_kind = schedule.faults().iter().map(|planned| {
        let kind = Kind::named(&planned.kind);
        let mut kind =
            kind.ok_or_else(|| anyhow::anyhow!("no kind of fault is called {:?}", planned.kind))?;
        if planned.at.as_secs_f64() > end * LAST_PART && matches!(kind.what, What::Kill | What::Terminate) {
            kind = instead(kind);
        }
        Ok((kind, planned.clone()))
    });
    with_kind.collect()
}

/// SIGSTOP of the same process.
fn instead(kind: &'static Kind) -> &'static Kind {
    let pauses = |other: &&Kind| other.lane == kind.lane && other.what == What::Pause;
    crate::kinds::KINDS.iter().find(pauses).unwrap_or(kind)
}

/// Lets all faults happen; returns when the last is over. `over`: how many are, for others to see.
pub(crate) fn run(faults: &Faults, site: &Site<'_>, over: &AtomicUsize) -> Vec<Done> {
    let begin = Instant::now();
    std::thread::scope(|scope| {
        let lanes = Lane::ALL.map(|lane| {
            let of_lane = faults.iter().filter(move |(kind, _)| kind.lane == lane);
            scope.spawn(move || {
                of_lane.map(|(kind, planned)| one(kind, planned, begin, site, over)).collect::<Vec<_>>()
            })
        });
        let mut done: Vec<Done> =
            lanes.into_iter().flat_map(|lane| lane.join().unwrap_or_default()).collect();
        done.sort_by_key(|done| done.ended);
        done
    })
}

fn one(kind: &'static Kind, planned: &Planned, begin: Instant, site: &Site<'_>, over: &AtomicUsize) -> Done {
    // Late if the one before it in this lane took longer.
    sleep(planned.at.saturating_sub(begin.elapsed()));
    // The tools for tests panic where a test would have to give up.
    let outcome = catch_unwind(AssertUnwindSafe(|| happen(site, kind, planned)));
    let outcome = match outcome {
        Ok(outcome) => outcome.map_err(|error| format!("{error:#}")),
        Err(_) => Err("it could not be done; see above".to_owned()),
    };
    over.fetch_add(1, Ordering::Relaxed);
    Done { kind, ended: Instant::now(), outcome }
}
