//! Flowsheets: an HL7 message holds a sheet.

use std::fmt::{Result, Write};

use super::segments::{Escaped, Stamp};
use crate::{
    event::Event,
    flowsheets::{COMMENT, Charting, Sheet, Value},
};

pub(super) fn write(text: &mut String, event: &Event, sheet: &Sheet) -> Result {
    let observed = Stamp(sheet.observed);
    write!(text, "OBR|1||{}|FLOW^FLOWSHEET|||{observed}\r", event.number)?;
    let status = if sheet.is_correction { "C" } else { "F" };
    for (number, Charting { code, name, unit, value, has_comment }) in (1_u32..).zip(&sheet.values) {
        let data_type = if matches!(value, Value::Number(_)) { "NM" } else { "ST" };
        write!(text, "OBX|{number}|{data_type}|{code}^{name}^CHART||")?;
        match value {
            Value::Number(number) => write!(text, "{number}")?,
            Value::Text(value) => write!(text, "{}", Escaped(value))?,
        }
        write!(text, "|{unit}|||||{status}|||{observed}||4712^ASHDOWN^RUBY^^^^^^BENCH\r")?;
        if *has_comment {
            let [first, second] = COMMENT;
            write!(text, "NTE|1||{first}~{second}\r")?;
        }
    }
    Ok(())
}
