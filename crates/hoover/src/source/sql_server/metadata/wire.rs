//! Reads the description of a result from the bytes that a server sent (token COLMETADATA of the protocol TDS 7.4).

use crate::column::FoundColumn;

const HEADER: usize = 8;
const COLUMN_METADATA: u8 = 0x81;
const NULLABLE: u16 = 1;

/// Tokens that may come before the description, all with a length of two bytes: environment, information, order.
const SKIPPED: [u8; 3] = [0xE3, 0xAB, 0xA9];

/// The columns of the first result; `None` if the bytes are not what was expected.
pub(super) fn columns(packets: &[u8]) -> Option<Vec<FoundColumn>> {
    let tokens = without_headers(packets);
    let mut reader = Reader(&tokens);
    loop {
        match reader.u8()? {
            COLUMN_METADATA => break,
            token if SKIPPED.contains(&token) => {
                let length = reader.u16()?;
                reader.skip(length.into())?;
            }
            // End of a statement in a procedure, as of `SET`.
            0xFD..=0xFF => reader.skip(12)?,
            _ => return None,
        }
    }
    let count = reader.u16()?;
    (count != u16::MAX).then(|| (0..count).map(|_| reader.column()).collect())?
}

/// The text of the message, which is cut into packets with a header each.
fn without_headers(mut packets: &[u8]) -> Vec<u8> {
    let mut text = Vec::with_capacity(packets.len());
    while let [_, _, high, low, ..] = packets {
        let length = usize::from(u16::from_be_bytes([*high, *low])).clamp(HEADER, packets.len().max(HEADER));
        text.extend_from_slice(packets.get(HEADER..length).unwrap_or_default());
        packets = packets.get(length..).unwrap_or_default();
    }
    text
}

struct Reader<'b>(&'b [u8]);

impl Reader<'_> {
    fn take(&mut self, count: usize) -> Option<&[u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn skip(&mut self, count: usize) -> Option<()> {
        self.take(count).map(|_| ())
    }

    fn u8(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn u16(&mut self) -> Option<u16> {
        Some(u16::from_le_bytes(self.take(2)?.try_into().ok()?))
    }

    /// A text with its number of characters before it.
    fn text(&mut self, characters: usize) -> Option<String> {
        let bytes = self.take(2 * characters)?;
        let units = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]]));
        String::from_utf16(&units.collect::<Vec<_>>()).ok()
    }

    fn column(&mut self) -> Option<FoundColumn> {
        self.skip(4)?;
        let flags = self.u16()?;
        let sql_type = self.type_name()?;
        let length = self.u8()?;
        let name = self.text(length.into())?;
        Some(FoundColumn { name, sql_type, nullable: Some(flags & NULLABLE != 0) })
    }

    fn type_name(&mut self) -> Option<String> {
        let name = match self.u8()? {
            0x30 => "tinyint",
            0x32 => "bit",
            0x34 => "smallint",
            0x38 => "int",
            0x3A => "smalldatetime",
            0x3B => "real",
            0x3C => "money",
            0x3D => "datetime",
            0x3E => "float",
            0x7A => "smallmoney",
            0x7F => "bigint",
            0x28 => "date",
            0x26 => match self.u8()? {
                1 => "tinyint",
                2 => "smallint",
                4 => "int",
                _ => "bigint",
            },
            0x68 => self.skip(1).map(|()| "bit")?,
            0x6D => {
                if self.u8()? == 4 {
                    "real"
                } else {
                    "float"
                }
            }
            0x6E => self.skip(1).map(|()| "money")?,
            0x6F => {
                if self.u8()? == 4 {
                    "smalldatetime"
                } else {
                    "datetime"
                }
            }
            0x24 => self.skip(1).map(|()| "uniqueidentifier")?,
            0x6A | 0x6C => {
                self.skip(1)?;
                let (precision, scale) = (self.u8()?, self.u8()?);
                return Some(format!("decimal({precision},{scale})"));
            }
            0x29 => return Some(format!("time({})", self.u8()?)),
            0x2A => return Some(format!("datetime2({})", self.u8()?)),
            0x2B => return Some(format!("datetimeoffset({})", self.u8()?)),
            0xA5 | 0xAD => self.skip(2).map(|()| "varbinary")?,
            0xA7 => return self.sized("varchar", 1),
            0xAF => return self.sized("char", 1),
            0xE7 => return self.sized("nvarchar", 2),
            0xEF => return self.sized("nchar", 2),
            // Rare ones, of which more follows than is worth reading.
            _ => return None,
        };
        Some(name.to_owned())
    }

    /// Length and collation of a text.
    fn sized(&mut self, name: &str, bytes_each: u16) -> Option<String> {
        let length = self.u16()?;
        self.skip(5)?;
        Some(if length == u16::MAX {
            format!("{name}(max)")
        } else {
            format!("{name}({})", length / bytes_each)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(text: &[u8]) -> Vec<u8> {
        let length = u16::try_from(text.len() + HEADER).unwrap().to_be_bytes();
        [&[4, 1, length[0], length[1], 0, 0, 1, 0], text].concat()
    }

    fn column(flags: u8, type_info: &[u8], name: &str) -> Vec<u8> {
        let mut bytes = vec![0, 0, 0, 0, flags, 0];
        bytes.extend(type_info);
        bytes.push(u8::try_from(name.len()).unwrap());
        bytes.extend(name.encode_utf16().flat_map(u16::to_le_bytes));
        bytes
    }

    #[test]
    fn names_types_and_null_marks_across_packets() {
        let tokens = [
            vec![0xE3, 2, 0, 9, 9, COLUMN_METADATA, 3, 0],
            column(0x08, &[0x7F], "unit_no"),
            column(0x09, &[0xA7, 50, 0, 0, 0, 0, 0, 0], "unit_hl7"),
            column(0x01, &[0x2A, 3], "at"),
            vec![0xFD; 13],
        ]
        .concat();
        let (first, second) = tokens.split_at(40);
        let found = columns(&[packet(first), packet(second)].concat()).unwrap();
        let lines: Vec<String> =
            found.iter().map(|f| format!("{} {} {:?}", f.name, f.sql_type, f.nullable)).collect();
        assert_eq!(
            lines,
            ["unit_no bigint Some(false)", "unit_hl7 varchar(50) Some(true)", "at datetime2(3) Some(true)"]
        );
        assert_eq!(columns(&packet(&tokens[..30])), None, "cut off");
        assert_eq!(columns(&[1, 2, 3]), None);
    }
}
