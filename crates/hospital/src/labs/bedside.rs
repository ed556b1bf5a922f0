//! Devices on the wards: blood gas analysers, and the middleware of glucose meters.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::{chance::Chance, number::Decimal};

/// Code, unit and range of what an analyser measures, with so many decimals.
const GASES: [(&str, &str, (i64, i64, usize)); 4] = [
    ("pH", "", (7350, 7450, 3)),
    ("pCO2", "kPa", (460, 640, 2)),
    ("pO2", "kPa", (1100, 1440, 2)),
    ("Lac", "mmol/L", (5, 16, 1)),
];

/// A measurement of a blood gas analyser.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct BloodGas {
    /// Of the sample.
    pub(crate) number: u64,
    pub(crate) collected: Instant,
    pub(crate) received: Instant,
    pub(crate) measured: Instant,
    pub(crate) values: Vec<Gas>,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Gas {
    pub(crate) code: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: Decimal,
    /// `N`: normal.
    pub(crate) flag: &'static str,
}

/// A measurement of a glucose meter.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Glucose {
    /// Of the measurement.
    pub(crate) number: u64,
    pub(crate) taken: Instant,
    pub(crate) received: Instant,
    pub(crate) value: Decimal,
    pub(crate) flag: &'static str,
}

/// Normal glucose, in tenths of mmol/L.
const GLUCOSE: (i64, i64) = (40, 70);

fn flag(value: i64, (low, high): (i64, i64)) -> &'static str {
    if value < low {
        "L"
    } else if value > high {
        "H"
    } else {
        "N"
    }
}

pub(crate) fn blood_gas(number: u64, at: Instant, chance: &mut Chance) -> BloodGas {
    let gas = |(code, unit, (low, high, decimals))| {
        let margin = (high - low) / 4;
        let value = chance.between(low - margin, high + margin);
        Gas { code, unit, value: Decimal(value, decimals), flag: flag(value, (low, high)) }
    };
    let before = |minutes| at - TimeDelta::minutes(minutes);
    let values = GASES.map(gas).into();
    BloodGas { number, collected: before(4), received: before(2), measured: before(1), values }
}

pub(crate) fn glucose(number: u64, at: Instant, chance: &mut Chance) -> Glucose {
    let value = chance.between(31, 152);
    let (taken, received) = (at - TimeDelta::minutes(3), at - TimeDelta::minutes(1));
    Glucose { number, taken, received, value: Decimal(value, 1), flag: flag(value, GLUCOSE) }
}
