//! Values charted at the bedside: a sheet of about a dozen.

use chrono::TimeDelta;
use emap_interchange::Instant;

use crate::{chance::Chance, number::Decimal};

/// How a value is made up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    /// Between these two, with so many decimals: `(361, 385, 1)` is 36.1 to 38.5.
    Number(i64, i64, usize),
    /// Systolic over diastolic.
    Pressure,
    OneOf(&'static [&'static str]),
}

/// Code, name, unit and value.
pub(crate) type Item = (u32, &'static str, &'static str, Kind);

const VITAL_SIGNS: [Item; 12] = {
    use Kind::{Number, OneOf, Pressure};
    [
        (5101, "BLOOD PRESSURE", "mmHg", Pressure),
        (5102, "TEMPERATURE", "Cel", Number(361, 385, 1)),
        (5103, "PULSE", "/min", Number(52, 118, 0)),
        (5104, "RESPIRATIONS", "/min", Number(11, 26, 0)),
        (5105, "OXYGEN SATURATION", "%", Number(91, 100, 0)),
        (5106, "OXYGEN DEVICE", "", OneOf(&["Room air", "Nasal cannula", "Venturi mask", "High flow"])),
        (5107, "OXYGEN FLOW", "L/min", Number(0, 15, 0)),
        (5108, "CONSCIOUSNESS", "", OneOf(&["Alert", "Responds to voice", "Newly confused"])),
        (5109, "PAIN AT REST", "", Number(0, 10, 0)),
        (5110, "PAIN ON MOVEMENT", "", Number(0, 10, 0)),
        (5111, "EARLY WARNING SCORE", "", Number(0, 9, 0)),
        (5112, "BLOOD GLUCOSE AT BEDSIDE", "mmol/L", Number(38, 141, 1)),
    ]
};

const FLUIDS: [Item; 10] = {
    use Kind::{Number, OneOf};
    [
        (5201, "INTAKE BY MOUTH", "mL", Number(0, 400, 0)),
        (5202, "INTAKE BY VEIN", "mL", Number(0, 500, 0)),
        (5203, "FEED BY TUBE", "mL", Number(0, 300, 0)),
        (5204, "URINE", "mL", Number(20, 350, 0)),
        (5205, "DRAIN 1", "mL", Number(0, 120, 0)),
        (5206, "DRAIN 2", "mL", Number(0, 120, 0)),
        (5207, "VOMIT", "mL", Number(0, 90, 0)),
        (5208, "BOWELS OPENED", "", OneOf(&["No", "Type 3", "Type 4", "Type 6"])),
        (5209, "BALANCE OF THE DAY", "mL", Number(-900, 1500, 0)),
        (5210, "WEIGHT", "kg", Number(452, 1093, 1)),
    ]
};

const NURSING: [Item; 14] = {
    use Kind::{Number, OneOf};
    [
        (5301, "SKIN RISK SCORE", "", Number(6, 23, 0)),
        (5302, "POSITION", "", OneOf(&["Left side", "Right side", "Back", "Sitting out"])),
        (5303, "PRESSURE AREAS", "", OneOf(&["Intact", "Red, blanching", "Broken"])),
        (5304, "MOBILITY", "", OneOf(&["Independent", "One to help", "Two to help", "Hoist"])),
        (5305, "FALLS RISK SCORE", "", Number(0, 8, 0)),
        (5306, "BED RAILS", "", OneOf(&["Up", "Down"])),
        (5307, "LINE SITE SCORE", "", Number(0, 5, 0)),
        (5308, "LINE SITE", "", OneOf(&["Left forearm", "Right forearm", "Left hand", "Right hand"])),
        (5309, "COMA SCORE", "", Number(9, 15, 0)),
        (5310, "LEFT PUPIL", "mm", Number(2, 6, 0)),
        (5311, "RIGHT PUPIL", "mm", Number(2, 6, 0)),
        (5312, "SEDATION SCORE", "", Number(-3, 3, 0)),
        (5313, "MOUTH CARE", "", OneOf(&["Given", "Declined"])),
        (5314, "SLEEP", "", OneOf(&["Awake", "Dozing", "Asleep"])),
    ]
};

const SHEETS: [&[Item]; 3] = [&VITAL_SIGNS, &FLUIDS, &NURSING];

/// Of messages: those that correct what was charted last.
const CORRECTIONS: f64 = 0.03;
/// Of values: those with a comment.
const COMMENTS: f64 = 0.03;

/// Two lines.
pub(crate) const COMMENT: [&str; 2] = ["Taken twice, patient was restless", "Doctor informed"];

/// Which sheet was filled in, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Charted {
    sheet: usize,
    at: Instant,
}

/// A sheet of values.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sheet {
    pub(crate) observed: Instant,
    pub(crate) is_correction: bool,
    pub(crate) values: Vec<Charting>,
}

/// One value of a sheet.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Charting {
    pub(crate) code: u32,
    pub(crate) name: &'static str,
    pub(crate) unit: &'static str,
    pub(crate) value: Value,
    pub(crate) has_comment: bool,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Number(Decimal),
    Text(String),
}

/// A sheet of values, or the last one corrected.
pub(crate) fn chart(last: &mut Option<Charted>, at: Instant, chance: &mut Chance) -> Sheet {
    let corrected = last.filter(|_| chance.share(CORRECTIONS));
    let charted = corrected.unwrap_or_else(|| Charted {
        sheet: chance.below(SHEETS.len()),
        at: at - TimeDelta::seconds(chance.between(30, 900)),
    });
    *last = Some(charted);
    let values = SHEETS[charted.sheet].iter().map(|(code, name, unit, kind)| Charting {
        code: *code,
        name,
        unit,
        value: value(*kind, chance),
        has_comment: chance.share(COMMENTS),
    });
    Sheet { observed: charted.at, is_correction: corrected.is_some(), values: values.collect() }
}

fn value(kind: Kind, chance: &mut Chance) -> Value {
    match kind {
        Kind::Number(low, high, decimals) => Value::Number(Decimal(chance.between(low, high), decimals)),
        Kind::Pressure => Value::Text(format!("{}/{}", chance.between(92, 168), chance.between(48, 96))),
        Kind::OneOf(words) => Value::Text(chance.pick(words).to_owned()),
    }
}
