//! Results as tokens of TDS.

use std::io;

use postgres::{Row, types::Type};

use super::{
    tsql::{Layout, OutColumn, SqlType, Text},
    wire::short_text,
};

/// Latin1_General_CI_AS.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];
const NULLABLE: u16 = 1;
const IDENTITY: u16 = 0x10;
/// Days from 0001-01-01, which TDS counts from, to 2000-01-01, which PostgreSQL counts from.
const DAYS_TO_2000: i64 = 730_119;
/// Days from 1900-01-01, which the older types count from.
const DAYS_FROM_1900: i64 = 36_524;
const MICROSECONDS_OF_A_DAY: i64 = 86_400_000_000;
const MAX: u16 = 0xFFFF;

/// The description of a result.
pub(super) fn description(columns: &[OutColumn]) -> Vec<u8> {
    let mut bytes = vec![0x81];
    bytes.extend(u16::try_from(columns.len()).unwrap_or(u16::MAX).to_le_bytes());
    for column in columns {
        bytes.extend([0; 4]);
        let nullable = if column.nullable { NULLABLE } else { 0 };
        let identity = if column.is_identity { IDENTITY } else { 0 };
        bytes.extend((nullable | identity).to_le_bytes());
        describe(column.sql_type, &mut bytes);
        bytes.extend(short_text(&column.name));
    }
    bytes
}

fn describe(of: SqlType, bytes: &mut Vec<u8>) {
    match of {
        SqlType::TinyInt => bytes.extend([0x26, 1]),
        SqlType::SmallInt => bytes.extend([0x26, 2]),
        SqlType::Null | SqlType::Int => bytes.extend([0x26, 4]),
        SqlType::BigInt => bytes.extend([0x26, 8]),
        SqlType::Bit => bytes.extend([0x68, 1]),
        SqlType::Decimal(precision, scale) => bytes.extend([0x6A, decimal_size(precision), precision, scale]),
        SqlType::Money => bytes.extend([0x6E, 8]),
        SqlType::Real => bytes.extend([0x6D, 4]),
        SqlType::Float => bytes.extend([0x6D, 8]),
        SqlType::Date => bytes.push(0x28),
        SqlType::Time(digits) => bytes.extend([0x29, digits]),
        SqlType::SmallDateTime => bytes.extend([0x6F, 4]),
        SqlType::DateTime => bytes.extend([0x6F, 8]),
        SqlType::DateTime2(digits) => bytes.extend([0x2A, digits]),
        SqlType::DateTimeOffset(digits) => bytes.extend([0x2B, digits]),
        SqlType::UniqueIdentifier => bytes.extend([0x24, 16]),
        SqlType::Text(text) => {
            bytes.push(match (text.national, text.fixed && text.length.is_some()) {
                (false, false) => 0xA7,
                (false, true) => 0xAF,
                (true, false) => 0xE7,
                (true, true) => 0xEF,
            });
            let width = if text.national { 2 } else { 1 };
            let length = text.length.map_or(MAX, |length| u16::try_from(length * width).unwrap_or(MAX - 1));
            bytes.extend(length.to_le_bytes());
            bytes.extend(COLLATION);
        }
    }
}

fn decimal_size(precision: u8) -> u8 {
    match precision {
        0..=9 => 5,
        10..=19 => 9,
        20..=28 => 13,
        _ => 17,
    }
}

/// A row of it.
pub(super) fn row(layout: &Layout, row: &Row) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0xD1];
    for (column, place) in &layout.columns {
        value(column.sql_type, row, *place, &mut bytes).map_err(io::Error::other)?;
    }
    Ok(bytes)
}

