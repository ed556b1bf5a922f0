//! Framing of messages on a byte stream: the Minimal Lower Layer Protocol.
//!
//! A frame is 0x0B, the message, 0x1C 0x0D.

use memchr::{memchr, memmem};

const START: u8 = 0x0b;
const END: u8 = 0x1c;
const RETURN: u8 = 0x0d;

/// A frame holds more bytes than allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message is longer than {limit} bytes")]
pub struct TooLong {
    /// Most bytes of a message.
    pub limit: usize,
}

/// A message in its frame.
pub fn frame(message: &[u8]) -> Vec<u8> {
    let mut framed = Vec::with_capacity(message.len() + 3);
    framed.push(START);
    framed.extend_from_slice(message);
    framed.extend_from_slice(&[END, RETURN]);
    framed
}

/// Takes frames out of a stream, however its bytes are cut.
#[derive(Debug)]
pub struct Deframer {
    buffer: Vec<u8>,
    /// Bytes of the frame under way that hold no end.
    searched: usize,
    limit: usize,
}

impl Deframer {
    /// For messages of at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { buffer: Vec::new(), searched: 0, limit }
    }

    /// Adds what was read. Bytes between frames are dropped.
    pub fn extend(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
    }

    /// Whether a frame has begun that has not ended.
    pub fn is_inside(&self) -> bool {
        !self.buffer.is_empty()
    }

    /// How many bytes wait for the rest of their frame.
    pub fn held(&self) -> usize {
        self.buffer.len()
    }

    /// The next whole message.
    ///
    /// # Errors
    /// When the frame under way is too long. The stream is of no use then: where the next frame begins is unknown.
    pub fn next_message(&mut self) -> Result<Option<Vec<u8>>, TooLong> {
        if self.buffer.first() != Some(&START) {
            let start = memchr(START, &self.buffer).unwrap_or(self.buffer.len());
            self.buffer.drain(..start);
            self.searched = 0;
        }
        let too_long = TooLong { limit: self.limit };
        let Some(content) = self.buffer.get(1..) else { return Ok(None) };
        let Some((length, used)) = find_end(content, self.searched) else {
            // The last byte may be the first half of an end.
            self.searched = content.len().saturating_sub(1);
            return if content.len() > self.limit + 1 { Err(too_long) } else { Ok(None) };
        };
        if length > self.limit {
            return Err(too_long);
        }
        let message = content[..length].to_vec();
        self.buffer.drain(..=used);
        self.searched = 0;
        // A large message must not hold its memory for the rest of the connection.
        if self.buffer.is_empty() && self.buffer.capacity() > 1 << 16 {
            self.buffer = Vec::new();
        }
        Ok(Some(message))
    }
}

/// Length of the message, and how many bytes it takes with its end. Some senders leave out the return: then the next
/// start ends a frame as well.
fn find_end(content: &[u8], from: usize) -> Option<(usize, usize)> {
    let rest = content.get(from..)?;
    let with_return = memmem::find(rest, &[END, RETURN]).map(|at| (from + at, from + at + 2));
    let with_start = memmem::find(rest, &[END, START]).map(|at| (from + at, from + at + 1));
    match (with_return, with_start) {
        (Some(a), Some(b)) => Some(if a.0 < b.0 { a } else { b }),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(deframer: &mut Deframer) -> Vec<Vec<u8>> {
        std::iter::from_fn(|| deframer.next_message().unwrap()).collect()
    }

    #[test]
    fn bytes_between_frames_are_dropped() {
        let mut deframer = Deframer::new(100);
        deframer.extend(b"GET / HTTP\r\n\x0ba\x1c\r\r\n\x0b\x1cb\x1c\r");
        assert_eq!(all(&mut deframer), [b"a".to_vec(), b"\x1cb".to_vec()]);
        assert!(!deframer.is_inside());
    }

    #[test]
    fn a_frame_without_return_ends_with_the_next_start() {
        let mut deframer = Deframer::new(100);
        deframer.extend(b"\x0ba\x1c\x0bb\x1c\r");
        assert_eq!(all(&mut deframer), [b"a".to_vec(), b"b".to_vec()]);
    }

    #[test]
    fn an_endless_frame_is_given_up() {
        let mut deframer = Deframer::new(3);
        deframer.extend(b"\x0babc\x1c");
        assert_eq!(deframer.next_message(), Ok(None));
        deframer.extend(b"\r\x0babcd");
        assert_eq!(deframer.next_message(), Ok(Some(b"abc".to_vec())));
        assert_eq!(deframer.next_message(), Ok(None));
        deframer.extend(b"e");
        assert_eq!(deframer.next_message(), Err(TooLong { limit: 3 }));
    }
}
