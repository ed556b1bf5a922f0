//! One connection: where frames end, and which confirm belongs to which publish.

use std::collections::{HashMap, HashSet};

use super::frame::{BODY, END, Filter, Frame, HEAD, HEADER, HEARTBEAT, Kind, METHOD, ReplyCode};
use crate::faults::{
    plan::Side,
    proxy::{Conversation, NotTheProtocol, Verdict},
};

/// Bytes of the greeting.
const GREETING: usize = 8;
/// Longest frame; brokers allow 128 KiB unless configured otherwise.
const LONGEST: usize = 1 << 28;

/// What is known of one connection.
#[derive(Debug, Default)]
pub(super) struct Connection {
    /// Channels in confirm mode, with the number of messages published since.
    published: HashMap<u16, u64>,
    /// Channels with an answer that is to be lost.
    lost: HashMap<u16, Lost>,
    /// Where content goes the way of its swallowed method.
    swallowing: HashSet<(Side, u16)>,
}

#[derive(Debug, Clone, Copy)]
enum Lost {
    /// The confirm of the message with this number.
    Confirm(u64),
    /// The next method that is no delivery and no confirm.
    Answer,
}

impl Conversation for Connection {
    type Message = Frame;
    type Filter = Filter;
    type Refusal = ReplyCode;

    fn length(&self, _: Side, bytes: &[u8]) -> Result<Option<usize>, NotTheProtocol> {
        match bytes.first() {
            None => return Ok(None),
            Some(b'A') => return Ok(Some(GREETING)),
            Some(&(METHOD | HEADER | BODY | HEARTBEAT)) => {}
            Some(_) => return Err(NotTheProtocol),
        }
        let Some(length) = bytes.get(3..HEAD).and_then(|four| four.try_into().ok()) else { return Ok(None) };
        let length = usize::try_from(u32::from_be_bytes(length)).map_err(|_| NotTheProtocol)?;
        if length > LONGEST || bytes.get(HEAD + length).is_some_and(|end| *end != END) {
            return Err(NotTheProtocol);
        }
        Ok(Some(HEAD + length + 1))
    }

    fn read(&mut self, _: Side, bytes: &[u8]) -> Frame {
        let kind = match bytes.first() {
            Some(&METHOD) => Kind::Method(short(bytes, HEAD), short(bytes, HEAD + 2)),
            Some(&HEADER) => Kind::Header,
            Some(&BODY) => Kind::Body,
            Some(&HEARTBEAT) => Kind::Heartbeat,
            _ => Kind::ProtocolHeader,
        };
        let channel = if kind == Kind::ProtocolHeader { 0 } else { short(bytes, 1) };
        Frame { kind, channel }
    }

    fn kind(frame: &Frame) -> String {
        frame.kind.name()
    }

    fn pass(&mut self, side: Side, frame: &Frame, bytes: &[u8]) -> Verdict {
        if self.goes_with_swallowed(side, *frame) {
            return Verdict::Drop;
        }
        match side {
            Side::Client => self.request(*frame),
            Side::Server if self.is_lost(*frame, bytes) => return Verdict::Cut,
            Side::Server => {}
        }
        Verdict::Pass
    }

    fn swallow(&mut self, side: Side, frame: &Frame) {
        if has_content(frame.kind) {
            self.swallowing.insert((side, frame.channel));
        }
        if side == Side::Client {
            self.request(*frame);
        }
    }

    fn refuse(&mut self, frame: &Frame, _: &[u8], code: &ReplyCode) -> Verdict {
        match frame.kind {
            // Nothing has begun that could be closed.
            Kind::ProtocolHeader => Verdict::Cut,
            _ => Verdict::AnswerAndCut(code.close()),
        }
    }

    fn lose_answer(&mut self, frame: &Frame, _: &[u8]) -> Verdict {
        self.request(*frame);
        let lost = match frame.kind {
            Kind::BASIC_PUBLISH | Kind::Header | Kind::Body => {
                self.published.get(&frame.channel).map(|number| Lost::Confirm(*number))
            }
            // The answers of the client, and methods without one.
            Kind::Heartbeat
            | Kind::BASIC_ACK
            | Kind::BASIC_NACK
            | Kind::BASIC_REJECT
            | Kind::CONNECTION_CLOSE_OK
            | Kind::Method(10, 31)
            | Kind::Method(20, 41) => None,
            _ => Some(Lost::Answer),
        };
        let Some(lost) = lost else { return Verdict::PassAndCut };
        self.lost.insert(frame.channel, lost);
        Verdict::Pass
    }
}