fn value(of: SqlType, row: &Row, place: usize, bytes: &mut Vec<u8>) -> Result<(), String> {
    fn got<'r, T: postgres::types::FromSql<'r>>(row: &'r Row, place: usize) -> Result<Option<T>, String> {
        row.try_get::<_, Option<T>>(place).map_err(|error| error.to_string())
    }
    match of {
        SqlType::TinyInt => {
            let number = got::<i16>(row, place)?;
            sized(number.map(|number| [u8::try_from(number).unwrap_or(u8::MAX)]), bytes);
        }
        SqlType::SmallInt => sized(got::<i16>(row, place)?.map(i16::to_le_bytes), bytes),
        SqlType::Null | SqlType::Int => sized(got::<i32>(row, place)?.map(i32::to_le_bytes), bytes),
        SqlType::BigInt => sized(got::<i64>(row, place)?.map(i64::to_le_bytes), bytes),
        SqlType::Bit => sized(got::<bool>(row, place)?.map(|bit| [u8::from(bit)]), bytes),
        SqlType::Real => sized(got::<f32>(row, place)?.map(f32::to_le_bytes), bytes),
        SqlType::Float => sized(got::<f64>(row, place)?.map(f64::to_le_bytes), bytes),
        SqlType::Decimal(precision, _) => decimal(got::<&str>(row, place)?, precision, bytes)?,
        SqlType::Money => {
            let number = got::<&str>(row, place)?.map(unscaled).transpose()?;
            let halves = number.map(|(negative, number)| {
                let number = i64::try_from(number).unwrap_or(i64::MAX);
                // The upper half comes first.
                (if negative { -number } else { number }).rotate_left(32).to_le_bytes()
            });
            sized(halves, bytes);
        }
        SqlType::Date => {
            let days = got::<Days>(row, place)?.map(|Days(days)| i64::from(days) + DAYS_TO_2000);
            sized(days.map(first_three), bytes);
        }
        SqlType::Time(digits) => match got::<Microseconds>(row, place)? {
            None => bytes.push(0),
            Some(Microseconds(time)) => {
                let clock = clock(time, digits);
                bytes.push(u8::try_from(clock.len()).unwrap_or_default());
                bytes.extend(clock);
            }
        },
        SqlType::SmallDateTime => {
            let time = got::<Microseconds>(row, place)?.map(|Microseconds(time)| {
                let days =
                    u16::try_from(time.div_euclid(MICROSECONDS_OF_A_DAY) + DAYS_FROM_1900).unwrap_or(0);
                let minutes = u16::try_from(time.rem_euclid(MICROSECONDS_OF_A_DAY) / 60_000_000).unwrap_or(0);
                let ([a, b], [c, d]) = (days.to_le_bytes(), minutes.to_le_bytes());
                [a, b, c, d]
            });
            sized(time, bytes);
        }
        SqlType::DateTime => {
            let time = got::<Microseconds>(row, place)?.map(|Microseconds(time)| {
                let days =
                    i32::try_from(time.div_euclid(MICROSECONDS_OF_A_DAY) + DAYS_FROM_1900).unwrap_or(0);
                let ticks = (time.rem_euclid(MICROSECONDS_OF_A_DAY) * 300 + 500_000) / 1_000_000;
                (ticks << 32 | i64::from(days.cast_unsigned())).to_le_bytes()
            });
            sized(time, bytes);
        }
        SqlType::DateTime2(digits) => match got::<Microseconds>(row, place)? {
            None => bytes.push(0),
            Some(Microseconds(time)) => {
                let clock = clock(time, digits);
                bytes.push(u8::try_from(clock.len() + 3).unwrap_or_default());
                bytes.extend(clock);
                bytes.extend(day(time));
            }
        },
        SqlType::DateTimeOffset(digits) => {
            match (got::<Microseconds>(row, place)?, got::<i32>(row, place + 1)?) {
                (Some(Microseconds(time)), Some(minutes)) => {
                    let clock = clock(time, digits);
                    bytes.push(u8::try_from(clock.len() + 5).unwrap_or_default());
                    bytes.extend(clock);
                    bytes.extend(day(time));
                    bytes.extend(i16::try_from(minutes).unwrap_or(0).to_le_bytes());
                }
                _ => bytes.push(0),
            }
        }
        SqlType::UniqueIdentifier => {
            let id = got::<&str>(row, place)?.map(uuid).transpose()?;
            sized(id, bytes);
        }
        SqlType::Text(text) => return self::text(text, got::<&str>(row, place)?, bytes),
    }
    Ok(())
}

