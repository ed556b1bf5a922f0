//! OBX segments.

use std::fmt::Write;

/// One OBX, without number and time.
#[derive(Debug, Clone, Default)]
pub(super) struct Row<'a> {
    /// OBX-2.
    pub(super) kind: &'static str,
    /// OBX-3.
    pub(super) code: &'a str,
    /// OBX-5, escaped.
    pub(super) value: String,
    /// OBX-6, escaped.
    pub(super) unit: String,
    /// OBX-7, escaped.
    pub(super) range: String,
    /// OBX-8, escaped.
    pub(super) flags: String,
}

/// The segments so far.
pub(super) struct Rows<'a> {
    segments: Vec<String>,
    /// When the set was recorded: the time of rows without one of their own.
    record_time: &'a str,
    collector: Option<&'a str>,
}

impl<'a> Rows<'a> {
    pub(super) fn new(record_time: &'a str, collector: Option<&'a str>) -> Self {
        Self { segments: Vec::new(), record_time, collector }
    }

    /// A row about the whole set.
    pub(super) fn of_set(&mut self, row: &Row<'_>) {
        let time = self.record_time;
        self.push(row, time, None);
    }

    /// A row about a measurement, without the one who took it.
    pub(super) fn measured(&mut self, row: &Row<'_>, time: &str) {
        self.push(row, time, None);
    }

    /// A row about a measurement, with the one who took it.
    pub(super) fn collected(&mut self, row: &Row<'_>, time: &str) {
        let collector = self.collector;
        self.push(row, time, collector);
    }

    fn push(&mut self, row: &Row<'_>, time: &str, collector: Option<&str>) {
        let Row { kind, code, value, unit, range, flags } = row;
        let number = self.segments.len() + 1;
        let mut segment = format!("OBX|{number}|{kind}|{code}||{value}|{unit}|{range}|{flags}|||F|||{time}");
        if let Some(collector) = collector {
            // Writing to a string cannot fail.
            let _ = write!(segment, "||{collector}");
        }
        self.segments.push(segment);
    }

    pub(super) fn into_segments(self) -> Vec<String> {
        self.segments
    }
}
