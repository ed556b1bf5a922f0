//! Orders of so many things: all of them, or a sample that a seed decides.

use std::collections::HashSet;

/// Which orders are tried.
#[derive(Debug, Clone, Copy)]
pub struct Choice {
    /// All orders if there are no more than this, else so many different ones.
    pub at_most: usize,
    /// Decides the sample.
    pub seed: u64,
}

impl Choice {
    /// Whether all orders of so many things are tried.
    pub fn is_all(self, count: usize) -> bool {
        (1..=count).try_fold(1_usize, usize::checked_mul).is_some_and(|all| all <= self.at_most)
    }

    /// The orders, each once, as positions in the original order. The first is always the original order.
    pub fn orders(self, count: usize) -> Box<dyn Iterator<Item = Vec<usize>>> {
        if self.is_all(count) { Box::new(all(count)) } else { Box::new(self.sample(count)) }
    }

    fn sample(self, count: usize) -> impl Iterator<Item = Vec<usize>> {
        let original: Vec<usize> = (0..count).collect();
        let mut chance = fastrand::Rng::with_seed(self.seed);
        let mut next = Some(original.clone());
        let mut seen = HashSet::new();
        std::iter::from_fn(move || {
            // There are more orders than are asked for, so another one always turns up.
            let mut order = next.take().unwrap_or_default();
            while order.is_empty() || seen.contains(&order) {
                order.clone_from(&original);
                chance.shuffle(&mut order);
            }
            seen.insert(order.clone());
            Some(order)
        })
        .take(self.at_most)
    }
}

/// All orders, the lexically next one each time.
fn all(count: usize) -> impl Iterator<Item = Vec<usize>> {
    std::iter::successors(Some((0..count).collect()), |order: &Vec<usize>| {
        let mut next = order.clone();
        let pivot = next.windows(2).rposition(|pair| pair[0] < pair[1])?;
        let successor = next.iter().rposition(|place| *place > next[pivot])?;
        next.swap(pivot, successor);
        next[pivot + 1..].reverse();
        Some(next)
    })
}

#[cfg(test)]
mod tests {
    use super::{Choice, HashSet};

    const ALL: Choice = Choice { at_most: 5040, seed: 0 };

    #[test]
    fn every_order_comes_once() {
        for (count, expected) in [(0, 1), (1, 1), (4, 24), (7, 5040)] {
            let orders: Vec<_> = ALL.orders(count).collect();
            assert_eq!(orders.len(), expected);
            assert_eq!(orders[0], (0..count).collect::<Vec<_>>());
            assert_eq!(orders.iter().collect::<HashSet<_>>().len(), expected);
            for mut order in orders {
                order.sort_unstable();
                assert!(order.into_iter().eq(0..count));
            }
        }
    }

    #[test]
    fn a_sample_is_different_orders_that_the_seed_decides() {
        let sample = |seed| Choice { at_most: 200, seed }.orders(30).collect::<Vec<_>>();
        assert_eq!(sample(7).len(), 200);
        assert_eq!(sample(7)[0], (0..30).collect::<Vec<_>>());
        assert_eq!(sample(7).iter().collect::<HashSet<_>>().len(), 200);
        assert_eq!(sample(7), sample(7));
        assert_ne!(sample(7), sample(8));
        let nearly_all: HashSet<_> = Choice { at_most: 23, seed: 1 }.orders(4).collect();
        assert_eq!(nearly_all.len(), 23);
    }

    #[test]
    fn no_order_is_asked_for() {
        assert_eq!(Choice { at_most: 0, seed: 0 }.orders(3).count(), 0);
    }
}
