//! What a plain (unquoted) YAML scalar is as JSON.

/// The JSON form of a scalar.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Unquoted: a number, true or false.
    Literal,
    /// Null, in any spelling.
    Null,
    /// A text.
    Text,
}

/// Plain scalars keep their source text: only what is a JSON number, `true`, `false` or one of the
/// forms of null is not a text. What a text means (`yes`, `0123`) is for its property to decide.
pub(super) fn plain_form(text: &str) -> Form {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Form::Null,
        "true" | "false" => Form::Literal,
        _ if is_json_number(text.as_bytes()) => Form::Literal,
        _ => Form::Text,
    }
}

fn is_json_number(text: &[u8]) -> bool {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, rest) = split_digits(unsigned);
    let whole_fits = !whole.is_empty() && (whole.len() == 1 || whole[0] != b'0');
    whole_fits && fraction_end(rest).is_some_and(is_exponent_or_nothing)
}

/// What follows the fraction, if there is a well-formed one or none.
fn fraction_end(text: &[u8]) -> Option<&[u8]> {
    let Some(fraction) = text.strip_prefix(b".") else { return Some(text) };
    let (digits, rest) = split_digits(fraction);
    (!digits.is_empty()).then_some(rest)
}

fn is_exponent_or_nothing(text: &[u8]) -> bool {
    match text {
        [] => true,
        [b'e' | b'E', b'+' | b'-', digits @ ..] | [b'e' | b'E', digits @ ..] => {
            !digits.is_empty() && digits.iter().all(u8::is_ascii_digit)
        }
        _ => false,
    }
}

fn split_digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|byte| byte.is_ascii_digit()).count())
}

#[cfg(test)]
mod tests {
    use super::{Form, plain_form};

    #[test]
    fn forms() {
        for number in ["0", "-1", "35", "3.50", "1e4", "1.0E-7", "-0.5"] {
            assert_eq!(plain_form(number), Form::Literal, "{number}");
        }
        for text in ["0123", "1_000", "0x1F", "No", "True", "1.", ".5", "+1", "1e", "-", "NaN", "2031-06-09"]
        {
            assert_eq!(plain_form(text), Form::Text, "{text}");
        }
        for null in ["", "~", "null", "Null", "NULL"] {
            assert_eq!(plain_form(null), Form::Null, "{null}");
        }
    }
}
