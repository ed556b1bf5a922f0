//! Values on flowsheets, from before they came live.

use std::{collections::HashMap, sync::Arc};

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use emap_interchange::{Flowsheet, Instant, InterchangeValue, Message, ValueType};

use crate::{
    cell::Local,
    clock::Clock,
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::{day, message, number, required, wrapped},
};

static DEFINITION: Definition = Definition {
    name: "Flowsheet",
    source: SourceName::Caboodle,
    file: "caboodle/flowsheets.sql",
    built_in: built_in!("caboodle/flowsheets.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::Windows { hours: 1 },
    times: Times::Utc,
    order: "updated_at_utc, value_key",
    columns: FlowsheetRow::COLUMNS,
};

row! {
    /// A value on a flowsheet.
    pub struct FlowsheetRow {
        value_key: i64 = SqlType::BigInt, "key of the value";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the person's current row";
        visit_number: Option<String> = SqlType::Varchar(25), "number of the visit";
        row_code: String = SqlType::Varchar(30), "id of the flowsheet row";
        value_kind: Option<String> = SqlType::Varchar(30), "kind of value, in words; Numeric Type and Date are known, all others are text";
        unit: Option<String> = SqlType::Varchar(30), "unit of the number";
        value_text: Option<String> = SqlType::VarcharMax, "the value as text";
        value_number: Option<f64> = SqlType::Float, "the value, if a number";
        value_on: Option<NaiveDate> = SqlType::Date, "the value, if a date";
        comment_text: Option<String> = SqlType::VarcharMax, "comment";
        observed_at_utc: Instant = SqlType::DateTime2(3), "when it was observed";
        updated_at_utc: Instant = SqlType::DateTime2(3), "when it was last changed";
    }
}

/// The flowsheet rows that are wanted, each with the time from which it comes live; from then on it is not sent from here.
#[derive(Debug, Clone)]
pub struct FlowsheetList(Arc<HashMap<String, Option<NaiveDateTime>>>);

/// A list of flowsheet rows that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct FlowsheetListError {
    /// Number of the line, from 1.
    pub line: usize,
    /// What is wrong.
    pub reason: &'static str,
}

impl Default for FlowsheetList {
    /// The built-in list.
    fn default() -> Self {
        Self::parse(built_in!("caboodle/flowsheet_list.csv")).unwrap_or_else(|_| Self(Arc::default()))
    }
}

impl FlowsheetList {
    /// Reads lines `id,live-from`, the time as `YYYY-MM-DD[ HH:MM]` of the hospital's clocks, or empty: not live.
    ///
    /// # Errors
    /// When a line has another form, or an id comes twice.
    pub fn parse(text: &str) -> Result<Self, FlowsheetListError> {
        let mut wanted = HashMap::new();
        for (index, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let error = |reason| FlowsheetListError { line: index + 1, reason };
            if line.trim().is_empty() {
                continue;
            }
            let (id, live_from) = line.split_once(',').ok_or(error("expected id,live-from"))?;
            let unquoted = |text: &str| text.trim().trim_matches('"').trim().to_owned();
            let (id, live_from) = (unquoted(id), unquoted(live_from));
            if id.is_empty() {
                return Err(error("the id is missing"));
            }
            let live_from = match live_from.as_str() {
                "" => None,
                time => Some(parse_time(time).ok_or(error("expected a time as YYYY-MM-DD[ HH:MM]"))?),
            };
            if wanted.insert(id, live_from).is_some() {
                return Err(error("the id was listed before"));
            }
        }
        Ok(Self(Arc::new(wanted)))
    }

    /// Whether a value of a row that was observed at a time is wanted from here.
    pub fn is_wanted(&self, row_code: &str, observed_at: Instant, clock: Clock) -> bool {
        match self.0.get(row_code) {
            None => false,
            Some(None) => true,
            Some(Some(live_from)) => observed_at < clock.instant(Local(*live_from)),
        }
    }

