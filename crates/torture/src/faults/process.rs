//! Faults of a daemon's process.

use std::{thread::sleep, time::Duration};

use fastrand::Rng;

use super::outcome::Outcome;
use crate::{daemons::Supervised, kinds::What};

pub(super) fn happen(daemon: &Supervised, what: What, lasts: Duration, random: &mut Rng) -> Outcome {
    match what {
        What::Kill => {
            // At any instant of whatever it is doing.
            sleep(lasts.mul_f64(random.f64()));
            daemon.kill();
        }
        What::Terminate => daemon.terminate(),
        What::Pause => daemon.pause(lasts),
        // The daemons have no clock that a test could set.
        _ => return Outcome::NoOccasion("no test clock"),
    }
    Outcome::Happened
}
