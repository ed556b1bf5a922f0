//! Packets and tokens of TDS 7.4.

use std::io::{self, Read, Write};

const HEADER: usize = 8;
const PACKET: usize = 4096;
const END_OF_MESSAGE: u8 = 1;
const RESPONSE: u8 = 4;

/// Types of messages that clients send.
pub(super) mod kinds {
    pub(crate) const BATCH: u8 = 1;
    pub(crate) const RPC: u8 = 3;
    pub(crate) const ATTENTION: u8 = 6;
    pub(crate) const TRANSACTION: u8 = 14;
    pub(crate) const LOGIN: u8 = 0x10;
    pub(crate) const PRELOGIN: u8 = 0x12;
}

/// One packet with a whole message.
pub(super) fn packet(kind: u8, text: &[u8]) -> Vec<u8> {
    let length = u16::try_from(text.len() + HEADER).unwrap_or(u16::MAX).to_be_bytes();
    [&[kind, END_OF_MESSAGE, length[0], length[1], 0, 0, 1, 0], text].concat()
}

/// A message, put together from its packets. `None` at the end of the connection.
pub(super) fn read_message(stream: &mut impl Read) -> io::Result<Option<(u8, Vec<u8>)>> {
    let mut text = Vec::new();
    loop {
        let mut header = [0; HEADER];
        if let Err(error) = stream.read_exact(&mut header) {
            return if error.kind() == io::ErrorKind::UnexpectedEof { Ok(None) } else { Err(error) };
        }
        let length = usize::from(u16::from_be_bytes([header[2], header[3]]));
        let before = text.len();
        text.resize(before + length.saturating_sub(HEADER), 0);
        stream.read_exact(text.get_mut(before..).unwrap_or_default())?;
        if header[1] & END_OF_MESSAGE != 0 {
            return Ok(Some((header[0], text)));
        }
    }
}

/// An answer that is sent packet by packet.
pub(super) struct Answer<'s, W> {
    stream: &'s mut W,
    text: Vec<u8>,
    packet: u8,
}

impl<'s, W: Write> Answer<'s, W> {
    pub(super) fn new(stream: &'s mut W) -> Self {
        Self { stream, text: Vec::new(), packet: 1 }
    }

    pub(super) fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.text.extend_from_slice(bytes);
        while self.text.len() > PACKET - HEADER {
            let rest = self.text.split_off(PACKET - HEADER);
            let full = std::mem::replace(&mut self.text, rest);
            self.send(&full, 0)?;
        }
        Ok(())
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.text);
        self.send(&rest, END_OF_MESSAGE)?;
        self.stream.flush()
    }

    /// Sends what there is and leaves the message open, for a connection that is then cut.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let rest = std::mem::take(&mut self.text);
        self.send(&rest, 0)?;
        self.stream.flush()
    }

    fn send(&mut self, text: &[u8], status: u8) -> io::Result<()> {
        let length = u16::try_from(text.len() + HEADER).unwrap_or(u16::MAX).to_be_bytes();
        self.stream.write_all(&[RESPONSE, status, length[0], length[1], 0, 0, self.packet, 0])?;
        self.packet = self.packet.wrapping_add(1);
        self.stream.write_all(text)
    }
}

/// A text with its length in characters before it, in one byte.
pub(super) fn short_text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(255).collect();
    let mut bytes = vec![u8::try_from(units.len()).unwrap_or(u8::MAX)];
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    bytes
}

/// A text with its length in characters before it, in two bytes.
pub(super) fn long_text(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().take(2000).collect();
    let mut bytes = u16::try_from(units.len()).unwrap_or(u16::MAX).to_le_bytes().to_vec();
    bytes.extend(units.into_iter().flat_map(u16::to_le_bytes));
    bytes
}

/// A token with its length in bytes before it.
pub(super) fn token(kind: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len()).unwrap_or(u16::MAX).to_le_bytes();
    [&[kind, length[0], length[1]], content].concat()
}

/// An error of the server.
pub(super) fn error(number: i32, state: u8, severity: u8, message: &str) -> Vec<u8> {
    noted(0xAA, number, state, severity, message)
}

/// Something that the server says beside results.
pub(super) fn information(number: i32, state: u8, message: &str) -> Vec<u8> {
    noted(0xAB, number, state, 0, message)
}

fn noted(kind: u8, number: i32, state: u8, severity: u8, message: &str) -> Vec<u8> {
    let mut content = number.to_le_bytes().to_vec();
    content.extend([state, severity]);
    content.extend(long_text(message));
    content.extend(short_text("stand-in"));
    content.extend(short_text(""));
    content.extend(1_i32.to_le_bytes());
    token(kind, &content)
}

/// The end of a statement (`0xFD`), of a statement in a procedure (`0xFF`) or of a procedure (`0xFE`).
pub(super) fn done(kind: u8, status: u16, rows: u64) -> Vec<u8> {
    let mut bytes = vec![kind];
    bytes.extend(status.to_le_bytes());
    bytes.extend([0xC1, 0]);
    bytes.extend(rows.to_le_bytes());
    bytes
}

/// Reads what clients send.
pub(super) struct Reader<'b>(pub(super) &'b [u8]);

impl<'b> Reader<'b> {
    pub(super) fn take(&mut self, count: usize) -> io::Result<&'b [u8]> {
        let (taken, rest) =
            self.0.split_at_checked(count).ok_or(io::Error::from(io::ErrorKind::InvalidData))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn u8(&mut self) -> io::Result<u8> {
        Ok(self.take(1)?.first().copied().unwrap_or_default())
    }

    /// A little-endian number of so many bytes.
    pub(super) fn number(&mut self, bytes: usize) -> io::Result<u64> {
        Ok(self.take(bytes)?.iter().rev().fold(0, |number, byte| number << 8 | u64::from(*byte)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// UTF-16 as on the wire.
pub(super) fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
    String::from_utf16_lossy(&units)
}
