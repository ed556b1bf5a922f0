//! Base64 as senders write it: with line breaks and other characters in between.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};

/// Bits behind the last byte are ignored, as other decoders do.
const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The bytes, or `None` for a wrong length or padding, or a character that is not ASCII. Others outside the alphabet are
/// skipped; the first complete padding ends the text.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() {
        return None;
    }
    let mut kept = Vec::with_capacity(text.len());
    let mut padding = 0;
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' => {
                // Padding in the middle of a group means nothing.
                kept.truncate(kept.len() - padding);
                padding = 0;
                kept.push(byte);
            }
            b'=' if kept.len() - padding >= 2 && (kept.len() - padding) % 4 >= 2 => {
                kept.push(byte);
                padding += 1;
                if kept.len() % 4 == 0 {
                    break;
                }
            }
            _ => {}
        }
    }
    ENGINE.decode(&kept).ok()
}

/// Standard alphabet, padded, in one line.
pub(crate) fn encode(text: &str) -> String {
    ENGINE.encode(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_characters_are_skipped() {
        assert_eq!(decode("aGV\r\nsbG8\n!=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode("aGVsbG8=ignored").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode("").as_deref(), Some(&b""[..]));
    }

    #[test]
    fn wrong_lengths_and_other_alphabets_are_refused() {
        for text in ["aGVsbG8", "a", "aG", "aGVsb", "aGVsbG8=é"] {
            assert_eq!(decode(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        assert_eq!(decode(&encode("MSH|é")).as_deref(), Some("MSH|é".as_bytes()));
    }
}
