//! What a hospital sends, and how much of each.

use std::ops::AddAssign;

/// A family of interchange messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Values charted at the bedside.
    Flowsheets,
    /// Orders of laboratories and imaging, with or without results.
    Labs,
    /// Patients, visits and movements, those that other HL7 messages imply included.
    Adt,
    /// Conditions, consult requests and advance decisions.
    Others,
}

impl Family {
    /// All families, the most frequent first.
    pub const ALL: [Self; 4] = [Self::Flowsheets, Self::Labs, Self::Adt, Self::Others];

    /// Its name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flowsheets => "flowsheets",
            Self::Labs => "labs",
            Self::Adt => "ADT",
            Self::Others => "others",
        }
    }
}

/// Percentage of each family among the interchange messages, in the order of [`Family::ALL`]; they make up 100.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix([u64; Family::ALL.len()]);

impl Mix {
    /// Patients, visits and movements only.
    pub const ADT: Self = Self([0, 0, 100, 0]);
    /// What a busy hospital sends: mostly values charted at the bedside, and laboratory orders with their results.
    pub const HOSPITAL: Self = Self([60, 20, 15, 5]);

    /// Percentage of a family among the interchange messages.
    pub fn percentage(self, family: Family) -> u64 {
        self.0[family as usize]
    }

    /// The family of which least was sent for its share.
    pub(crate) fn furthest_behind(self, sent: &Amounts) -> Family {
        let due = Family::ALL.into_iter().filter(|family| self.percentage(*family) > 0);
        let furthest = due.min_by_key(|family| sent.of(*family) * 1000 / self.percentage(*family));
        furthest.unwrap_or(Family::Adt)
    }
}

/// How many interchange messages there are of each family.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Amounts([u64; Family::ALL.len()]);

impl Amounts {
    /// Messages of one family only.
    pub fn of_family(family: Family, messages: u64) -> Self {
        let mut amounts = Self::default();
        amounts.0[family as usize] = messages;
        amounts
    }

    /// Messages of one family.
    pub fn of(&self, family: Family) -> u64 {
        self.0[family as usize]
    }

    /// Messages of all families.
    pub fn total(&self) -> u64 {
        self.0.iter().sum()
    }
}

impl AddAssign for Amounts {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Family, Mix};

    #[test]
    fn percentages_make_a_hundred() {
        for mix in [Mix::ADT, Mix::HOSPITAL] {
            let sum: u64 = Family::ALL.into_iter().map(|family| mix.percentage(family)).sum();
            assert_eq!(sum, 100, "{mix:?}");
        }
    }
}
