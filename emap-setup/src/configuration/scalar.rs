//! A single value of the file, as the operator wrote it.

/// A scalar: its text, and whether it stood in quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scalar {
    text: String,
    quoted: bool,
    null: bool,
}

impl Scalar {
    /// As the file has it. A boolean is written `true` or `false` whatever its form; null is empty; everything else
    /// stays as it stands there, also numbers: `007` is a password rather than seven.
    pub(crate) fn new(text: &str, quoted: bool) -> Self {
        if quoted {
            return Self { text: text.to_owned(), quoted, null: false };
        }
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self { text: String::new(), quoted, null: true },
            _ => {
                let text = boolean(text).map_or_else(|| text.to_owned(), |value| value.to_string());
                Self { text, quoted, null: false }
            }
        }
    }

    /// A text that the tool derived.
    pub(crate) fn derived(text: impl Into<String>) -> Self {
        Self { text: text.into(), quoted: true, null: false }
    }

    /// As it goes into an environment file.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// It has no value.
    pub fn is_null(&self) -> bool {
        self.null
    }

    /// It stood in quotes, so it is a text whatever it looks like.
    pub(crate) fn is_quoted(&self) -> bool {
        self.quoted
    }

    /// As a switch, in any case; null is off.
    pub(crate) fn as_bool(&self) -> Option<bool> {
        if self.null { Some(false) } else { boolean(&self.text.to_lowercase()) }
    }
}

/// The words of YAML 1.1, in its three cases.
fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Some(true),
        "false" | "False" | "FALSE" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Some(false),
        _ => None,
    }
}