    /// How many rows are listed.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is wanted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

fn parse_time(text: &str) -> Option<NaiveDateTime> {
    match text.split_once([' ', 'T']) {
        None => Some(text.parse::<NaiveDate>().ok()?.and_time(NaiveTime::MIN)),
        Some((day, time)) => {
            let time_text = time.trim();
            let time = NaiveTime::parse_from_str(time_text, "%H:%M");
            let time = time.or_else(|_| NaiveTime::parse_from_str(time_text, "%H:%M:%S"));
            Some(day.parse::<NaiveDate>().ok()?.and_time(time.ok()?))
        }
    }
}

/// Data type `Flowsheet`.
#[derive(Debug, Clone)]
pub struct Flowsheets {
    wanted: FlowsheetList,
}

impl Flowsheets {
    /// For the rows of a list.
    pub fn new(wanted: FlowsheetList) -> Self {
        Self { wanted }
    }
}

/// A value with its type.
enum Value {
    Number(InterchangeValue<f64>),
    Date(InterchangeValue<NaiveDate>),
    Text(InterchangeValue<String>),
}

impl FlowsheetRow {
    fn text(&self) -> Option<&str> {
        self.value_text.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// What does not parse as the kind says is sent as text.
    fn value(&self) -> Value {
        let text = self.text();
        match self.value_kind.as_deref() {
            Some("Numeric Type") => {
                let parsed = self.value_number.or_else(|| text.and_then(number));
                if parsed.is_some() || text.is_none() {
                    return Value::Number(InterchangeValue::from_option(parsed));
                }
            }
            Some("Date") => {
                let parsed = self.value_on.or_else(|| text.and_then(day));
                if parsed.is_some() || text.is_none() {
                    return Value::Date(InterchangeValue::from_option(parsed));
                }
            }
            _ => (),
        }
        Value::Text(wrapped(text))
    }

    fn is_empty(&self) -> bool {
        let has_value = match self.value() {
            Value::Number(value) => value.is_save(),
            Value::Date(value) => value.is_save(),
            Value::Text(value) => value.is_save(),
        };
        !has_value && wrapped(self.comment_text.as_deref()).is_unknown()
    }
}

impl QueryStrategy for Flowsheets {
    type Row = FlowsheetRow;
    type Record = FlowsheetRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: FlowsheetRow) -> FlowsheetRow {
        row
    }

    fn is_wanted(&self, row: &FlowsheetRow, scope: &Scope) -> bool {
        self.wanted.is_wanted(&row.row_code, row.observed_at_utc, scope.clock) && !row.is_empty()
    }

    fn updated(&self, row: &FlowsheetRow, _: &Scope) -> Updated {
        Updated::at(row.updated_at_utc)
    }

    fn number(&self, row: &FlowsheetRow) -> i64 {
        row.value_key
    }

    fn row_id(&self, row: &FlowsheetRow) -> String {
        row.value_key.to_string()
    }

    fn message(&self, row: &FlowsheetRow, _: &Scope) -> Result<Message, Unconvertible> {
        let key = row.value_key;
        if row.value_kind.is_none() {
            return Err(Unconvertible::new(key, "row_code: the flowsheet row is not defined"));
        }
        let mut payload = Flowsheet {
            mrn: Some(required(key, row.hospital_number.as_deref(), "hospital number")?),
            visit_number: Some(required(key, row.visit_number.as_deref(), "visit number")?),
            source_application: Some(DEFINITION.source.text().to_owned()),
            is_real_time: Some(false),
            flowsheet_id: Some(row.row_code.clone()),
            comment: wrapped(row.comment_text.as_deref()),
            unit: wrapped(row.unit.as_deref()),
            observation_time: Some(row.observed_at_utc),
            updated_time: Some(row.updated_at_utc),
            ..Flowsheet::default()
        };
        match row.value() {
            Value::Number(value) => {
                payload.value_type = Some(ValueType::Numeric);
                payload.numeric_value = value;
            }
            Value::Date(value) => {
                payload.value_type = Some(ValueType::Date);
                payload.date_value = value;
            }
            Value::Text(value) => {
                payload.value_type = Some(ValueType::Text);
                payload.string_value = value;
            }
        }
        Ok(message(DEFINITION.source, key.to_string(), payload))
    }
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;

    #[test]
    fn the_built_in_list_is_whole() {
        let list = FlowsheetList::parse(built_in!("caboodle/flowsheet_list.csv")).unwrap();
        assert_eq!(list.len(), 153);
        let clock = Clock::new(Tz::Europe__London);
        let is_wanted = |id, at: &str| list.is_wanted(id, at.parse().unwrap(), clock);
        // Live from 2020-05-29 03:00 of the hospital's clocks.
        assert!(
            is_wanted("401001", "2020-05-29T01:59:59.999Z") && !is_wanted("401001", "2020-05-29T02:00:00Z")
        );
        // A day alone is its midnight.
        assert!(is_wanted("7115", "2020-06-23T22:59:59Z") && !is_wanted("7115", "2020-06-23T23:00:00Z"));
        assert!(is_wanted("2281", "2030-01-01T00:00:00Z") && !is_wanted("999", "2019-01-01T00:00:00Z"));
    }

    #[test]
    fn a_wrong_list_is_refused_with_the_line() {
        let error = |text| FlowsheetList::parse(text).unwrap_err().to_string();
        assert_eq!(error("5,2020-01-01\n6"), "line 2: expected id,live-from");
        assert_eq!(error("5,yesterday"), "line 1: expected a time as YYYY-MM-DD[ HH:MM]");
        assert_eq!(error("5,\n5,"), "line 2: the id was listed before");
        assert_eq!(error(",2020-01-01"), "line 1: the id is missing");
    }
}
