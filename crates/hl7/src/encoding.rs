//! Bytes to text.

use std::borrow::Cow;

/// What Windows-1252 has at 0x80–0x9F, where it differs from Latin-1. Its five empty places stay control characters.
const WINDOWS_1252: [char; 32] = [
    '€', '\u{81}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{8d}', 'Ž', '\u{8f}', '\u{90}',
    '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{9d}', 'ž', 'Ÿ',
];

/// The text of a message: UTF-8 where the bytes are UTF-8, and every other byte read as Windows-1252.
///
/// Senders that are not UTF-8 through and through mostly send Latin-1 names; declared character sets (MSH-18) are
/// too often wrong to be followed. Zero bytes are dropped, wherever they stand: they are padding, and no text column
/// takes them. Other valid UTF-8 is borrowed.
pub fn decode(bytes: &[u8]) -> Cow<'_, str> {
    if memchr::memchr(0, bytes).is_some() {
        let without: Vec<u8> = bytes.iter().copied().filter(|&byte| byte != 0).collect();
        return Cow::Owned(decode(&without).into_owned());
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(decode_mixed(bytes)),
    }
}

fn decode_mixed(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(chunk.invalid().iter().copied().map(windows_1252));
    }
    text
}

fn windows_1252(byte: u8) -> char {
    match byte {
        0x80..=0x9f => WINDOWS_1252[usize::from(byte - 0x80)],
        _ => char::from(byte),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn valid_utf8_is_borrowed() {
        assert!(matches!(decode("Zoë".as_bytes()), Cow::Borrowed("Zoë")));
    }

    #[test]
    fn zero_bytes_are_dropped() {
        assert_eq!(decode(b"\0a\0b\0"), "ab");
        assert_eq!(decode(b"Zo\xeb\0"), "Zoë");
    }

    #[test]
    fn stray_bytes_are_windows_1252_and_their_neighbours_stay_utf8() {
        assert_eq!(decode(b"Zo\xeb \xe2\x82\xac \x80 \x91x\x92 \x81"), "Zoë € € ‘x’ \u{81}");
    }

    #[test]
    fn a_cut_utf8_sequence_is_read_byte_by_byte() {
        assert_eq!(decode(b"\xe2\x82"), "â‚");
    }
}
