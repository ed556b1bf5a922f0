//! A row of the store with how it came, and what is saved of it.

use emap_ids::{Gap, GapChange, IdsRow, Reject};

/// A row as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Arrived {
    pub(super) row: IdsRow,
    pub(super) how: Arrival,
}

/// How a row came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Right behind the row before it.
    InTurn,
    /// Behind numbers that are not there, and that were not waited for any longer.
    BehindGap(Gap),
    /// After rows with higher numbers, out of a gap.
    Late,
}

impl Arrived {
    /// What becomes of a gap when this row is dealt with.
    pub(super) fn gap_change(&self) -> Option<GapChange> {
        match self.how {
            Arrival::InTurn => None,
            Arrival::BehindGap(gap) => Some(GapChange::Passed(gap)),
            Arrival::Late => Some(GapChange::Filled(self.row.unid)),
        }
    }
}

/// What is saved of a row besides the position.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) reject: Option<Reject>,
    pub(super) gap: Option<GapChange>,
}

impl Record {
    /// `None` if there is nothing to be saved.
    pub(super) fn of(arrived: &Arrived, reject: Option<Reject>) -> Option<Self> {
        let record = Self { reject, gap: arrived.gap_change() };
        (record != Self::default()).then_some(record)
    }
}
