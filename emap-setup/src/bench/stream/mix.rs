//! What a hospital sends, and how much of each.

use std::ops::AddAssign;

/// Kinds of messages in the stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Mix {
    /// Patients, visits and movements only.
    Adt,
    /// What a busy hospital sends: mostly values charted at the bedside, and laboratory orders with their results.
    Hospital,
}

/// A family of interchange messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// Values charted at the bedside.
    Flowsheets,
    /// Laboratory orders, with or without results.
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

impl Mix {
    /// Percentage of a family among the interchange messages.
    pub fn percentage(self, family: Family) -> u64 {
        match (self, family) {
            (Self::Adt, Family::Adt) => 100,
            (Self::Adt, _) => 0,
            (Self::Hospital, Family::Flowsheets) => 60,
            (Self::Hospital, Family::Labs) => 20,
            (Self::Hospital, Family::Adt) => 15,
            (Self::Hospital, Family::Others) => 5,
        }
    }

    /// The family that is told least for its share.
    pub(super) fn furthest_behind(self, told: &Told) -> Family {
        let due = Family::ALL.into_iter().filter(|family| self.percentage(*family) > 0);
        let furthest = due.min_by_key(|family| told.of(*family) * 1000 / self.percentage(*family));
        furthest.unwrap_or(Family::Adt)
    }
}

/// How many interchange messages of each family HL7 messages give.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Told([u64; Family::ALL.len()]);

impl Told {
    pub(super) fn only(family: Family, messages: u64) -> Self {
        let mut told = Self::default();
        told.0[family as usize] = messages;
        told
    }

    /// With the message about patient and visit that comes before them.
    pub(super) fn with_patient(family: Family, messages: u64) -> Self {
        let mut told = Self::only(family, messages);
        told += Self::only(Family::Adt, 1);
        told
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

impl AddAssign for Told {
    fn add_assign(&mut self, other: Self) {
        for (sum, more) in self.0.iter_mut().zip(other.0) {
            *sum += more;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentages_make_a_hundred() {
        for mix in [Mix::Adt, Mix::Hospital] {
            let sum: u64 = Family::ALL.into_iter().map(|family| mix.percentage(family)).sum();
            assert_eq!(sum, 100, "{mix:?}");
        }
    }
}
