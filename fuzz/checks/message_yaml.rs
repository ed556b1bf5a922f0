//! A fixture, or what a program is to send: messages that can be written and read again, or a fault.

use emap_interchange::yaml;

pub(crate) fn check(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    if let Ok(messages) = yaml::read(text) {
        let written = yaml::write_sequence(&messages);
        // Compared as written: not every number equals itself.
        assert_eq!(yaml::read(&written).map(|again| yaml::write_sequence(&again)), Ok(written));
    }
}
