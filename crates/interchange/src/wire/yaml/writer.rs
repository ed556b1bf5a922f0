//! A YAML sequence of messages: one line per property, wrappers in one line, all texts quoted; parts,
//! lists and maps indented below their property.

use std::fmt::Write;

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{NaiveDate, NaiveTime, SecondsFormat, Timelike};

use super::super::{
    json::java_double,
    names::{CLASS, Property, Status, WRAPPER_CLASS},
    traits::WireWriter,
};
use crate::{features::Features, types::Instant};

/// Collects the sequence.
pub(crate) struct YamlWriter {
    out: String,
    features: Features,
    /// Columns before the properties of the present object; none outside of messages.
    indent: usize,
    /// A dash of a list was written just now, so an object begins behind it.
    at_dash: bool,
}

impl YamlWriter {
    pub(crate) fn new(features: Features) -> Self {
        Self { out: String::new(), features, indent: 0, at_dash: false }
    }

    /// The text of the sequence.
    pub(crate) fn finish(self) -> String {
        if self.out.is_empty() { "[]\n".to_owned() } else { self.out }
    }

    /// Starts a line at the present column.
    fn new_line(&mut self) {
        if self.out.ends_with(' ') {
            self.out.pop();
        }
        self.out.push('\n');
        self.out.extend(std::iter::repeat_n(' ', self.indent));
    }

    fn wrapper_head(&mut self) {
        self.put(format_args!("{{\"{CLASS}\": \"{WRAPPER_CLASS}\", \"value\": "));
    }

    fn put(&mut self, text: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.out.write_fmt(text);
    }
}

impl WireWriter for YamlWriter {
    fn features(&self) -> Features {
        self.features
    }

    fn begin_record(&mut self, class: &'static str) {
        let outermost = self.indent == 0;
        self.indent += 2;
        if outermost {
            self.out.push_str("- ");
        } else if !std::mem::take(&mut self.at_dash) {
            self.new_line();
        }
        self.put(format_args!("\"{CLASS}\": \"{class}\""));
    }

    fn end_record(&mut self) {
        self.indent -= 2;
        if self.indent == 0 {
            self.out.push('\n');
        }
    }

    fn property(&mut self, property: &Property) {
        self.new_line();
        self.put(format_args!("{}: ", property.name()));
    }

    fn empty_wrapper(&mut self, status: Status) {
        self.wrapper_head();
        self.null();
        self.end_wrapper(status);
    }

    fn begin_wrapper(&mut self) {
        self.wrapper_head();
    }

    fn end_wrapper(&mut self, status: Status) {
        self.put(format_args!(", \"status\": \"{status}\"}}"));
    }

    fn null(&mut self) {
        self.out.push_str("null");
    }

    fn truth(&mut self, value: bool) {
        self.put(format_args!("{value}"));
    }

    fn whole(&mut self, value: i64) {
        self.put(format_args!("{value}"));
    }

    fn number(&mut self, value: f64) {
        if value.is_finite() {
            let mut digits = Vec::new();
            java_double(value, &mut digits);
            self.out.push_str(&String::from_utf8_lossy(&digits));
        } else if value.is_nan() {
            self.word("NaN");
        } else {
            self.word(if value > 0.0 { "Infinity" } else { "-Infinity" });
        }
    }

    fn text(&mut self, value: &str) {
        self.out.push('"');
        for character in value.chars() {
            escape(character, &mut self.out);
        }
        self.out.push('"');
    }

    fn word(&mut self, value: &'static str) {
        self.put(format_args!("\"{value}\""));
    }

    fn instant(&mut self, value: Instant) {
        let text = value.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        self.put(format_args!("\"{text}\""));
    }

    fn date(&mut self, value: NaiveDate) {
        self.put(format_args!("\"{value}\""));
    }

    fn time(&mut self, value: NaiveTime) {
        let nano = value.nanosecond() % 1_000_000_000;
        self.put(format_args!("\"{:02}:{:02}:{:02}", value.hour(), value.minute(), value.second()));
        if nano != 0 {
            self.put(format_args!(".{nano:09}"));
        }
        self.out.push('"');
    }

    fn bytes(&mut self, value: &[u8]) {
        self.put(format_args!("!!binary \"{}\"", STANDARD.encode(value)));
    }

    /// In one line: wrappers, which hold such lists, stand in one line too.
    fn numbers(&mut self, values: &[f64]) {
        self.out.push('[');
        for (index, value) in values.iter().enumerate() {
            self.out.push_str(if index == 0 { "" } else { ", " });
            self.number(*value);
        }
        self.out.push(']');
    }

    fn begin_list(&mut self, empty: bool) {
        if empty {
            self.out.push_str("[]");
        } else {
            self.indent += 2;
        }
    }

    fn item(&mut self) {
        self.new_line();
        self.out.push_str("- ");
        self.at_dash = true;
    }

    fn end_list(&mut self, empty: bool) {
        self.at_dash = false;
        if !empty {
            self.indent -= 2;
        }
    }

    fn begin_map(&mut self, empty: bool) {
        if empty {
            self.out.push_str("{}");
        } else {
            self.indent += 2;
        }
    }

    fn key(&mut self, key: &str) {
        self.new_line();
        self.text(key);
        self.out.push_str(": ");
    }

    fn end_map(&mut self, empty: bool) {
        if !empty {
            self.indent -= 2;
        }
    }
}

/// Appends one character of a double-quoted scalar; what YAML does not call printable is escaped.
fn escape(character: char, out: &mut String) {
    let code = u32::from(character);
    match character {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\0'..='\u{1F}' | '\u{7F}'..='\u{9F}' => {
            let _ = write!(out, "\\x{code:02X}");
        }
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => {
            let _ = write!(out, "\\u{code:04X}");
        }
        _ => out.push(character),
    }
}
