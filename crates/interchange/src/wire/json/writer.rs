//! Compact JSON, byte for byte as the known peers write it.

use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::{Datelike, NaiveDate, NaiveTime, Timelike};

use super::super::{
    named::package,
    names::{Property, Status, WRAPPER_CLASS},
    traits::WireWriter,
};
use super::number::java_double;
use crate::{features::Features, types::Instant};

/// Appends JSON to a buffer.
pub(crate) struct JsonWriter<'b> {
    out: &'b mut Vec<u8>,
    features: Features,
}

impl<'b> JsonWriter<'b> {
    pub(crate) fn new(out: &'b mut Vec<u8>, features: Features) -> Self {
        Self { out, features }
    }

    fn push(&mut self, text: &str) {
        self.out.extend_from_slice(text.as_bytes());
    }

    fn integer(&mut self, value: impl itoa::Integer) {
        self.push(itoa::Buffer::new().format(value));
    }

    /// No value ends in an opening bracket, so the last byte shows whether one was just opened.
    fn comma_unless_after(&mut self, opening: u8) {
        if self.out.last() != Some(&opening) {
            self.push(",");
        }
    }

    /// `,` and the number.
    fn further(&mut self, value: u32) {
        self.push(",");
        self.integer(value);
    }
}

const WRAPPER_HEAD: &str = concat!("{\"@class\":\"", package!(), "InterchangeValue\",\"value\":");

macro_rules! tail {
    ($status:literal) => {
        concat!(",\"status\":\"", $status, "\"}")
    };
}

macro_rules! empty {
    ($status:literal) => {
        concat!(
            "{\"@class\":\"",
            package!(),
            "InterchangeValue\",\"value\":null,\"status\":\"",
            $status,
            "\"}"
        )
    };
}

impl WireWriter for JsonWriter<'_> {
    fn features(&self) -> Features {
        self.features
    }

    fn begin_record(&mut self, class: &'static str) {
        self.push("{\"@class\":\"");
        self.push(class);
        self.push("\"");
    }

    fn end_record(&mut self) {
        self.push("}");
    }

    fn property(&mut self, property: &Property) {
        self.out.extend_from_slice(property.key());
    }

    fn empty_wrapper(&mut self, status: Status) {
        self.push(match status {
            Status::Ignore => empty!("IGNORE"),
            Status::Delete => empty!("DELETE"),
            Status::Save => empty!("SAVE"),
        });
    }

    fn begin_wrapper(&mut self) {
        debug_assert!(WRAPPER_HEAD.contains(WRAPPER_CLASS));
        self.push(WRAPPER_HEAD);
    }

    fn end_wrapper(&mut self, status: Status) {
        self.push(match status {
            Status::Ignore => tail!("IGNORE"),
            Status::Delete => tail!("DELETE"),
            Status::Save => tail!("SAVE"),
        });
    }

    fn null(&mut self) {
        self.push("null");
    }

    fn truth(&mut self, value: bool) {
        self.push(if value { "true" } else { "false" });
    }

    fn whole(&mut self, value: i64) {
        self.integer(value);
    }

    fn number(&mut self, value: f64) {
        if value.is_finite() {
            java_double(value, self.out);
        } else if value.is_nan() {
            self.push("\"NaN\"");
        } else {
            self.push(if value > 0.0 { "\"Infinity\"" } else { "\"-Infinity\"" });
        }
    }

    fn text(&mut self, value: &str) {
        self.push("\"");
        escape(value, self.out);
        self.push("\"");
    }

    fn word(&mut self, value: &'static str) {
        self.push("\"");
        self.push(value);
        self.push("\"");
    }

    /// Seconds rounded down and, side by side, the nanoseconds after them: before 1970 that is no
    /// arithmetic value, but it is what all peers write and expect.
    fn instant(&mut self, value: Instant) {
        const SECOND: u32 = 1_000_000_000;
        // A leap second counts more than a thousand million nanoseconds.
        let nanos = value.timestamp_subsec_nanos();
        let (seconds, nanos) = (value.timestamp() + i64::from(nanos / SECOND), nanos % SECOND);
        if seconds == 0 && nanos == 0 {
            return self.push("0.0");
        }
        self.integer(seconds);
        // The leading 1 keeps the zeros after it; the point takes its place.
        let mut digits = itoa::Buffer::new();
        self.push(".");
        self.push(&digits.format(SECOND + nanos)[1..]);
    }

    fn date(&mut self, value: NaiveDate) {
        self.push("[");
        self.integer(value.year());
        self.further(value.month());
        self.further(value.day());
        self.push("]");
    }

    fn time(&mut self, value: NaiveTime) {
        let (second, nano) = (value.second(), value.nanosecond() % 1_000_000_000);
        self.push("[");
        self.integer(value.hour());
        self.further(value.minute());
        if second != 0 || nano != 0 {
            self.further(second);
        }
        if nano != 0 {
            self.further(nano);
        }
        self.push("]");
    }

    fn bytes(&mut self, value: &[u8]) {
        self.push("\"");
        self.push(&STANDARD.encode(value));
        self.push("\"");
    }

    fn numbers(&mut self, values: &[f64]) {
        self.begin_list(values.is_empty());
        for value in values {
            self.item();
            self.number(*value);
        }
        self.end_list(values.is_empty());
    }

    fn begin_list(&mut self, _empty: bool) {
        self.push("[");
    }

    fn item(&mut self) {
        self.comma_unless_after(b'[');
    }

    fn end_list(&mut self, _empty: bool) {
        self.push("]");
    }

    fn begin_map(&mut self, _empty: bool) {
        self.push("{");
    }

    fn key(&mut self, key: &str) {
        self.comma_unless_after(b'{');
        self.text(key);
        self.push(":");
    }

    fn end_map(&mut self, _empty: bool) {
        self.push("}");
    }
}

/// Appends text with quotes, backslashes and control characters escaped, everything else as it is.
pub(crate) fn escape(text: &str, out: &mut Vec<u8>) {
    let bytes = text.as_bytes();
    let mut plain_from = 0;
    for (index, &byte) in bytes.iter().enumerate() {
        if byte >= 0x20 && byte != b'"' && byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&bytes[plain_from..index]);
        plain_from = index + 1;
        escape_byte(byte, out);
    }
    out.extend_from_slice(&bytes[plain_from..]);
}

fn escape_byte(byte: u8, out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let short = match byte {
        b'"' | b'\\' => byte,
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0C => b'f',
        b'\r' => b'r',
        _ => {
            out.extend_from_slice(b"\\u00");
            out.push(HEX[usize::from(byte >> 4)]);
            out.push(HEX[usize::from(byte & 0xF)]);
            return;
        }
    };
    out.extend_from_slice(&[b'\\', short]);
}
