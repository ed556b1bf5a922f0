//! What clients ask: logins, batches, procedures with parameters.

use std::{collections::HashMap, io};

use super::{
    tsql::{Bound, SqlType, Text, variable},
    wire::{Reader, utf16},
};

/// A login.
#[derive(Debug)]
pub(super) struct Login {
    pub(super) user: String,
    pub(super) password: String,
    pub(super) database: String,
}

impl Login {
    pub(super) fn read(message: &[u8]) -> io::Result<Self> {
        let field = |place: usize| -> io::Result<Vec<u8>> {
            let mut reader = Reader(message.get(place..).unwrap_or_default());
            let (start, characters) = (reader.number(2)?, reader.number(2)?);
            let start = usize::try_from(start).unwrap_or(usize::MAX);
            let mut reader = Reader(message.get(start..).unwrap_or_default());
            Ok(reader.take(2 * usize::try_from(characters).unwrap_or_default())?.to_vec())
        };
        // Passwords are scrambled, not encrypted.
        let password: Vec<u8> = field(44)?.into_iter().map(|byte| (byte ^ 0xA5).rotate_left(4)).collect();
        Ok(Self { user: utf16(&field(40)?), password: utf16(&password), database: utf16(&field(68)?) })
    }
}

/// The values of parameters by name, with `@`, in lower case.
pub(super) type Parameters = HashMap<String, Bound>;

/// What a client wants done.
#[derive(Debug)]
pub(super) enum Call {
    /// A text with its parameters.
    Run {
        sql: String,
        parameters: Parameters,
    },
    /// A text for later, perhaps run now; the declarations of its parameters.
    Prepare {
        sql: String,
        declarations: String,
        run: Option<Vec<Parameter>>,
    },
    /// One that was prepared.
    Execute {
        handle: i64,
        values: Vec<Parameter>,
    },
    Unprepare,
    /// Another procedure.
    Other(String),
}

/// A parameter as it came; the name may be empty.
#[derive(Debug)]
pub(super) struct Parameter {
    name: String,
    value: Value,
}

/// Headers stand before the text; their own length comes first.
fn without_headers(message: &[u8]) -> io::Result<&[u8]> {
    let mut reader = Reader(message);
    let length = usize::try_from(reader.number(4)?).unwrap_or(usize::MAX);
    message.get(length..).ok_or(io::Error::from(io::ErrorKind::InvalidData))
}

/// By number, and by name.
const PROCEDURES: [(u64, &str); 5] = [
    (10, "sp_executesql"),
    (11, "sp_prepare"),
    (12, "sp_execute"),
    (13, "sp_prepexec"),
    (15, "sp_unprepare"),
];

impl Call {
    pub(super) fn of_batch(message: &[u8]) -> io::Result<Self> {
        Ok(Self::Run { sql: utf16(without_headers(message)?), parameters: Parameters::new() })
    }

    pub(super) fn of_rpc(message: &[u8]) -> io::Result<Self> {
        const BY_NUMBER: u64 = 0xFFFF;
        let mut reader = Reader(without_headers(message)?);
        let length = reader.number(2)?;
        let name = if length == BY_NUMBER {
            let number = reader.number(2)?;
            let known = PROCEDURES.iter().find(|(known, _)| *known == number);
            known.map_or(format!("sp_{number}"), |(_, name)| (*name).to_owned())
        } else {
            utf16(reader.take(2 * usize::try_from(length).unwrap_or_default())?)
        };
        reader.take(2)?;
        let mut given = Vec::new();
        while !reader.is_empty() {
            let length = reader.u8()?;
            let name = utf16(reader.take(2 * usize::from(length))?).to_lowercase();
            reader.u8()?;
            given.push(Parameter { name, value: Value::read(&mut reader)? });
        }
        let mut given = given.into_iter();
        let text = |given: &mut std::vec::IntoIter<Parameter>| {
            given.next().and_then(|parameter| parameter.value.text).unwrap_or_default()
        };
        Ok(match name.to_lowercase().as_str() {
            "sp_executesql" => {
                let sql = text(&mut given);
                let declarations = text(&mut given);
                Self::Run { sql, parameters: named(given.collect(), &declarations) }
            }
            "sp_prepare" | "sp_prepexec" => {
                given.next();
                let declarations = text(&mut given);
                let sql = text(&mut given);
                let run = (name.to_lowercase() == "sp_prepexec").then(|| given.collect());
                Self::Prepare { sql, declarations, run }
            }
            "sp_execute" => {
                let handle = given.next().and_then(|handle| handle.value.text?.parse().ok()).unwrap_or(0);
                Self::Execute { handle, values: given.collect() }
            }
            "sp_unprepare" => Self::Unprepare,
            _ => Self::Other(name),
        })
    }
}

