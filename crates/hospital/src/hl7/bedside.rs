//! Blood gas analysers, glucose meters and the blood bank: one order in a message.

use std::fmt::{Result, Write};

use super::segments::{Empty, Stamp};
use crate::labs::{BloodGas, Gas, Glucose, Grouping};

pub(super) fn write_blood_gas(text: &mut String, measured: &BloodGas) -> Result {
    let BloodGas { number, collected, received, measured, values } = measured;
    let (collected, received, measured) = (Stamp(*collected), Stamp(*received), Stamp(*measured));
    write!(text, "OBR|1||G{number:09}|VBG|||{collected}{}{received}|Venous^^^^^^P", Empty(7))?;
    write!(text, "{}{measured}|||F\r", Empty(7))?;
    for (number, Gas { code, unit, value, flag }) in (1_u32..).zip(values) {
        write!(text, "OBX|{number}|ST|{code}^M||{value}|{unit}||{flag}|||F|||{measured}\r")?;
    }
    Ok(())
}

pub(super) fn write_glucose(text: &mut String, measured: &Glucose) -> Result {
    let Glucose { number, taken, received, value, flag } = measured;
    let (taken, received) = (Stamp(*taken), Stamp(*received));
    write!(text, "ORC|NW|^HIS|{number:014}||CM||||{taken}\r")?;
    write!(text, "OBR|1|P{number:09}||Glucose||{taken}|{taken}|{taken}{}{received}|BLD", Empty(6))?;
    write!(text, "{}{received}|||F\rOBX|1|NM|2341-6^Glu|1|{value}|mmol/L|4.0-7.0|{flag}|||F\r", Empty(7))
}

pub(super) fn write_grouping(text: &mut String, grouping: &Grouping) -> Result {
    let Grouping { number, collected, tested, group, antibodies } = grouping;
    let (collected, tested) = (Stamp(*collected), Stamp(*tested));
    write!(text, "ORC|RE||{number}\r")?;
    write!(
        text,
        "OBR|1||B{number:09}|GPS^Group & Screen^^Profiles|||{collected}{}{tested}|||F\r",
        Empty(15)
    )?;
    write!(text, "OBX|1|ST|GPS1^Group||{group}||||||F|||{tested}\r")?;
    write!(text, "OBX|2|ST|GPS2^Ab. Screen||{antibodies}||||||F|||{tested}\r")
}
