//! Which tables have to be equal to those of an undisturbed run.
//!
//! After a fault, messages arrive again, each time together with all messages after them. That changes no row of the
//! present, with the exceptions that docs/order-of-arrival.md names under "Duplicates". Former versions (`…_audit`) may
//! be more.

use std::collections::BTreeMap;

use diesel::{PgConnection, QueryResult, QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
use emap_test_support::faults::ledger::tables::{BY_FIRST_PATIENT, Difference, Tables};

use crate::servers::STAR;

/// Columns that a repeated message may change. A movement is reported some minutes after it happened, so that results
/// and values that were measured later may have been reported before it: it is late, and "a late admission, registration
/// or discharge … sets class, arrival and source of the visit back to its own" when it is repeated.
const COLUMNS: [(&str, &str); 4] = [
    ("hospital_visit", "arrival_method"),
    ("hospital_visit", "patient_class"),
    ("hospital_visit", "source_system"),
    ("hospital_visit", "valid_from"),
];
/// Tables that a repeated message may change: all messages about an order, once more, may change it once more.
const TABLES: [&str; 1] = ["lab_order"];
/// What belongs to a sample. A sample that was reported before and after a merge is there under both numbers; messages
/// from before, once more after it, are about the one under the number that is left. Where messages were divided among
/// partitions, those under two numbers of a patient may be in two of them, and the merge may overtake any.
const OF_A_SAMPLE: [&str; 3] = ["lab_sample", "lab_result", "request_answer"];

/// Rows that should be equal and are not, and by table how many may differ and do.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    /// Rows of the undisturbed run.
    pub(crate) rows: usize,
    pub(crate) wrong: Vec<Difference>,
    pub(crate) allowed: BTreeMap<String, usize>,
}

/// A star as far as it is compared.
pub(crate) struct Compared {
    tables: Tables,
    /// The laboratories' numbers of samples that are there under two numbers of a patient, or could be.
    merged_samples: Vec<String>,
}

#[derive(QueryableByName)]
struct Sample {
    #[diesel(sql_type = Text)]
    number: String,
}

/// The tables of a star, without what may differ: more where messages were divided among partitions.
///
/// # Errors
/// The server's answer.
pub(crate) fn read(star: &mut PgConnection, partitions: u16) -> QueryResult<Compared> {
    let which = if partitions == 0 {
        "GROUP BY 1 HAVING count(*) > 1".to_owned()
    } else {
        format!(
            "AND mrn_id IN (SELECT unnest(ARRAY[mrn_id, live_mrn_id]) FROM {STAR}.mrn_to_live WHERE mrn_id <> live_mrn_id)"
        )
    };
    let merged = format!(
        "SELECT external_lab_number AS number FROM {STAR}.lab_sample WHERE external_lab_number <> '' {which}"
    );
    let merged: Vec<Sample> = sql_query(merged).load(star)?;
    let merged_samples = merged.into_iter().map(|sample| sample.number).collect();
    let by_partition = if partitions == 0 { &[][..] } else { &BY_FIRST_PATIENT };
    let without = [&COLUMNS[..], by_partition].concat();
    Ok(Compared { tables: Tables::read_without(star, STAR, emap_star::known_by, &without)?, merged_samples })
}

/// Compares; `expected` is the undisturbed run.
pub(crate) fn compare(expected: &Compared, found: &Compared) -> Comparison {
    let mut comparison = Comparison { rows: expected.tables.count(), ..Comparison::default() };
    let is_of_merged = |difference: &Difference| {
        OF_A_SAMPLE.contains(&difference.table.as_str())
            && expected.merged_samples.iter().any(|number| difference.row.contains(number.as_str()))
    };
    for difference in expected.tables.differences(&found.tables) {
        let table = difference.table.as_str();
        if table.ends_with("_audit") || TABLES.contains(&table) || is_of_merged(&difference) {
            *comparison.allowed.entry(difference.table).or_default() += 1;
        } else {
            comparison.wrong.push(difference);
        }
    }
    comparison
}