/// Parameters without names have those of the declarations, in order.
pub(super) fn named(values: Vec<Parameter>, declarations: &str) -> Parameters {
    let mut names = declarations.split(',').filter_map(|part| {
        let name = part.split_whitespace().next()?;
        name.starts_with('@').then(|| name.to_lowercase())
    });
    values
        .into_iter()
        .filter_map(|parameter| {
            let declared = names.next();
            let name = if parameter.name.is_empty() { declared? } else { parameter.name };
            Some((name, variable(parameter.value.sql_type, parameter.value.text.as_deref())))
        })
        .collect()
}

/// A value of a parameter, as the text that PostgreSQL has for it.
#[derive(Debug)]
struct Value {
    sql_type: SqlType,
    text: Option<String>,
}

fn unsupported() -> io::Error {
    io::Error::from(io::ErrorKind::Unsupported)
}

impl Value {
    fn read(reader: &mut Reader<'_>) -> io::Result<Self> {
        let kind = reader.u8()?;
        let (sql_type, text) = match kind {
            0xE7 | 0xEF | 0xA7 | 0xAF => return Self::read_text(reader, matches!(kind, 0xE7 | 0xEF)),
            0x26 => {
                let size = reader.u8()?;
                let sql_type = match size {
                    1 => SqlType::TinyInt,
                    2 => SqlType::SmallInt,
                    4 => SqlType::Int,
                    _ => SqlType::BigInt,
                };
                let bytes = reader.u8()?;
                (sql_type, whole(reader, bytes)?)
            }
            0x30 => (SqlType::TinyInt, whole(reader, 1)?),
            0x34 => (SqlType::SmallInt, whole(reader, 2)?),
            0x38 => (SqlType::Int, whole(reader, 4)?),
            0x7F => (SqlType::BigInt, whole(reader, 8)?),
            0x32 => (SqlType::Bit, Some((reader.u8()? != 0).to_string())),
            0x68 => {
                reader.u8()?;
                let bytes = reader.u8()?;
                let number = reader.number(bytes.into())?;
                (SqlType::Bit, (bytes > 0).then(|| (number != 0).to_string()))
            }
            0x6D => {
                let size = reader.u8()?;
                let sql_type = if size == 4 { SqlType::Real } else { SqlType::Float };
                let bytes = reader.u8()?;
                (sql_type, float(reader, bytes)?)
            }
            0x3B => (SqlType::Real, float(reader, 4)?),
            0x3E => (SqlType::Float, float(reader, 8)?),
            0x6A | 0x6C => {
                reader.u8()?;
                let (precision, scale) = (reader.u8()?, reader.u8()?);
                let bytes = reader.u8()?;
                (SqlType::Decimal(precision, scale), decimal(reader, bytes, scale)?)
            }
            0x28 => {
                let bytes = reader.u8()?;
                let days = reader.number(bytes.into())?;
                (SqlType::Date, (bytes > 0).then(|| day(days)))
            }
            0x29 => {
                let digits = reader.u8()?;
                let bytes = reader.u8()?;
                let ticks = reader.number(bytes.into())?;
                (SqlType::Time(digits), (bytes > 0).then(|| clock(ticks, digits)))
            }
            0x2A => {
                let digits = reader.u8()?;
                let bytes = reader.u8()?;
                if bytes < 3 {
                    (SqlType::DateTime2(digits), None)
                } else {
                    let ticks = reader.number(usize::from(bytes) - 3)?;
                    let days = reader.number(3)?;
                    (SqlType::DateTime2(digits), Some(format!("{} {}", day(days), clock(ticks, digits))))
                }
            }
            0x2B => {
                let digits = reader.u8()?;
                let bytes = reader.u8()?;
                if bytes < 5 {
                    (SqlType::DateTimeOffset(digits), None)
                } else {
                    let ticks = reader.number(usize::from(bytes) - 5)?;
                    let (days, offset) = (reader.number(3)?, reader.number(2)?);
                    let minutes = i16::from_le_bytes([offset.to_le_bytes()[0], offset.to_le_bytes()[1]]);
                    let utc = format!("{} {}", day(days), clock(ticks, digits));
                    (SqlType::DateTimeOffset(digits), Some(format!("(\"{utc}\",{minutes})")))
                }
            }
            0x6F => {
                let size = reader.u8()?;
                let sql_type = if size == 4 { SqlType::SmallDateTime } else { SqlType::DateTime };
                let bytes = reader.u8()?;
                (sql_type, old_time(reader, bytes)?)
            }
            _ => return Err(unsupported()),
        };
        Ok(Self { sql_type, text })
    }

