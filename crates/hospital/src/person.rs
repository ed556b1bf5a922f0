//! Invented people: everything follows from a person's number.

use std::fmt::{Display, Formatter, Result};

use chrono::NaiveDate;

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
/// Code and name of ethnic groups.
const ETHNIC: [(&str, &str); 6] = [
    ("A", "White British"),
    ("C", "Other White Background"),
    ("H", "Asian Indian"),
    ("M", "Black Caribbean"),
    ("N", "Black African"),
    ("S", "Other Ethnic Group"),
];

/// One invented person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) number: u64,
    pub(crate) mrn: Mrn,
    /// How often the family name has changed.
    pub(crate) renamed: u64,
    /// Whether the hospital knows the NHS number.
    pub(crate) has_nhs_number: bool,
}

/// Medical record number: eight digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Mrn(u64);

impl Mrn {
    /// The number that a patient is registered with who is not identified yet.
    pub(crate) fn provisional(visit: u64) -> Self {
        Self(80_000_000 + visit)
    }

    /// A number that replaces another.
    pub(crate) fn replacing(event: u64) -> Self {
        Self(60_000_000 + event)
    }

    pub(crate) fn digits(self) -> u64 {
        self.0
    }
}

impl Display for Mrn {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        self.0.fmt(formatter)
    }
}

impl Person {
    pub(crate) fn new(number: u64) -> Self {
        Self { number, mrn: Mrn(40_000_000 + number), renamed: 0, has_nhs_number: true }
    }

    /// The same person under another number.
    pub(crate) fn under(self, mrn: Mrn) -> Self {
        Self { mrn, ..self }
    }

    fn of<T: Copy>(self, list: &[T], salt: u64) -> T {
        let mixed = self.number.wrapping_mul(0x9E37_79B9_7F4A_7C15 ^ salt) >> 33;
        list[usize::try_from(mixed).unwrap_or(0) % list.len()]
    }

    pub(crate) fn family(self) -> &'static str {
        let position = FAMILY.iter().position(|name| *name == self.of(&FAMILY, 1)).unwrap_or(0);
        let renamed = usize::try_from(self.renamed).unwrap_or(0);
        FAMILY[(position + renamed) % FAMILY.len()]
    }

    pub(crate) fn given(self) -> &'static str {
        self.of(&GIVEN, 2)
    }

    pub(crate) fn middle(self) -> &'static str {
        self.of(&GIVEN, 3)
    }

    pub(crate) fn street(self) -> &'static str {
        self.of(&STREETS, 4)
    }

    /// Number in the street.
    pub(crate) fn house(self) -> u64 {
        self.number % 180 + 1
    }

    /// Code and name.
    pub(crate) fn ethnic_group(self) -> (&'static str, &'static str) {
        self.of(&ETHNIC, 5)
    }

    /// `F` or `M`.
    pub(crate) fn sex(self) -> &'static str {
        self.of(&["F", "M"], 6)
    }

    pub(crate) fn title(self) -> &'static str {
        if self.sex() == "F" { "MS" } else { "MR" }
    }

    pub(crate) fn postcode(self) -> String {
        format!("BB{} {}QX", self.house() % 30 + 1, self.house() % 9)
    }

    /// Ten digits, if it is known. Not a number the NHS would give out, as it starts with 0.
    pub(crate) fn nhs_number(self) -> Option<String> {
        self.has_nhs_number.then(|| format!("{:010}", self.number % 1_000_000_000))
    }

    /// From 1930 on; nothing for no number.
    pub(crate) fn birth_date(self) -> Option<NaiveDate> {
        let days = u32::try_from(self.number.wrapping_mul(2_654_435_761) % 30_000).ok()?;
        let year = i32::try_from(1930 + days / 372).ok()?;
        NaiveDate::from_ymd_opt(year, days / 31 % 12 + 1, days % 28 + 1)
    }
}
