//! Faults of a daemon's process.

use std::{thread::sleep, time::Duration};

use fastrand::Rng;

use super::outcome::Outcome;
use crate::{daemons::Supervised, kinds::What};

/// What "for a minute" means.
const MINUTE: Duration = Duration::from_secs(60);
/// Most that a clock steps, in milliseconds: ten minutes, forward or back.
const STEP: i64 = 600_000;

/// # Errors
/// The clock cannot be set.
pub(super) fn happen(
    daemon: &Supervised,
    what: What,
    lasts: Duration,
    random: &mut Rng,
) -> anyhow::Result<Outcome> {
    match what {
        What::Kill => {
            // At any instant of whatever it is doing.
            sleep(lasts.mul_f64(random.f64()));
            daemon.kill();
        }
        What::Terminate => daemon.terminate(),
        What::Pause => daemon.pause(lasts),
        What::PauseLong => daemon.pause(MINUTE),
        What::ClockStep => {
            let Some(clock) = daemon.clock() else { return Ok(Outcome::NoOccasion("no test clock")) };
            clock.set(random.i64(-STEP..=STEP))?;
            sleep(lasts);
            clock.set(0)?;
        }
        _ => return Ok(Outcome::NoOccasion("no fault of a process")),
    }
    Ok(Outcome::Happened)
}
