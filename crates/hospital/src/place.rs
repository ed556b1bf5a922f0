//! Where patients are: wards, with rooms and beds, and the specialities that care for them there.

use std::fmt::{Display, Formatter, Result};

/// A bed in a room of a ward, or the ward alone while no bed is assigned.
///
/// Displayed as in interchange messages: `T01^T01 Room 2^T01-203`, `T01^null^null`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Place {
    /// Counts from 1.
    pub(crate) ward: usize,
    /// Room and bed, each counting from 1.
    pub(crate) bed: Option<(usize, usize)>,
}

impl Display for Place {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> Result {
        let Self { ward, bed } = self;
        match bed {
            Some((room, bed)) => {
                write!(formatter, "T{ward:02}^T{ward:02} Room {room}^T{ward:02}-{room}{bed:02}")
            }
            None => write!(formatter, "T{ward:02}^null^null"),
        }
    }
}

/// Codes of the specialities.
const SPECIALITIES: [&str; 5] = ["GENMED", "RENAL", "CARDIO", "ORTHO", "RESP"];

/// The code of a speciality, of those that take turns over the wards.
pub(crate) fn speciality(number: usize) -> &'static str {
    SPECIALITIES[number % SPECIALITIES.len()]
}
