//! Patients who opted out of research, or no longer do.

use chrono::{DateTime, NaiveDate, NaiveTime, Utc};
use emap_interchange::{Instant, Message, ResearchOptOut};

use crate::{
    column::SqlType,
    queries::built_in,
    row::{Row as _, row},
    source::SourceName,
    strategy::{Definition, InstantCalculator, QueryStrategy, Scope, Times, Unconvertible, Updated, WHOLE},
    values::message,
};

static DEFINITION: Definition = Definition {
    name: "ResearchOptOut",
    source: SourceName::Caboodle,
    file: "caboodle/research_opt_outs.sql",
    built_in: built_in!("caboodle/research_opt_outs.sql"),
    sub_ids: WHOLE,
    instants: InstantCalculator::OpenEnded,
    times: Times::Utc,
    order: "changed_at_utc, null as 2019-01-01; person_key",
    columns: ResearchChoiceRow::COLUMNS,
};

row! {
    /// The choice of a patient.
    pub struct ResearchChoiceRow {
        person_key: i64 = SqlType::BigInt, "key of the person";
        hospital_number: Option<String> = SqlType::Varchar(25), "hospital number of the person's current row";
        nhs_number: Option<String> = SqlType::Varchar(10), "NHS number of that row";
        opted_out: bool = SqlType::Bit, "whether the patient opts out now";
        changed_at_utc: Option<Instant> = SqlType::DateTime2(3), "when the patient said so; null counts as 2019-01-01";
    }
}

/// Data type `ResearchOptOut`.
#[derive(Debug, Clone, Copy)]
pub struct ResearchOptOuts;

/// The time of a choice whose time is not known.
fn long_ago() -> Instant {
    let day = NaiveDate::from_ymd_opt(2019, 1, 1).unwrap_or_default();
    DateTime::<Utc>::from_naive_utc_and_offset(day.and_time(NaiveTime::MIN), Utc)
}

impl QueryStrategy for ResearchOptOuts {
    type Row = ResearchChoiceRow;
    type Record = ResearchChoiceRow;

    fn definition(&self) -> &'static Definition {
        &DEFINITION
    }

    fn begin(&self, row: ResearchChoiceRow) -> ResearchChoiceRow {
        row
    }

    fn updated(&self, row: &ResearchChoiceRow, _: &Scope) -> Updated {
        row.changed_at_utc.map_or_else(|| Updated::Assumed(long_ago()), Updated::at)
    }

    fn row_id(&self, row: &ResearchChoiceRow) -> String {
        row.person_key.to_string()
    }

    fn tie(&self, first: &ResearchChoiceRow, second: &ResearchChoiceRow) -> std::cmp::Ordering {
        first.person_key.cmp(&second.person_key)
    }

    fn message(&self, row: &ResearchChoiceRow, _: &Scope) -> Result<Message, Unconvertible> {
        let given = |number: &Option<String>| number.clone().filter(|number| !number.trim().is_empty());
        let (mrn, nhs_number) = (given(&row.hospital_number), given(&row.nhs_number));
        if mrn.is_none() && nhs_number.is_none() {
            return Err(Unconvertible::new(row.person_key, "has neither hospital number nor NHS number"));
        }
        let payload = ResearchOptOut {
            nhs_number,
            mrn,
            last_updated: Some(row.changed_at_utc.unwrap_or_else(long_ago)),
            active: row.opted_out,
        };
        Ok(message(DEFINITION.source, row.person_key.to_string(), payload))
    }
}