    fn read_text(reader: &mut Reader<'_>, national: bool) -> io::Result<Self> {
        let most = reader.number(2)?;
        reader.take(5)?;
        let is_max = most == 0xFFFF;
        let bytes = if is_max { parts(reader)? } else { short(reader)? };
        let text = bytes.map(|bytes| {
            if national { utf16(&bytes) } else { encoding_rs::WINDOWS_1252.decode(&bytes).0.into_owned() }
        });
        if text.as_deref().is_some_and(|text| text.contains('\0')) {
            return Err(unsupported());
        }
        let width = if national { 2 } else { 1 };
        let length = (!is_max).then(|| u32::try_from(most / width).unwrap_or(u32::MAX).max(1));
        Ok(Self { sql_type: SqlType::Text(Text::of(national, length)), text })
    }
}

fn short(reader: &mut Reader<'_>) -> io::Result<Option<Vec<u8>>> {
    match reader.number(2)? {
        0xFFFF => Ok(None),
        bytes => Ok(Some(reader.take(usize::try_from(bytes).unwrap_or_default())?.to_vec())),
    }
}

fn parts(reader: &mut Reader<'_>) -> io::Result<Option<Vec<u8>>> {
    if reader.number(8)? == u64::MAX {
        return Ok(None);
    }
    let mut bytes = Vec::new();
    loop {
        match usize::try_from(reader.number(4)?).unwrap_or_default() {
            0 => return Ok(Some(bytes)),
            length => bytes.extend_from_slice(reader.take(length)?),
        }
    }
}

fn whole(reader: &mut Reader<'_>, bytes: u8) -> io::Result<Option<String>> {
    let number = reader.number(bytes.into())?;
    Ok(match bytes {
        0 => None,
        // The smallest type has no sign.
        1 => Some(number.to_string()),
        _ => {
            let shift = 64 - 8 * u32::from(bytes.min(8));
            Some(((number << shift).cast_signed() >> shift).to_string())
        }
    })
}

fn float(reader: &mut Reader<'_>, bytes: u8) -> io::Result<Option<String>> {
    let number = reader.number(bytes.into())?;
    Ok(match bytes {
        0 => None,
        4 => Some(f32::from_bits(u32::try_from(number).unwrap_or_default()).to_string()),
        _ => Some(format!("{:e}", f64::from_bits(number))),
    })
}

fn decimal(reader: &mut Reader<'_>, bytes: u8, scale: u8) -> io::Result<Option<String>> {
    if bytes == 0 {
        return Ok(None);
    }
    let sign = if reader.u8()? == 0 { "-" } else { "" };
    let digits = reader.take(usize::from(bytes) - 1)?;
    let number = digits.iter().rev().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    let scale = usize::from(scale);
    let text = format!("{number:0>width$}", width = scale + 1);
    let (whole, fraction) = text.split_at(text.len() - scale);
    Ok(Some(if scale == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }))
}

/// A day, counted from 0001-01-01.
fn day(days: u64) -> String {
    let days = i64::try_from(days).unwrap_or(0);
    // Days of the calendar, by the rule of 400 years.
    let shifted = days + 306;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day:02}", year_of_era + era * 400 + next)
}

/// A time of the day, in ticks of so many digits; a tenth of a microsecond is not rounded up into the next day.
fn clock(ticks: u64, digits: u8) -> String {
    let microseconds = ticks * 10_u64.pow(7 - u32::from(digits.min(7))) / 10;
    let seconds = microseconds / 1_000_000;
    format!(
        "{:02}:{:02}:{:02}.{:06}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60,
        microseconds % 1_000_000
    )
}

/// `datetime` (8 bytes) and `smalldatetime` (4), both counted from 1900.
fn old_time(reader: &mut Reader<'_>, bytes: u8) -> io::Result<Option<String>> {
    const DAYS_TO_1900: i64 = 693_595;
    let (days, microseconds) = match bytes {
        0 => return Ok(None),
        4 => (i64::try_from(reader.number(2)?).unwrap_or(0), reader.number(2)? * 60_000_000),
        _ => {
            let days = u32::try_from(reader.number(4)?).unwrap_or(0).cast_signed();
            let milliseconds = (reader.number(4)? * 10 + 1) / 3;
            (i64::from(days), milliseconds * 1000)
        }
    };
    let days = u64::try_from(days + DAYS_TO_1900).unwrap_or(0);
    Ok(Some(format!("{} {}", day(days), clock(microseconds * 10, 7))))
}
