//! Results of PostgreSQL as tokens of TDS.

use std::io;

use postgres::{Client, Row, Statement, types::Type};

use super::wire::short_text;

/// Latin1_General_CI_AS.
const COLLATION: [u8; 5] = [0x09, 0x04, 0xD0, 0x00, 0x34];
const NULLABLE: u16 = 1;
/// Days from 0001-01-01, which TDS counts from, to 2000-01-01, which PostgreSQL counts from.
const DAYS_TO_2000: i64 = 730_119;
const MICROSECONDS_OF_A_DAY: i64 = 86_400_000_000;

/// How a column is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    BigInt,
    Int,
    Bit,
    Float,
    Date,
    DateTime2(u8),
    Varchar(u16),
    VarcharMax,
}

/// The columns of a result.
#[derive(Debug)]
pub(super) struct Columns(Vec<(String, Kind, bool)>);

impl Columns {
    /// Of a prepared statement; an error names what cannot be sent.
    pub(super) fn of(client: &mut Client, statement: &Statement) -> Result<Self, String> {
        let column = |column: &postgres::Column| {
            let modifier = column.type_modifier();
            let kind = match *column.type_() {
                Type::INT8 => Kind::BigInt,
                Type::INT4 => Kind::Int,
                Type::BOOL => Kind::Bit,
                Type::FLOAT8 => Kind::Float,
                Type::DATE => Kind::Date,
                // Without a modifier it is an expression, whose digits are those of its arguments.
                Type::TIMESTAMP => Kind::DateTime2(u8::try_from(modifier).unwrap_or(7)),
                Type::VARCHAR => match u16::try_from(modifier - 4) {
                    Ok(length) if modifier >= 4 => Kind::Varchar(length),
                    _ => Kind::Varchar(8000),
                },
                Type::TEXT => Kind::VarcharMax,
                ref other => return Err(format!("a result of the type {other}")),
            };
            let nullable = match (column.table_oid(), column.column_id()) {
                (Some(table), Some(place)) => is_nullable(client, table, place),
                _ => true,
            };
            Ok((column.name().to_owned(), kind, nullable))
        };
        statement.columns().iter().map(column).collect::<Result<_, _>>().map(Self)
    }

    /// The description of the result.
    pub(super) fn token(&self) -> Vec<u8> {
        let mut bytes = vec![0x81];
        bytes.extend(u16::try_from(self.0.len()).unwrap_or(u16::MAX).to_le_bytes());
        for (name, kind, nullable) in &self.0 {
            bytes.extend([0; 4]);
            bytes.extend((if *nullable { NULLABLE } else { 0 }).to_le_bytes());
            kind.describe(&mut bytes);
            bytes.extend(short_text(name));
        }
        bytes
    }

    /// A row of it.
    pub(super) fn row(&self, row: &Row) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0xD1];
        for (index, (_, kind, _)) in self.0.iter().enumerate() {
            kind.value(row, index, &mut bytes).map_err(io::Error::other)?;
        }
        Ok(bytes)
    }
}

fn is_nullable(client: &mut Client, table: u32, place: i16) -> bool {
    let query = "SELECT NOT attnotnull FROM pg_catalog.pg_attribute WHERE attrelid = $1 AND attnum = $2";
    client.query_one(query, &[&table, &place]).is_ok_and(|row| row.get(0))
}

impl Kind {
    fn describe(self, bytes: &mut Vec<u8>) {
        match self {
            Self::BigInt => bytes.extend([0x26, 8]),
            Self::Int => bytes.extend([0x26, 4]),
            Self::Bit => bytes.extend([0x68, 1]),
            Self::Float => bytes.extend([0x6D, 8]),
            Self::Date => bytes.push(0x28),
            Self::DateTime2(digits) => bytes.extend([0x2A, digits]),
            Self::Varchar(length) => {
                bytes.push(0xA7);
                bytes.extend(length.to_le_bytes());
                bytes.extend(COLLATION);
            }
            Self::VarcharMax => {
                bytes.extend([0xA7, 0xFF, 0xFF]);
                bytes.extend(COLLATION);
            }
        }
    }

    fn value(self, row: &Row, index: usize, bytes: &mut Vec<u8>) -> Result<(), String> {
        let unreadable = |error: postgres::Error| error.to_string();
        match self {
            Self::BigInt => {
                sized(row.try_get::<_, Option<i64>>(index).map_err(unreadable)?.map(i64::to_le_bytes), bytes);
            }
            Self::Int => {
                sized(row.try_get::<_, Option<i32>>(index).map_err(unreadable)?.map(i32::to_le_bytes), bytes);
            }
            Self::Bit => {
                sized(
                    row.try_get::<_, Option<bool>>(index).map_err(unreadable)?.map(|bit| [u8::from(bit)]),
                    bytes,
                );
            }
            Self::Float => {
                sized(row.try_get::<_, Option<f64>>(index).map_err(unreadable)?.map(f64::to_le_bytes), bytes);
            }
            Self::Date => {
                let days = row.try_get::<_, Option<Days>>(index).map_err(unreadable)?;
                let days = days.map(|Days(days)| i64::from(days) + DAYS_TO_2000);
                sized(days.map(first_three), bytes);
            }
            Self::DateTime2(digits) => {
                let time = row.try_get::<_, Option<Microseconds>>(index).map_err(unreadable)?;
                match time {
                    None => bytes.push(0),
                    Some(Microseconds(time)) => date_time(time, digits, bytes),
                }
            }
            Self::Varchar(_) => match row.try_get::<_, Option<&str>>(index).map_err(unreadable)? {
                None => bytes.extend([0xFF, 0xFF]),
                Some(text) => {
                    let text = encoded(text)?;
                    bytes.extend(u16::try_from(text.len()).unwrap_or(u16::MAX - 1).to_le_bytes());
                    bytes.extend(text);
                }
            },
            Self::VarcharMax => match row.try_get::<_, Option<&str>>(index).map_err(unreadable)? {
                None => bytes.extend([0xFF; 8]),
                Some(text) => {
                    let text = encoded(text)?;
                    bytes.extend((text.len() as u64).to_le_bytes());
                    if !text.is_empty() {
                        bytes.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_le_bytes());
                        bytes.extend(text);
                    }
                    bytes.extend([0; 4]);
                }
            },
        }
        Ok(())
    }
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

fn first_three(number: i64) -> [u8; 3] {
    let [a, b, c, ..] = number.to_le_bytes();
    [a, b, c]
}

fn date_time(microseconds: i64, digits: u8, bytes: &mut Vec<u8>) {
    let days = microseconds.div_euclid(MICROSECONDS_OF_A_DAY) + DAYS_TO_2000;
    let ticks =
        10 * microseconds.rem_euclid(MICROSECONDS_OF_A_DAY) / 10_i64.pow(7 - u32::from(digits.min(7)));
    let length: u8 = match digits {
        0..=2 => 3,
        3..=4 => 4,
        _ => 5,
    };
    bytes.push(length + 3);
    bytes.extend(ticks.to_le_bytes().iter().take(length.into()));
    bytes.extend(first_three(days));
}

/// `varchar` is Windows-1252 here; what it lacks is refused instead of becoming a question mark.
fn encoded(text: &str) -> Result<Vec<u8>, String> {
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
