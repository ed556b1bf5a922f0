//! The blood bank: which blood a patient may get.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::chance::Chance;

/// Blood group and antibodies of a patient.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Grouping {
    /// Of the sample.
    pub(crate) number: u64,
    pub(crate) collected: Instant,
    pub(crate) tested: Instant,
    pub(crate) group: &'static str,
    pub(crate) antibodies: &'static str,
}

pub(crate) fn grouping(number: u64, at: Instant, chance: &mut Chance) -> Grouping {
    let group = chance.pick(&["O POS", "A POS", "O NEG", "B POS", "AB NEG"]);
    let antibodies = if chance.share(0.1) { "Positive" } else { "Negative" };
    let (collected, tested) = (at - TimeDelta::hours(2), at - TimeDelta::minutes(5));
    Grouping { number, collected, tested, group, antibodies }
}
