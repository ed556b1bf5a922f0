//! What may be wrapped around a message: MLLP framing, blank lines, a file or batch header.

const BYTE_ORDER_MARK: char = '\u{feff}';
/// MLLP: start of a block (vertical tab).
const BLOCK_START: char = '\u{0b}';
/// MLLP: end of a block (file separator).
const BLOCK_END: char = '\u{1c}';

/// Whether a segment of this name belongs to the wrapping of a batch or file, not to a message.
pub(crate) fn is_wrapper(name: &str) -> bool {
    matches!(name, "FHS" | "BHS" | "BTS" | "FTS")
}

/// The text from `MSH` on, without framing. Trailers are left in, the caller skips them by name.
pub(crate) fn unwrap(text: &str) -> &str {
    let text =
        text.trim_start_matches(|c: char| c.is_whitespace() || c == BLOCK_START || c == BYTE_ORDER_MARK);
    let text = text.trim_end_matches(['\r', '\n', BLOCK_END]);
    if text.get(..3).is_some_and(is_wrapper) { after_headers(text) } else { text }
}

/// Skips the lines of batch and file headers. Stops at the first line that is something else.
fn after_headers(text: &str) -> &str {
    let mut rest = text;
    while rest.get(..3).is_some_and(is_wrapper) {
        let Some(end) = memchr::memchr2(b'\r', b'\n', rest.as_bytes()) else { return "" };
        rest = rest[end..].trim_start();
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn framing_and_batch_headers_are_taken_off() {
        assert_eq!(unwrap("\u{0b}MSH|a\rPID|b\r\u{1c}\r"), "MSH|a\rPID|b");
        assert_eq!(unwrap("\u{feff}\r\n MSH|a "), "MSH|a ");
        assert_eq!(unwrap("FHS|^~\\&|x\r\nBHS|^~\\&\r\nMSH|a\r\nBTS|1"), "MSH|a\r\nBTS|1");
        assert_eq!(unwrap("BHS|^~\\&"), "");
        assert_eq!(unwrap("\u{1c}\r"), "");
        assert_eq!(unwrap(""), "");
    }
}
