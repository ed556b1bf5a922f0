//! Where core's time goes, measured batch by batch.

use std::{
    ops::AddAssign,
    time::{Duration, Instant},
};

/// What is done with a batch, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    /// Bodies become messages, while the batch before is being written.
    Decode,
    /// Locks are taken, and the rows read that the messages announce.
    Load,
    /// The messages are applied to the rows in memory; rows that no message announced are read.
    Rules,
    /// What changed is written.
    Flush,
    /// The database makes it last.
    Commit,
}

impl Phase {
    /// All phases, in their order.
    pub const ALL: [Self; 5] = [Self::Decode, Self::Load, Self::Rules, Self::Flush, Self::Commit];

    /// Its name in metrics and reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Decode => "decode",
            Self::Load => "load",
            Self::Rules => "rules",
            Self::Flush => "flush",
            Self::Commit => "commit",
        }
    }
}

/// How long each phase took; attempts that failed are counted too.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct PhaseTimes([Duration; Phase::ALL.len()]);

impl PhaseTimes {
    /// How long one phase took.
    pub fn of(&self, phase: Phase) -> Duration {
        self.0[phase as usize]
    }

    /// Adds what has passed of a phase since its begin.
    pub(crate) fn add_since(&mut self, phase: Phase, begin: Instant) {
        self.0[phase as usize] += begin.elapsed();
    }

    /// Records the metrics of one batch.
    pub(crate) fn record_metrics(&self) {
        for phase in Phase::ALL {
            metrics::histogram!("emap_core_batch_seconds", "phase" => phase.as_str())
                .record(self.of(phase).as_secs_f64());
        }
    }
}

impl AddAssign for PhaseTimes {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}
