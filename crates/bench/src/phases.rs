//! Where core's time goes.

use std::time::Duration;

use emap_core::{Phase, PhaseTimes};

/// Seconds that core spent in each phase, in the order of [`Phase::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
pub(crate) struct PhaseSeconds([f64; Phase::ALL.len()]);

/// What a phase took.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Spent {
    pub(crate) name: &'static str,
    /// For each message.
    pub(crate) microseconds: f64,
    /// Of the elapsed time, 0 to 1. All but decoding, which goes on at the same time, make up 1.
    pub(crate) share: f64,
}

/// The time in which nothing was there to be processed.
const WAITING: &str = "waiting";

impl PhaseSeconds {
    pub(crate) fn of(times: &PhaseTimes) -> Self {
        Self(Phase::ALL.map(|phase| times.of(phase).as_secs_f64()))
    }

    /// For each phase, then for waiting.
    #[allow(clippy::cast_precision_loss)] // counts stay far below 2^52
    pub(crate) fn spent(&self, messages: u64, elapsed: Duration) -> Vec<Spent> {
        let phases = Phase::ALL.into_iter().zip(self.0);
        let busy: f64 =
            phases.clone().filter(|(phase, _)| *phase != Phase::Decode).map(|(_, took)| took).sum();
        let elapsed = elapsed.as_secs_f64();
        let waiting = (WAITING, (elapsed - busy).max(0.0));
        let spent = |(name, seconds): (&'static str, f64)| Spent {
            name,
            microseconds: seconds * 1e6 / messages.max(1) as f64,
            share: seconds / elapsed.max(1e-9),
        };
        phases.map(|(phase, seconds)| (phase.as_str(), seconds)).chain([waiting]).map(spent).collect()
    }
}

#[cfg(test)]
impl From<[f64; Phase::ALL.len()]> for PhaseSeconds {
    fn from(seconds: [f64; Phase::ALL.len()]) -> Self {
        Self(seconds)
    }
}
