//! Messages as they are delivered.

use std::sync::Arc;

use emap_interchange::Message;
use emap_queue::{Delivery, Unreadable};

use crate::precision;

/// A message as delivered.
#[derive(Debug)]
pub struct Incoming {
    /// Queue it came from.
    pub queue: Arc<str>,
    /// Its body as delivered; in UTF-8 if it could be brought into that.
    pub body: Vec<u8>,
    /// The message, or why there is none.
    pub message: Result<Message, Unreadable>,
}

impl Incoming {
    /// Reads a body that came without any properties.
    pub fn decode(queue: Arc<str>, body: Vec<u8>) -> Self {
        Self::delivered(queue, Delivery { body, ..Delivery::default() })
    }

    /// Reads what the broker delivered.
    pub fn delivered(queue: Arc<str>, mut delivery: Delivery) -> Self {
        let message = delivery.decode();
        Self::of(queue, delivery.body, message)
    }

    /// A message that is decoded already.
    pub fn of(queue: Arc<str>, body: Vec<u8>, mut message: Result<Message, Unreadable>) -> Self {
        if let Ok(message) = &mut message {
            precision::to_microseconds(message);
        }
        Self { queue, body, message }
    }

    /// Identifier that the source gave the message, if the body can be read.
    pub(crate) fn source_id(&self) -> Option<&str> {
        self.message.as_ref().ok().and_then(|message| message.source_message_id.as_deref())
    }
}
