//! What the hospital and its messages are like.

use chrono::DateTime;
use emap_interchange::Instant;

use crate::mix::Mix;

/// A hospital, and how many messages it sends.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Settings {
    /// Interchange messages that are sent at least: the stream ends with the event that reaches this number.
    pub messages: u64,
    /// What they are about.
    pub mix: Mix,
    /// Another seed, other patients and journeys.
    pub seed: u64,
    /// Before the first event.
    pub begin: Instant,
    /// How the messages arrive.
    pub disorder: Disorder,
    /// What happens besides admission, transfers and discharge.
    pub incidents: Incidents,
    /// Patients in the hospital at a time.
    pub present: usize,
}

/// 2026-01-05T00:00:00Z, in seconds since 1970.
const MONDAY: i64 = 1_767_571_200;

impl Default for Settings {
    /// A small hospital that sends movements only, in order.
    fn default() -> Self {
        Self {
            messages: 10_000,
            mix: Mix::ADT,
            seed: 1,
            begin: DateTime::from_timestamp(MONDAY, 0).unwrap_or_default(),
            disorder: Disorder::default(),
            incidents: Incidents::default(),
            present: 400,
        }
    }
}

/// How messages arrive, as shares from 0 to 1. The default is in order and once.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Disorder {
    /// Of messages: those that come later than they were made, by up to fifty messages.
    pub late: f64,
    /// Of messages: those that come a second time, up to two hundred messages later.
    pub duplicates: f64,
}

/// What happens rarely, as shares from 0 to 1. The default is nothing.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Incidents {
    /// Of admissions, transfers, discharges and plans: those that are cancelled. All but plans then happen after all.
    pub cancellations: f64,
    /// Of visits: those that begin under a provisional number, merged later.
    pub merges: f64,
    /// Of transfers and discharges: those that are planned before.
    pub plans: f64,
    /// Of updates: those that are a change of the speciality.
    pub services: f64,
    /// Of visits: those with a change of the record — a new number, a move of the visit to another person, a change of
    /// beds with another patient, in equal parts; one in twenty of these is the removal of the person instead.
    pub corrections: f64,
}
