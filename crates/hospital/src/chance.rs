//! Chance: the same for the same seed, on every machine.

#[derive(Debug, Clone)]
pub(crate) struct Chance(fastrand::Rng);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// 0 to `count` - 1; `count` must not be 0.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        self.0.usize(..count)
    }

    /// One of a list, which must not be empty.
    pub(crate) fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        list[self.below(list.len())]
    }

    /// 1 to `most`.
    pub(crate) fn up_to(&mut self, most: u64) -> u64 {
        self.0.u64(1..=most)
    }

    /// `low` to `high`, both included.
    pub(crate) fn between(&mut self, low: i64, high: i64) -> i64 {
        self.0.i64(low..=high)
    }

    /// True with this probability.
    pub(crate) fn share(&mut self, probability: f64) -> bool {
        self.0.f64() < probability
    }
}