impl Connection {
    fn request(&mut self, frame: Frame) {
        match frame.kind {
            Kind::CONFIRM_SELECT => {
                self.published.entry(frame.channel).or_default();
            }
            Kind::CHANNEL_OPEN => {
                self.published.remove(&frame.channel);
            }
            Kind::BASIC_PUBLISH => {
                if let Some(number) = self.published.get_mut(&frame.channel) {
                    *number += 1;
                }
            }
            _ => {}
        }
    }

    fn goes_with_swallowed(&mut self, side: Side, frame: Frame) -> bool {
        match frame.kind {
            Kind::Header | Kind::Body => self.swallowing.contains(&(side, frame.channel)),
            Kind::Method(..) => {
                self.swallowing.remove(&(side, frame.channel));
                false
            }
            _ => false,
        }
    }

    /// Whether the server's frame is the answer that is to be lost.
    fn is_lost(&self, frame: Frame, bytes: &[u8]) -> bool {
        let is_confirm = matches!(frame.kind, Kind::BASIC_ACK | Kind::BASIC_NACK);
        match self.lost.get(&frame.channel) {
            None => false,
            Some(Lost::Answer) => {
                matches!(frame.kind, Kind::Method(..)) && !is_confirm && frame.kind != Kind::BASIC_DELIVER
            }
            Some(Lost::Confirm(number)) if is_confirm => {
                let tag = bytes.get(HEAD + 4..HEAD + 12).and_then(|eight| eight.try_into().ok());
                let tag = tag.map_or(0, u64::from_be_bytes);
                let and_earlier = bytes.get(HEAD + 12).is_some_and(|bits| bits & 1 == 1);
                tag == *number || (and_earlier && (tag == 0 || tag > *number))
            }
            // The channel or the connection is closed instead.
            Some(Lost::Confirm(_)) => matches!(frame.kind, Kind::CONNECTION_CLOSE | Kind::Method(20, 40)),
        }
    }
}

/// Whether properties and a body follow.
fn has_content(kind: Kind) -> bool {
    matches!(kind, Kind::BASIC_PUBLISH | Kind::BASIC_DELIVER | Kind::Method(60, 50 | 71))
}

fn short(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..at + 2).and_then(|two| two.try_into().ok()).map_or(0, u16::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Connection;
    use crate::faults::{
        amqp::ReplyCode,
        plan::Side,
        proxy::{Conversation, NotTheProtocol},
    };

    #[test]
    fn frames_end_where_their_lengths_say() {
        let connection = Connection::default();
        for bytes in [
            b"AMQP\0\0\x09\x01".to_vec(),
            ReplyCode::INTERNAL_ERROR.close(),
            b"\x08\0\0\0\0\0\0\xce".to_vec(),
        ] {
            assert_eq!(connection.length(Side::Client, &bytes), Ok(Some(bytes.len())));
            let part = connection.length(Side::Client, &bytes[..bytes.len() - 1]).unwrap();
            assert_eq!(part, Some(bytes.len()), "known before all of it is there");
        }
        assert_eq!(connection.length(Side::Client, b"\x08\0\0\0\0\0\0\xcd"), Err(NotTheProtocol));
        assert_eq!(connection.length(Side::Client, b"GET / HTTP/1.1"), Err(NotTheProtocol));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(frames: Vec<(bool, Vec<u8>, u8)>) {
            let mut connection = Connection::default();
            for (is_client, bytes, what) in frames {
                let side = if is_client { Side::Client } else { Side::Server };
                let _ = connection.length(side, &bytes);
                let frame = connection.read(side, &bytes);
                match what % 4 {
                    0 => drop(connection.pass(side, &frame, &bytes)),
                    1 => drop(connection.refuse(&frame, &bytes, &ReplyCode::INTERNAL_ERROR)),
                    2 => drop(connection.lose_answer(&frame, &bytes)),
                    _ => connection.swallow(side, &frame),
                }
            }
        }
    }
}
