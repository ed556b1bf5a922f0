//! A body from a queue: a message that can be written and read again, or a fault that repeats no value.

use emap_interchange::Message;

pub(crate) fn check(body: &[u8]) {
    match Message::from_json(body) {
        Ok(message) => {
            let written = message.to_json();
            // Compared as written: not every number equals itself.
            assert_eq!(Message::from_json(&written).map(|again| again.to_json()), Ok(written));
        }
        Err(fault) => assert!(fault.to_string().len() < 300, "{fault}"),
    }
}
