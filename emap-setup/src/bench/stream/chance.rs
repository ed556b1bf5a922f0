//! Chance as the stream knows it: the same for the same seed, on every machine.

#[derive(Debug, Clone)]
pub(super) struct Chance(fastrand::Rng);

impl Chance {
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// 0 to `count` - 1; `count` must not be 0.
    pub(super) fn below(&mut self, count: usize) -> usize {
        self.0.usize(..count)
    }

    /// 1 to `most`.
    pub(super) fn up_to(&mut self, most: u64) -> u64 {
        self.0.u64(1..=most)
    }

    /// `low` to `high`, both included.
    pub(super) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// True with this probability.
    pub(super) fn share(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }
}
