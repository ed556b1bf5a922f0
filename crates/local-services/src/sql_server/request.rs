//! What clients ask: logins, batches, `sp_executesql` with parameters.

use std::io;

use super::wire::{Reader, utf16};

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

/// A query with the values of its parameters, as literals of PostgreSQL.
#[derive(Debug)]
pub(super) struct Call {
    pub(super) sql: String,
    /// By name, with `@`, in lower case.
    pub(super) parameters: Vec<(String, String)>,
}

/// Headers stand before the text; their own length comes first.
fn without_headers(message: &[u8]) -> io::Result<&[u8]> {
    let mut reader = Reader(message);
    let length = usize::try_from(reader.number(4)?).unwrap_or(usize::MAX);
    message.get(length..).ok_or(io::Error::from(io::ErrorKind::InvalidData))
}

impl Call {
    pub(super) fn of_batch(message: &[u8]) -> io::Result<Self> {
        Ok(Self { sql: utf16(without_headers(message)?), parameters: Vec::new() })
    }

    /// `None`: another procedure than `sp_executesql`.
    pub(super) fn of_rpc(message: &[u8]) -> io::Result<Option<Self>> {
        const BY_NUMBER: u64 = 0xFFFF;
        const EXECUTE_SQL: u64 = 10;
        let mut reader = Reader(without_headers(message)?);
        let name = reader.number(2)?;
        let is_known = if name == BY_NUMBER {
            reader.number(2)? == EXECUTE_SQL
        } else {
            let name = reader.take(2 * usize::try_from(name).unwrap_or_default())?;
            utf16(name).eq_ignore_ascii_case("sp_executesql")
        };
        if !is_known {
            return Ok(None);
        }
        reader.take(2)?;
        let mut values = Vec::new();
        while !reader.is_empty() {
            let length = reader.u8()?;
            let name = utf16(reader.take(2 * usize::from(length))?).to_lowercase();
            reader.u8()?;
            values.push((name, Value::read(&mut reader)?));
        }
        let mut values = values.into_iter();
        let Some((_, Value::Text(sql))) = values.next() else { return Ok(None) };
        // The declarations: values carry their types themselves.
        values.next();
        let parameters = values.map(|(name, value)| (name, value.literal())).collect();
        Ok(Some(Self { sql, parameters }))
    }
}

/// A value of a parameter.
enum Value {
    Null,
    Text(String),
    Whole(i64),
    Bit(bool),
    DateTime { ticks: u64, digits: u8, days: u64 },
}

impl Value {
    fn read(reader: &mut Reader<'_>) -> io::Result<Self> {
        let signed = |number: u64, bytes: u8| {
            let shift = 64 - 8 * u32::from(bytes.clamp(1, 8));
            (number << shift).cast_signed() >> shift
        };
        match reader.u8()? {
            0xE7 => {
                let most = reader.number(2)?;
                reader.take(5)?;
                if most == 0xFFFF { Self::parts(reader) } else { Self::short(reader) }
            }
            0x26 => {
                reader.u8()?;
                let bytes = reader.u8()?;
                if bytes == 0 {
                    return Ok(Self::Null);
                }
                Ok(Self::Whole(signed(reader.number(bytes.into())?, bytes)))
            }
            0x38 => Ok(Self::Whole(signed(reader.number(4)?, 4))),
            0x7F => Ok(Self::Whole(signed(reader.number(8)?, 8))),
            0x68 => {
                reader.u8()?;
                let bytes = reader.u8()?;
                if bytes == 0 { Ok(Self::Null) } else { Ok(Self::Bit(reader.number(bytes.into())? != 0)) }
            }
            0x2A => {
                let digits = reader.u8()?;
                let bytes = reader.u8()?;
                if bytes < 3 {
                    return Ok(Self::Null);
                }
                let ticks = reader.number(usize::from(bytes) - 3)?;
                Ok(Self::DateTime { ticks, digits, days: reader.number(3)? })
            }
            _ => Err(io::Error::from(io::ErrorKind::Unsupported)),
        }
    }

    fn short(reader: &mut Reader<'_>) -> io::Result<Self> {
        match reader.number(2)? {
            0xFFFF => Ok(Self::Null),
            bytes => Ok(Self::Text(utf16(reader.take(usize::try_from(bytes).unwrap_or_default())?))),
        }
    }

    fn parts(reader: &mut Reader<'_>) -> io::Result<Self> {
        if reader.number(8)? == u64::MAX {
            return Ok(Self::Null);
        }
        let mut bytes = Vec::new();
        loop {
            match usize::try_from(reader.number(4)?).unwrap_or_default() {
                0 => return Ok(Self::Text(utf16(&bytes))),
                length => bytes.extend_from_slice(reader.take(length)?),
            }
        }
    }

    fn literal(&self) -> String {
        match self {
            Self::Null => "NULL".to_owned(),
            Self::Text(text) => format!("'{}'", text.replace('\'', "''")),
            Self::Whole(number) => format!("({number})"),
            Self::Bit(bit) => bit.to_string(),
            Self::DateTime { ticks, digits, days } => {
                let scale = 10_u64.pow(7 - u32::from(*digits).min(7));
                let ticks = ticks * scale;
                // PostgreSQL has microseconds; a tenth is not rounded up into the next day.
                format!(
                    "(timestamp '0001-01-01' + interval '{days} days' + interval '{} microseconds')",
                    ticks / 10
                )
            }
        }
    }
}