fn text(of: Text, value: Option<&str>, bytes: &mut Vec<u8>) -> Result<(), String> {
    let encoded = match value {
        None => None,
        Some(value) if of.national => Some(value.encode_utf16().flat_map(u16::to_le_bytes).collect()),
        Some(value) => Some(windows(value)?),
    };
    match (of.length, encoded) {
        (Some(_), None) => bytes.extend(MAX.to_le_bytes()),
        (Some(_), Some(encoded)) => {
            let length = u16::try_from(encoded.len()).ok().filter(|length| *length < MAX);
            let length = length.ok_or_else(|| "a text that is too long".to_owned())?;
            bytes.extend(length.to_le_bytes());
            bytes.extend(encoded);
        }
        (None, None) => bytes.extend([0xFF; 8]),
        (None, Some(encoded)) => {
            bytes.extend((encoded.len() as u64).to_le_bytes());
            if !encoded.is_empty() {
                bytes.extend(u32::try_from(encoded.len()).unwrap_or(u32::MAX).to_le_bytes());
                bytes.extend(encoded);
            }
            bytes.extend([0; 4]);
        }
    }
    Ok(())
}

/// A value with its length before it; 0 is null.
fn sized<const N: usize>(value: Option<[u8; N]>, bytes: &mut Vec<u8>) {
    match value {
        None => bytes.push(0),
        Some(value) => {
            bytes.push(u8::try_from(N).unwrap_or_default());
            bytes.extend(value);
        }
    }
}

/// Sign and digits of a number, without its point.
fn unscaled(text: &str) -> Result<(bool, u128), String> {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let number = digits.parse().map_err(|_| format!("the number {text}"))?;
    Ok((text.starts_with('-'), number))
}

fn decimal(text: Option<&str>, precision: u8, bytes: &mut Vec<u8>) -> Result<(), String> {
    let Some(text) = text else {
        bytes.push(0);
        return Ok(());
    };
    let (negative, number) = unscaled(text)?;
    let size = decimal_size(precision);
    bytes.extend([size, u8::from(!negative)]);
    bytes.extend(number.to_le_bytes().iter().take(usize::from(size) - 1));
    Ok(())
}

fn first_three(number: i64) -> [u8; 3] {
    let [a, b, c, ..] = number.to_le_bytes();
    [a, b, c]
}

fn day(microseconds: i64) -> [u8; 3] {
    first_three(microseconds.div_euclid(MICROSECONDS_OF_A_DAY) + DAYS_TO_2000)
}

fn clock(microseconds: i64, digits: u8) -> Vec<u8> {
    let ticks =
        10 * microseconds.rem_euclid(MICROSECONDS_OF_A_DAY) / 10_i64.pow(7 - u32::from(digits.min(7)));
    let length = match digits {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    };
    ticks.to_le_bytes().into_iter().take(length).collect()
}

/// The first three groups are little-endian.
fn uuid(text: &str) -> Result<[u8; 16], String> {
    let digits: String = text.chars().filter(char::is_ascii_hexdigit).collect();
    let number = u128::from_str_radix(&digits, 16).map_err(|_| format!("the identifier {text}"))?;
    let mut bytes = number.to_be_bytes();
    for group in [0..4, 4..6, 6..8] {
        bytes.get_mut(group).unwrap_or_default().reverse();
    }
    Ok(bytes)
}

/// `varchar` is Windows-1252 here; what it lacks is refused instead of becoming a question mark.
fn windows(text: &str) -> Result<Vec<u8>, String> {
    let (bytes, _, had_errors) = encoding_rs::WINDOWS_1252.encode(text);
    if had_errors {
        Err("a text with characters that varchar lacks".to_owned())
    } else {
        Ok(bytes.into_owned())
    }
}

macro_rules! raw {
    ($(#[$meta:meta])* $name:ident($number:ty) of $accepted:ident) => {
        $(#[$meta])*
        struct $name($number);

        impl<'a> postgres::types::FromSql<'a> for $name {
            fn from_sql(_: &Type, raw: &'a [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
                Ok(Self(<$number>::from_be_bytes(raw.try_into()?)))
            }

            fn accepts(of: &Type) -> bool {
                *of == Type::$accepted
            }
        }
    };
}

raw! {
    /// Days since 2000-01-01.
    Days(i32) of DATE
}
raw! {
    /// Microseconds since 2000-01-01.
    Microseconds(i64) of TIMESTAMP
}
