//! How JSON values begin.

/// How a value begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Token {
    Null,
    True,
    False,
    Text,
    Number,
    Array,
    Object,
}

impl Token {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::True | Self::False => "true or false",
            Self::Text => "a text",
            Self::Number => "a number",
            Self::Array => "a list",
            Self::Object => "an object",
        }
    }
}
