//! Writing values into a message.

/// A text as part of a field, in the usual separators: these are escaped, and a line end becomes `\.br\`, as a line end
/// inside a field would end the segment. CR and LF together are one line end.
pub fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' => out.push_str(r"\E\"),
            '|' => out.push_str(r"\F\"),
            '~' => out.push_str(r"\R\"),
            '^' => out.push_str(r"\S\"),
            '&' => out.push_str(r"\T\"),
            '\r' => {
                characters.next_if_eq(&'\n');
                out.push_str(r"\.br\");
            }
            '\n' => out.push_str(r"\.br\"),
            _ => out.push(character),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn separators_and_line_ends() {
        assert_eq!(escaped("a&b"), r"a\T\b");
        assert_eq!(escaped(r"\|~^&"), r"\E\\F\\R\\S\\T\");
        assert_eq!(escaped("||x||"), r"\F\\F\x\F\\F\");
        assert_eq!(escaped("one\r\ntwo\nthree\rfour"), r"one\.br\two\.br\three\.br\four");
        assert_eq!(escaped("plain"), "plain");
    }
}
