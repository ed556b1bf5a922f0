//! Invented patients: everything follows from the patient's number.

use std::fmt::{Display, Formatter, Result};

const FAMILY: [&str; 24] = [
    "ASHWORTH",
    "BRAITHWAITE",
    "CALLOWAY",
    "DEVEREUX",
    "ELLINGHAM",
    "FAIRWEATHER",
    "GREENHALGH",
    "HOLLOWAY",
    "INGLEBY",
    "JESSOP",
    "KETTLEWELL",
    "LANGTHORNE",
    "MERRIWETHER",
    "NETTLETON",
    "OAKENSHAW",
    "PEMBERTON",
    "QUILLER",
    "RAVENSCROFT",
    "STANHOPE",
    "THISTLETHWAITE",
    "UNDERHILL",
    "VANTERPOOL",
    "WOOLSTENCROFT",
    "YARDLEY",
];
const GIVEN: [&str; 20] = [
    "Ada",
    "Benedict",
    "Cordelia",
    "Dominic",
    "Edith",
    "Fergus",
    "Greta",
    "Horace",
    "Imogen",
    "Jasper",
    "Keziah",
    "Lionel",
    "Matilda",
    "Nathaniel",
    "Ottoline",
    "Percival",
    "Rosalind",
    "Silas",
    "Tabitha",
    "Winifred",
];
const STREETS: [&str; 10] = [
    "Lantern Row",
    "Saddler Street",
    "Orchard Rise",
    "Millpond Lane",
    "Cooper Terrace",
    "Foundry Walk",
    "Heron Way",
    "Bellmaker Court",
    "Juniper Close",
    "Tollgate Road",
];
const ETHNIC: [&str; 6] = ["A", "C", "H", "M", "N", "S"];

/// One invented person.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patient {
    pub(super) number: u64,
    mrn: u64,
}

impl Patient {
    pub(super) fn known(number: u64) -> Self {
        Self { number, mrn: 40_000_000 + number }
    }

    /// The same person under a number given for this visit.
    pub(super) fn before_anybody_knew(self, visit: u64) -> Self {
        Self { mrn: 80_000_000 + visit, ..self }
    }

    fn of<'a>(self, list: &[&'a str], salt: u64) -> &'a str {
        let mixed = self.number.wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ salt) >> 33;
        list[usize::try_from(mixed).unwrap_or(0) % list.len()]
    }

    pub(super) fn family(self) -> &'static str {
        self.of(&FAMILY, 1)
    }

    pub(super) fn given(self) -> &'static str {
        self.of(&GIVEN, 2)
    }

    pub(super) fn middle(self) -> &'static str {
        self.of(&GIVEN, 3)
    }

    pub(super) fn street(self) -> &'static str {
        self.of(&STREETS, 4)
    }

    /// Number in the street.
    pub(super) fn house(self) -> u64 {
        self.number % 180 + 1
    }

    pub(super) fn ethnic_group(self) -> &'static str {
        self.of(&ETHNIC, 5)
    }

    pub(super) fn is_female(self) -> bool {
        self.of(&["F", "M"], 6) == "F"
    }

    /// Medical record number.
    pub(super) fn mrn(self) -> u64 {
        self.mrn
    }

    /// Not a number the NHS would give out (it never starts with 0).
    pub(super) fn nhs_number(self) -> NhsNumber {
        NhsNumber(self.number)
    }

    /// `yyyymmdd` from 1930 on.
    pub(super) fn birth_date(self) -> u64 {
        let days = self.number.wrapping_mul(2_654_435_761) % 30_000;
        (1930 + days / 372) * 10_000 + (days / 31 % 12 + 1) * 100 + days % 28 + 1
    }
}

/// Ten digits.
pub(super) struct NhsNumber(u64);

impl Display for NhsNumber {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        write!(formatter, "{:010}", self.0 % 1_000_000_000)
    }
}
