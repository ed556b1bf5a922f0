//! One connection: where messages end, which statement runs, and what a refusal or a lost answer needs.

use std::collections::HashMap;

use super::{
    message::{Filter, Kind, Message},
    refusal::{SqlState, message},
};
use crate::faults::{
    plan::Side,
    proxy::{Conversation, NotTheProtocol, Verdict},
};

const CANCEL: u32 = 80_877_102;
const SSL: u32 = 80_877_103;
const GSS: u32 = 80_877_104;
/// Longest message that a server takes, about 1 GiB; bytes that claim to be longer are no message.
const LONGEST: usize = 1 << 30;
/// In each statement that is sent to fail, to recognise the server's error as ours.
const MARK: &str = "emap_refused_by_fault_injector";

/// What is known of one connection.
#[derive(Debug, Default)]
pub(super) struct Session {
    begun: bool,
    /// SQL by name of the prepared statement.
    statements: HashMap<Vec<u8>, String>,
    /// SQL by name of the portal.
    portals: HashMap<Vec<u8>, String>,
    /// Messages so far after which the server says ReadyForQuery, and how often it has said so.
    asked: u64,
    ready: u64,
    /// Nothing has come from the server since it last said ReadyForQuery.
    rests: bool,
    /// The server has requested data since the two numbers were last known to be right.
    copied: bool,
    /// What the server is to be made to say in place of its own error.
    refusal: Option<SqlState>,
    /// A COMMIT was replaced by ROLLBACK; this takes the place of its answer.
    refused_commit: Option<SqlState>,
    /// The ReadyForQuery, by number, before which the answer is lost.
    lost: Option<u64>,
}

impl Conversation for Session {
    type Message = Message;
    type Filter = Filter;
    type Refusal = SqlState;

    fn length(&self, side: Side, bytes: &[u8]) -> Result<Option<usize>, NotTheProtocol> {
        let untagged = side == Side::Client && !self.begun;
        let at = usize::from(!untagged);
        let Some(length) = number(bytes, at) else { return Ok(None) };
        let length = usize::try_from(length).map_err(|_| NotTheProtocol)?;
        if !(4..LONGEST).contains(&length) || (untagged && length < 8) {
            return Err(NotTheProtocol);
        }
        Ok(Some(at + length))
    }

    fn read(&mut self, side: Side, bytes: &[u8]) -> Message {
        let kind = match (side, self.begun) {
            (Side::Client, false) => match number(bytes, 4) {
                Some(CANCEL) => Kind::CancelRequest,
                Some(SSL | GSS) => Kind::EncryptionRequest,
                _ => Kind::Startup,
            },
            _ => Kind::of(side, bytes.first().copied().unwrap_or_default()),
        };
        let runs =
            if side == Side::Client { self.learn(kind, bytes.get(5..).unwrap_or_default()) } else { None };
        Message { kind, runs }
    }

    fn kind(message: &Message) -> String {
        format!("{:?}", message.kind)
    }

    fn pass(&mut self, side: Side, message: &Message, bytes: &[u8]) -> Verdict {
        match side {
            Side::Client => self.request(message.kind),
            Side::Server => self.answer(message.kind, bytes),
        }
    }

    fn swallow(&mut self, _: Side, _: &Message) {}

    fn refuse(&mut self, refused: &Message, bytes: &[u8], refusal: &SqlState) -> Verdict {
        if !self.begun || refusal.ends_the_connection() || refused.kind == Kind::Password {
            return Verdict::AnswerAndCut(refusal.response());
        }
        let nothing = [MARK.as_bytes(), b"\0"].concat();
        let instead = match refused.kind {
            Kind::Query if refused.runs.as_deref().is_some_and(is_commit) => {
                self.refused_commit = Some(*refusal);
                message(b'Q', b"ROLLBACK\0")
            }
            Kind::Query | Kind::Other(b'F') => message(b'Q', &nothing),
            Kind::CopyData | Kind::CopyDone | Kind::CopyFail => message(b'f', &nothing),
            // Nothing is answered to these.
            Kind::Terminate | Kind::Flush => return self.pass(Side::Client, refused, bytes),
            Kind::Sync => [unknown_statement(&nothing), bytes.to_vec()].concat(),
            _ => unknown_statement(&nothing),
        };
        if self.refused_commit.is_none() {
            self.refusal = Some(*refusal);
        }
        // It is answered like the message it replaces.
        self.request(refused.kind);
        Verdict::Replace(instead)
    }

    fn lose_answer(&mut self, message: &Message, _: &[u8]) -> Verdict {
        self.count_anew();
        let before = self.asked;
        let verdict = self.request(message.kind);
        match (message.kind, verdict) {
            (Kind::Terminate | Kind::CancelRequest, _) => Verdict::PassAndCut,
            (Kind::EncryptionRequest, _) => Verdict::Cut,
            // The answer to the query of this data is under way.
            (Kind::CopyData | Kind::CopyDone | Kind::CopyFail, verdict) if self.ready < before => {
                self.lost = Some(before);
                verdict
            }
            // An answer of its own, or one that is complete with a later message.
            (_, verdict) => {
                self.lost = Some(before + 1);
                verdict
            }
        }
    }
}

