//! Escape sequences of HL7 v2 text.

use std::borrow::Cow;

use memchr::memchr;

use crate::{encoding::decode, separators::Separators};

/// No formatting command makes more line ends or blanks than this: a page.
const MOST_REPEATED: usize = 99;

/// Undoes all escape sequences, once. Text without any is borrowed.
///
/// Sequences for separators, hexadecimal bytes and line breaks become what they stand for; highlighting and indentation
/// have no text and vanish; character-set switches and local sequences (`\C…\`, `\M…\`, `\Z…\`) stay as they
/// are; any other escape character is dropped and what follows it is kept.
pub(crate) fn unescape(text: &str, separators: Separators) -> Cow<'_, str> {
    match memchr(separators.escape, text.as_bytes()) {
        None => Cow::Borrowed(text),
        Some(_) => Cow::Owned(unescape_owned(text, separators)),
    }
}

fn unescape_owned(text: &str, separators: Separators) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = memchr(separators.escape, rest.as_bytes()) {
        out.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        rest = match memchr(separators.escape, after.as_bytes()) {
            Some(end) if push_sequence(&mut out, &after[..end], separators) => &after[end + 1..],
            _ => after,
        };
    }
    out.push_str(rest);
    out
}

/// Appends what the sequence stands for; false if it is none.
fn push_sequence(out: &mut String, sequence: &str, separators: Separators) -> bool {
    let separator = match sequence {
        "F" => separators.field,
        "S" => separators.component,
        "T" => separators.subcomponent,
        "R" => separators.repetition,
        "E" => separators.escape,
        "P" => separators.truncation.unwrap_or(b'#'),
        "H" | "N" => return true,
        _ => return push_longer_sequence(out, sequence, separators),
    };
    out.push(char::from(separator));
    true
}

fn push_longer_sequence(out: &mut String, sequence: &str, separators: Separators) -> bool {
    let understood = match sequence.as_bytes().first() {
        Some(b'X') => push_hexadecimal(out, &sequence[1..]),
        Some(b'.') => push_formatting(out, &sequence[1..]),
        Some(b'C' | b'M' | b'Z') => false,
        _ => return false,
    };
    if !understood {
        let escape = char::from(separators.escape);
        out.push(escape);
        out.push_str(sequence);
        out.push(escape);
    }
    true
}

/// Bytes as pairs of digits, read as the text of a message is: zero bytes, which come from two-byte characters
/// (`\X000D\` is a carriage return), are dropped.
fn push_hexadecimal(out: &mut String, digits: &str) -> bool {
    if digits.is_empty() || !digits.len().is_multiple_of(2) {
        return false;
    }
    let byte = |pair: &[u8]| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?);
    let Some(bytes) = digits.as_bytes().chunks_exact(2).map(byte).collect::<Option<Vec<u8>>>() else {
        return false;
    };
    out.push_str(&decode(&bytes));
    true
}

fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

fn push_formatting(out: &mut String, command: &str) -> bool {
    let Some((name, argument)) = command.split_at_checked(2) else { return false };
    let (filler, count) = match (name, argument) {
        ("br" | "ce" | "sp", "") => ("\n", Some(1)),
        ("sp", _) => ("\n", count(argument)),
        ("sk", _) => (" ", count(argument)),
        ("fi" | "nf", "") | ("in" | "ti", _) => ("", Some(0)),
        _ => return false,
    };
    let Some(count) = count else { return false };
    out.extend(std::iter::repeat_n(filler, count));
    true
}

fn count(argument: &str) -> Option<usize> {
    argument.trim_start_matches('+').parse().ok().filter(|&count| count <= MOST_REPEATED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Cow<'_, str> {
        unescape(text, Separators::default())
    }

    #[test]
    fn text_without_escapes_is_borrowed() {
        assert!(matches!(unescaped("plain & text"), Cow::Borrowed("plain & text")));
    }

    #[test]
    fn separators_are_put_back_once() {
        assert_eq!(unescaped(r"a\F\b\S\c\T\d\R\e\E\f"), r"a|b^c&d~e\f");
        assert_eq!(unescaped(r"\E\T\E\"), r"\T\");
        assert_eq!(unescaped(r"50\P\"), "50#");
    }

    #[test]
    fn hexadecimal_bytes() {
        assert_eq!(unescaped(r"\X41\\X0d0A\x"), "A\r\nx");
        assert_eq!(unescaped(r"a\X000d\b"), "a\rb");
        assert_eq!(unescaped(r"Zo\XC3AB\, Zo\XEB\"), "Zoë, Zoë");
        assert_eq!(unescaped(r"\X4\ \Xgg\ \X\"), r"\X4\ \Xgg\ \X\");
    }

    #[test]
    fn formatting_commands() {
        assert_eq!(unescaped(r"one\.br\two\.sp2\three\.sk3\x"), "one\ntwo\n\nthree   x");
        assert_eq!(unescaped(r"\.in+4\\H\bold\N\\.fi\"), "bold");
        assert_eq!(unescaped(r"\.zz\\.sp999999\\.\"), r"\.zz\\.sp999999\\.\");
    }

    #[test]
    fn unknown_sequences() {
        assert_eq!(unescaped(r"\MIME\ \Z12\ \C2842\"), r"\MIME\ \Z12\ \C2842\");
        assert_eq!(unescaped(r"a\b\T\c\"), "ab&c");
        assert_eq!(unescaped(r"\"), "");
        assert_eq!(unescaped(r"\\"), "");
    }
}
