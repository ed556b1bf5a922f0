//! Escape sequences as a receiver reads them that shows values and does not interpret them: every sequence is replaced or
//! dropped, none stays.

use std::borrow::Cow;

use crate::separators::Separators;

/// No command makes more characters than a page has.
const MOST_REPEATED: usize = 9999;

/// The text without escape sequences; `None` if a command has a count that is none. What follows an unfinished
/// sequence is lost with it.
pub(super) fn unescape(text: &str, separators: Separators) -> Option<Cow<'_, str>> {
    let escape = char::from(separators.escape);
    if !text.contains(escape) {
        return Some(Cow::Borrowed(text));
    }
    let mut out = String::with_capacity(text.len());
    let mut parts = text.split(escape).peekable();
    while let Some(plain) = parts.next() {
        out.push_str(plain);
        // The last part has no second escape character behind it.
        let Some(code) = parts.next().filter(|_| parts.peek().is_some()) else { break };
        push(&mut out, code, separators)?;
    }
    Some(Cow::Owned(out))
}

fn push(out: &mut String, code: &str, separators: Separators) -> Option<()> {
    match code {
        "F" => out.push(char::from(separators.field)),
        "R" => out.push(char::from(separators.repetition)),
        "S" => out.push(char::from(separators.component)),
        "T" => out.push(char::from(separators.subcomponent)),
        "E" => out.push(char::from(separators.escape)),
        "H" | "N" => out.push('_'),
        _ if code.starts_with('.') => return push_formatting(out, code),
        _ if code.starts_with('X') => push_hexadecimal(out, &code[1..]),
        _ => {}
    }
    Some(())
}

/// A dot command, perhaps with a number of repeats.
fn push_formatting(out: &mut String, code: &str) -> Option<()> {
    let Some((name, count)) = code.split_at_checked(3) else { return Some(()) };
    let filler = match name {
        ".br" | ".sp" | ".ce" => "\r",
        ".fi" | ".nf" => "",
        ".in" | ".ti" => "    ",
        ".sk" => " ",
        _ => return Some(()),
    };
    let count = match count.trim() {
        "" => 1,
        digits => digits.parse::<i64>().ok()?,
    };
    let count = usize::try_from(count).unwrap_or(0).min(MOST_REPEATED);
    out.extend(std::iter::repeat_n(filler, count));
    Some(())
}

/// Pairs of digits as characters, up to the first that is none. U+0000 is dropped: no text column takes it.
fn push_hexadecimal(out: &mut String, digits: &str) {
    for pair in digits.as_bytes().chunks(2) {
        let Some(byte) = std::str::from_utf8(pair).ok().filter(|pair| pair.len() == 2) else { return };
        let Ok(byte) = u8::from_str_radix(byte, 16) else { return };
        if byte != 0 {
            out.push(char::from(byte));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unescaped(text: &str) -> Option<String> {
        unescape(text, Separators::default()).map(Cow::into_owned)
    }

    #[test]
    fn sequences_become_what_they_stand_for() {
        let cases = [
            (r"a\F\b\S\c\T\d\R\e\E\f", r"a|b^c&d~e\f"),
            (r"\H\bold\N\", "_bold_"),
            (r"one\.br\two\.sp2\three", "one\rtwo\r\rthree"),
            (r"\.in\x\.sk3\y\.fi\z\.nf2\", "    x   yz"),
            (r"\X41420043\", "ABC"),
            (r"\X41zz42\", "A"),
            (r"a\Cxx\b\Mxx\c\Z\d\\e", "abcde"),
            (r"kept\unfinished", "kept"),
            (r"\", ""),
        ];
        for (text, expected) in cases {
            assert_eq!(unescaped(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn a_count_that_is_none_makes_the_value_unreadable() {
        assert_eq!(unescaped(r"a\.spx\b"), None);
        assert_eq!(unescaped(r"a\.sp-1\b").as_deref(), Some("ab"));
    }
}