impl Session {
    /// Remembers what statements and portals stand for; the SQL that this message runs.
    fn learn(&mut self, kind: Kind, body: &[u8]) -> Option<String> {
        let mut texts = body.split(|byte| *byte == 0);
        let mut next = || texts.next().unwrap_or_default();
        match kind {
            Kind::Query => Some(String::from_utf8_lossy(next()).into_owned()),
            Kind::Parse => {
                let (name, sql) = (next().to_vec(), next());
                self.statements.insert(name, String::from_utf8_lossy(sql).into_owned());
                None
            }
            Kind::Bind => {
                let (portal, statement) = (next().to_vec(), next());
                let sql = self.statements.get(statement).cloned().unwrap_or_default();
                self.portals.insert(portal, sql);
                None
            }
            Kind::Execute => self.portals.get(next()).cloned(),
            Kind::Close => {
                let name = next();
                match name.split_first() {
                    Some((b'S', name)) => self.statements.remove(name),
                    Some((_, name)) => self.portals.remove(name),
                    None => None,
                };
                None
            }
            _ => None,
        }
    }

    /// A Sync in the midst of COPY is not answered, unless COPY has failed before it was read. So the numbers are right
    /// again only when the client goes on after the end of COPY.
    fn count_anew(&mut self) {
        if self.rests && self.copied {
            self.asked = self.ready;
            self.copied = false;
        }
    }

    fn request(&mut self, kind: Kind) -> Verdict {
        self.count_anew();
        match kind {
            Kind::EncryptionRequest => return Verdict::Answer(b"N".to_vec()),
            Kind::Startup => {
                self.begun = true;
                self.asked += 1;
            }
            Kind::Query | Kind::Sync | Kind::Other(b'F') => self.asked += 1,
            _ => {}
        }
        Verdict::Pass
    }

    fn answer(&mut self, kind: Kind, bytes: &[u8]) -> Verdict {
        self.rests = kind == Kind::ReadyForQuery;
        self.ready += u64::from(self.rests);
        self.copied |= matches!(kind, Kind::Other(b'G'));
        // Until the ReadyForQuery before the lost answer has gone by, these are answers of earlier messages.
        if let Some(lost) = self.lost {
            if self.ready >= lost {
                return Verdict::Cut;
            }
            // Without leave to send its data a client would wait for ever, and so would we.
            let requests_data = matches!(kind, Kind::Other(b'G' | b'W' | b'R'));
            if self.ready + 1 == lost && !requests_data {
                return Verdict::Drop;
            }
        }
        match kind {
            Kind::CommandComplete if self.refused_commit.is_some() => {
                self.refused_commit.take().map_or(Verdict::Pass, |state| Verdict::Replace(state.response()))
            }
            Kind::Error if self.refusal.is_some() && contains(bytes, MARK.as_bytes()) => {
                self.refusal.take().map_or(Verdict::Pass, |state| Verdict::Replace(state.response()))
            }
            _ => Verdict::Pass,
        }
    }
}

/// Bind of a statement that does not exist: fails in the place of any extended message.
fn unknown_statement(name: &[u8]) -> Vec<u8> {
    // The unnamed portal; no formats, no values, no result formats.
    message(b'B', &[b"\0", name, &[0; 6]].concat())
}

fn is_commit(sql: &str) -> bool {
    let word = sql.trim_start().split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    word.eq_ignore_ascii_case("commit") || word.eq_ignore_ascii_case("end")
}

fn number(bytes: &[u8], at: usize) -> Option<u32> {
    let bytes = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(u32::from_be_bytes(bytes))
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Session;
    use crate::faults::{
        plan::Side,
        postgres::SqlState,
        proxy::{Conversation, NotTheProtocol, Verdict},
    };

    /// SSLRequest, Startup for user `x`, and a query.
    const BEGINNING: [&[u8]; 3] =
        [b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x10\0\x03\0\0user\0x\0\0", b"Q\0\0\0\x0bCOMMIT\0"];

    #[test]
    fn messages_end_where_their_lengths_say_before_and_after_the_beginning() {
        let mut session = Session::default();
        let mut verdicts = Vec::new();
        for bytes in BEGINNING {
            for part in 0..bytes.len() {
                let length = session.length(Side::Client, &bytes[..part]).unwrap();
                assert!(length.is_none_or(|length| length == bytes.len()), "{length:?} of {part} bytes");
            }
            assert_eq!(session.length(Side::Client, bytes), Ok(Some(bytes.len())));
            let message = session.read(Side::Client, bytes);
            verdicts.push(session.pass(Side::Client, &message, bytes));
        }
        assert_eq!(verdicts, [Verdict::Answer(b"N".to_vec()), Verdict::Pass, Verdict::Pass]);
        assert_eq!(session.length(Side::Client, b"Q\0\0\0\x03"), Err(NotTheProtocol));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(messages: Vec<(bool, Vec<u8>, u8)>, begun: bool) {
            let mut session = Session { begun, ..Session::default() };
            for (is_client, bytes, what) in messages {
                let side = if is_client { Side::Client } else { Side::Server };
                let _ = session.length(side, &bytes);
                let message = session.read(side, &bytes);
                match what % 3 {
                    0 => session.pass(side, &message, &bytes),
                    1 => session.refuse(&message, &bytes, &SqlState::DISK_FULL),
                    _ => session.lose_answer(&message, &bytes),
                };
            }
        }
    }
}
