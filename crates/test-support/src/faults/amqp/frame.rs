//! Frames, as far as a fault can be meant for them.

use crate::faults::script::Filter as Fits;

/// The kind of a frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The greeting before the first frame.
    ProtocolHeader,
    /// A method, by class and method number.
    Method(u16, u16),
    /// The properties of a message.
    Header,
    /// A part of a message's body.
    Body,
    /// Heartbeat.
    Heartbeat,
}

impl Kind {
    /// The server begins.
    pub const CONNECTION_START: Self = Self::Method(10, 10);
    /// The client opens a virtual host.
    pub const CONNECTION_OPEN: Self = Self::Method(10, 40);
    /// One side ends the connection.
    pub const CONNECTION_CLOSE: Self = Self::Method(10, 50);
    /// The other side agrees.
    pub const CONNECTION_CLOSE_OK: Self = Self::Method(10, 51);
    /// The client opens a channel.
    pub const CHANNEL_OPEN: Self = Self::Method(20, 10);
    /// The client declares a queue.
    pub const QUEUE_DECLARE: Self = Self::Method(50, 10);
    /// The client begins to consume.
    pub const BASIC_CONSUME: Self = Self::Method(60, 20);
    /// The client publishes.
    pub const BASIC_PUBLISH: Self = Self::Method(60, 40);
    /// The server delivers.
    pub const BASIC_DELIVER: Self = Self::Method(60, 60);
    /// Of the client: a delivery is settled. Of the server: a message is confirmed.
    pub const BASIC_ACK: Self = Self::Method(60, 80);
    /// The client gives a delivery back or away.
    pub const BASIC_REJECT: Self = Self::Method(60, 90);
    /// Of the client: deliveries are given back or away. Of the server: a message is refused.
    pub const BASIC_NACK: Self = Self::Method(60, 120);
    /// The client turns confirms on.
    pub const CONFIRM_SELECT: Self = Self::Method(85, 10);

    /// Name, with the class's and method's words where we have them.
    pub(super) fn name(self) -> String {
        const NAMES: [(Kind, &str); 13] = [
            (Kind::CONNECTION_START, "connection.start"),
            (Kind::CONNECTION_OPEN, "connection.open"),
            (Kind::CONNECTION_CLOSE, "connection.close"),
            (Kind::CONNECTION_CLOSE_OK, "connection.close-ok"),
            (Kind::CHANNEL_OPEN, "channel.open"),
            (Kind::QUEUE_DECLARE, "queue.declare"),
            (Kind::BASIC_CONSUME, "basic.consume"),
            (Kind::BASIC_PUBLISH, "basic.publish"),
            (Kind::BASIC_DELIVER, "basic.deliver"),
            (Kind::BASIC_ACK, "basic.ack"),
            (Kind::BASIC_REJECT, "basic.reject"),
            (Kind::BASIC_NACK, "basic.nack"),
            (Kind::CONFIRM_SELECT, "confirm.select"),
        ];
        let known = NAMES.iter().find(|(kind, _)| *kind == self);
        known.map_or_else(|| format!("{self:?}"), |(_, name)| (*name).to_owned())
    }
}

/// Why a server closes a connection: AMQP 0-9-1, "Constants".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReplyCode(pub u16);

impl ReplyCode {
    /// An operator closed the connection.
    pub const CONNECTION_FORCED: Self = Self(320);
    /// The server has not got what it needs.
    pub const RESOURCE_ERROR: Self = Self(506);
    /// The server failed.
    pub const INTERNAL_ERROR: Self = Self(541);

    /// `connection.close`.
    pub(super) fn close(self) -> Vec<u8> {
        const TEXT: &[u8] = b"refused by the fault injector";
        let mut payload = vec![0, 10, 0, 50];
        payload.extend_from_slice(&self.0.to_be_bytes());
        payload.push(u8::try_from(TEXT.len()).unwrap_or_default());
        payload.extend_from_slice(TEXT);
        // No method is at fault.
        payload.extend_from_slice(&[0; 4]);
        let length = u32::try_from(payload.len()).unwrap_or_default();
        [&[METHOD, 0, 0][..], &length.to_be_bytes(), &payload, &[END]].concat()
    }
}

pub(super) const METHOD: u8 = 1;
pub(super) const HEADER: u8 = 2;
pub(super) const BODY: u8 = 3;
pub(super) const HEARTBEAT: u8 = 8;
/// Last byte of a frame.
pub(super) const END: u8 = 0xce;
/// Bytes before the payload: kind, channel, length.
pub(super) const HEAD: usize = 7;

/// A frame as filters see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::faults) struct Frame {
    pub(super) kind: Kind,
    pub(super) channel: u16,
}

/// Which frames a fault is meant for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    kind: Option<Kind>,
    channel: Option<u16>,
}

impl Filter {
    /// Every frame.
    pub fn any() -> Self {
        Self::default()
    }

    /// Frames of that kind.
    pub fn kind(kind: Kind) -> Self {
        Self { kind: Some(kind), channel: None }
    }

    /// Those on that channel only.
    #[must_use]
    pub fn on_channel(mut self, channel: u16) -> Self {
        self.channel = Some(channel);
        self
    }
}

impl From<Kind> for Filter {
    fn from(kind: Kind) -> Self {
        Self::kind(kind)
    }
}

impl Fits<Frame> for Filter {
    fn fits(&self, frame: &Frame) -> bool {
        self.kind.is_none_or(|kind| kind == frame.kind)
            && self.channel.is_none_or(|channel| channel == frame.channel)
    }
}
