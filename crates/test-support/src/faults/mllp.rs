//! A proxy in front of a receiver of HL7 that understands where a frame of MLLP begins and ends.
//!
//! ```no_run
//! use emap_test_support::faults::mllp::{Fault, Frame, Proxy};
//! use emap_test_support::faults::plan::Action;
//!
//! let proxy = Proxy::start(([127, 0, 0, 1], 2575).into())?;
//! // The third message arrives, and its answer is lost with the connection.
//! proxy.arm(Fault::at_client(Frame, Action::LoseAnswer).nth(3));
//! # Ok::<(), std::io::Error>(())
//! ```
//!
//! Receivers answer every frame, in order. No receiver refuses at the level of MLLP.

use std::{convert::Infallible, io, net::SocketAddr};

use super::{
    plan::{self, Side},
    proxy::{self, Conversation, NotTheProtocol, Verdict},
    script::Filter,
};

/// The proxy.
pub type Proxy = proxy::Proxy<Frame, Infallible>;
/// What happens instead of passing a frame on.
pub type Action = plan::Action<Infallible>;
/// A fault at a frame.
pub type Fault = plan::Fault<Frame, Infallible>;

impl Proxy {
    /// Starts on a free port of 127.0.0.1, in front of the receiver with that address; nothing happens until a plan is
    /// armed.
    ///
    /// # Errors
    /// No port or no thread can be had.
    pub fn start(receiver: SocketAddr) -> io::Result<Self> {
        Self::start_for::<Frames>(receiver)
    }
}

const START: u8 = 0x0b;
const END: [u8; 2] = [0x1c, 0x0d];

/// Every frame: of the sender a message, of the receiver an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Frame;

impl Filter<Frame> for Frame {
    fn fits(&self, _: &Frame) -> bool {
        true
    }
}

/// Which answer is to which message.
#[derive(Debug, Default)]
struct Frames {
    messages: u64,
    answers: u64,
    /// The message whose answer is to be lost.
    lost: Option<u64>,
}

impl Conversation for Frames {
    type Message = Frame;
    type Filter = Frame;
    type Refusal = Infallible;

    fn length(&self, _: Side, bytes: &[u8]) -> Result<Option<usize>, NotTheProtocol> {
        match bytes.first() {
            None => Ok(None),
            Some(&START) => {
                Ok(bytes.windows(END.len()).position(|two| two == END).map(|end| end + END.len()))
            }
            Some(_) => Err(NotTheProtocol),
        }
    }

    fn read(&mut self, _: Side, _: &[u8]) -> Frame {
        Frame
    }

    fn kind(_: &Frame) -> String {
        "frame".to_owned()
    }

    fn pass(&mut self, side: Side, _: &Frame, _: &[u8]) -> Verdict {
        match side {
            Side::Client => self.messages += 1,
            Side::Server => {
                self.answers += 1;
                if self.lost == Some(self.answers) {
                    return Verdict::Cut;
                }
            }
        }
        Verdict::Pass
    }

    fn swallow(&mut self, side: Side, _: &Frame) {
        if side == Side::Server {
            self.answers += 1;
        }
    }

    fn refuse(&mut self, _: &Frame, _: &[u8], never: &Infallible) -> Verdict {
        match *never {}
    }

    fn lose_answer(&mut self, _: &Frame, _: &[u8]) -> Verdict {
        self.messages += 1;
        self.lost = Some(self.messages);
        Verdict::Pass
    }
}

#[cfg(test)]
mod tests {
    use super::{Conversation, Frame, Frames, NotTheProtocol, Side, Verdict};

    #[test]
    fn a_frame_ends_with_its_two_bytes_and_begins_with_one() {
        let frames = Frames::default();
        let of = |bytes: &[u8]| frames.length(Side::Client, bytes);
        assert_eq!(of(b"\x0bMSH|\x1c\r\x0bMSH"), Ok(Some(7)));
        assert_eq!(of(b"\x0bMSH|\rPID|\x1c"), Ok(None));
        assert_eq!(of(b""), Ok(None));
        assert_eq!(of(b"MSH|"), Err(NotTheProtocol));
    }

    #[test]
    fn the_answer_that_is_lost_is_that_of_the_message() {
        let mut frames = Frames::default();
        frames.pass(Side::Client, &Frame, b"");
        assert_eq!(frames.lose_answer(&Frame, b""), Verdict::Pass);
        assert_eq!(frames.pass(Side::Server, &Frame, b""), Verdict::Pass);
        assert_eq!(frames.pass(Side::Server, &Frame, b""), Verdict::Cut);
    }
}
