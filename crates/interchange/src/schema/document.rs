//! JSON for people: members in a chosen order, and what is short on one line.

use std::fmt::{self, Display, Write};

use crate::{
    features::Features,
    wire::{JsonWriter, WireWriter},
};

/// Columns that a line may have.
const WIDTH: usize = 110;

/// A JSON value that keeps the order of its members.
#[derive(Clone, Debug)]
pub(super) enum Json {
    /// Null, true, false, a number or a text as JSON writes it, or any other JSON on one line.
    Written(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn text(text: &str) -> Self {
        let mut json = Vec::new();
        JsonWriter::new(&mut json, Features::ALL).text(text);
        Self::Written(String::from_utf8_lossy(&json).into_owned())
    }

    pub(super) fn texts<'t>(texts: impl IntoIterator<Item = &'t str>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    pub(super) fn number(number: i64) -> Self {
        Self::Written(number.to_string())
    }

    pub(super) fn null() -> Self {
        Self::Written("null".to_owned())
    }

    pub(super) fn truth(value: bool) -> Self {
        Self::Written(value.to_string())
    }

    pub(super) fn object<const N: usize>(members: [(&str, Self); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
    }

    /// The object with one more member.
    pub(super) fn with(mut self, name: &str, value: Self) -> Self {
        if let Self::Object(members) = &mut self {
            members.push((name.to_owned(), value));
        }
        self
    }

    /// The object with the members of another one too.
    pub(super) fn and(mut self, other: Self) -> Self {
        if let (Self::Object(members), Self::Object(more)) = (&mut self, other) {
            members.extend(more);
        }
        self
    }

    /// The value over as many lines as it needs, the first of which has `used` columns already.
    fn lay_out(&self, out: &mut String, indent: usize, used: usize) -> fmt::Result {
        let line = self.to_string();
        if used + line.chars().count() <= WIDTH || matches!(self, Self::Written(_)) {
            return out.write_str(&line);
        }
        let inner = indent + 2;
        let break_line = |out: &mut String, first: bool, indent: usize| {
            write!(out, "{}\n{:indent$}", if first { "" } else { "," }, "")
        };
        match self {
            Self::Written(_) => Ok(()),
            Self::List(elements) => {
                out.push('[');
                for (index, element) in elements.iter().enumerate() {
                    break_line(out, index == 0, inner)?;
                    element.lay_out(out, inner, inner + 1)?;
                }
                break_line(out, true, indent)?;
                out.write_char(']')
            }
            Self::Object(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    break_line(out, index == 0, inner)?;
                    let name = Self::text(name).to_string();
                    write!(out, "{name}: ")?;
                    value.lay_out(out, inner, inner + name.chars().count() + 3)?;
                }
                break_line(out, true, indent)?;
                out.write_char('}')
            }
        }
    }

    /// The whole as a document.
    pub(super) fn document(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = self.lay_out(&mut out, 0, 0);
        out.push('\n');
        out
    }
}

/// On one line.
impl Display for Json {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Written(json) => formatter.write_str(json),
            Self::List(elements) => {
                formatter.write_str("[")?;
                for (index, element) in elements.iter().enumerate() {
                    write!(formatter, "{}{element}", if index == 0 { "" } else { ", " })?;
                }
                formatter.write_str("]")
            }
            Self::Object(members) => {
                formatter.write_str("{")?;
                for (index, (name, value)) in members.iter().enumerate() {
                    let separator = if index == 0 { "" } else { ", " };
                    write!(formatter, "{separator}{}: {value}", Self::text(name))?;
                }
                formatter.write_str("}")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Json;

    #[test]
    fn short_values_stay_on_a_line_and_long_ones_are_broken() {
        let long = "x".repeat(100);
        let json = Json::object([
            ("short", Json::List(vec![Json::number(1), Json::null()])),
            ("long \"one\"", Json::texts([long.as_str(), "y"])),
        ]);
        let expected = format!(
            "{{\n  \"short\": [1, null],\n  \"long \\\"one\\\"\": [\n    \"{long}\",\n    \"y\"\n  ]\n}}\n"
        );
        assert_eq!(json.document(), expected);
        assert_eq!(Json::object([]).document(), "{}\n");
    }
}
