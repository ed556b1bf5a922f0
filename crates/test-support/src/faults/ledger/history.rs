//! Whether the versions of each row follow each other without a gap.
//!
//! Of a table with an audit twin: the former versions of a row, in the order in which they were stored, each end where
//! the next begins, and the last ends where the present row begins (a row that was deleted has none). Of a table that
//! keeps its periods itself: both ends are set or neither, and at most one period is open. No interval ends before it
//! begins, in stored time; what is valid may be learnt in any order, but of two versions that follow each other one
//! ends when the other begins.

use std::{collections::BTreeMap, fmt};

use diesel::{PgConnection, QueryResult};

use super::sql::{Row, number, quoted, rows, table_names};

/// Tables that keep superseded periods themselves, with the column that says whose periods they are.
const PERIODS: [(&str, &str); 3] =
    [("department_state", "department_id"), ("room_state", "room_id"), ("bed_state", "bed_id")];

/// What is wrong with a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Flaw {
    /// `stored_until` or `valid_until` of a former version is null.
    OpenEnd,
    /// `stored_until` is before `stored_from`.
    EndsBeforeItBegins,
    /// `stored_from` of a version is not `stored_until` of the one before.
    StoredGap,
    /// `valid_from` of a version is not `valid_until` of the one before.
    ValidGap,
    /// Several periods without an end.
    SeveralOpen,
    /// One of `stored_until` and `valid_until` is null, the other is not.
    HalfOpen,
}

/// A flaw in the history of a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The table.
    pub table: String,
    /// Primary key of the row (for tables of periods: key of what they belong to).
    pub id: i64,
    /// What is wrong.
    pub flaw: Flaw,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {:?}", self.table, self.id, self.flaw)
    }
}

/// One version; times in microseconds since 1970.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Version {
    stored_from: i64,
    /// None: present.
    stored_until: Option<i64>,
    valid_from: i64,
    valid_until: Option<i64>,
}

/// Looks at every table of a star schema.
///
/// # Errors
/// The server's answer.
pub fn flaws(connection: &mut PgConnection, schema: &str) -> QueryResult<Vec<Finding>> {
    let names = table_names(connection, schema)?;
    let mut findings = Vec::new();
    for twin in names.iter().filter(|name| name.ends_with("_audit")) {
        let table = twin.trim_end_matches("_audit");
        let mut histories = versions(connection, schema, twin, &format!("{table}_id"), true)?;
        if names.iter().any(|name| name == table) {
            for (id, present) in versions(connection, schema, table, &format!("{table}_id"), false)? {
                if let Some(former) = histories.get_mut(&id) {
                    former.extend(present);
                }
            }
        }
        for (id, versions) in histories {
            findings.extend(flaws_of(versions).map(|flaw| Finding { table: table.to_owned(), id, flaw }));
        }
    }
    for (table, owner) in PERIODS.iter().filter(|(table, _)| names.iter().any(|name| name == table)) {
        for (id, periods) in versions(connection, schema, table, owner, true)? {
            let finding = |flaw| Finding { table: (*table).to_owned(), id, flaw };
            findings.extend(flaws_of_periods(&periods).map(finding));
        }
    }
    Ok(findings)
}

/// The versions in a table, by the value of `key`. `ends`: the table says when they end.
fn versions(
    connection: &mut PgConnection,
    schema: &str,
    table: &str,
    key: &str,
    ends: bool,
) -> QueryResult<BTreeMap<i64, Vec<Version>>> {
    let micros = |column: &str| format!("(extract(epoch FROM {column}) * 1000000)::bigint AS {column}");
    let columns = if ends {
        &["stored_from", "valid_from", "stored_until", "valid_until"][..]
    } else {
        &["stored_from", "valid_from"]
    };
    let columns = columns.iter().map(|column| micros(column)).collect::<Vec<_>>().join(", ");
    let query = format!(
        "SELECT {key} AS id, {columns} FROM {}.{} ORDER BY {table}_id",
        quoted(schema),
        quoted(table)
    );
    let mut versions: BTreeMap<i64, Vec<Version>> = BTreeMap::new();
    for row in rows(connection, &query)? {
        if let (Some(id), Some(version)) = (number(&row, "id"), version(&row)) {
            versions.entry(id).or_default().push(version);
        }
    }
    Ok(versions)
}

fn version(row: &Row) -> Option<Version> {
    Some(Version {
        stored_from: number(row, "stored_from")?,
        stored_until: number(row, "stored_until"),
        valid_from: number(row, "valid_from")?,
        valid_until: number(row, "valid_until"),
    })
}

/// Flaws of former versions, with the present one, which alone may be open, as the last.
fn flaws_of(mut versions: Vec<Version>) -> impl Iterator<Item = Flaw> {
    // Of several changes in one instant the keys say which came first: the sort keeps their order.
    versions
        .sort_by_key(|version| (version.stored_until.is_none(), version.stored_from, version.stored_until));
    let mut found = Vec::new();
    let last = versions.len().saturating_sub(1);
    for (place, version) in versions.iter().enumerate() {
        let is_open = version.stored_until.is_none() || version.valid_until.is_none();
        if is_open && place != last {
            found.push(Flaw::OpenEnd);
        }
        if version.stored_until.is_some_and(|until| until < version.stored_from) {
            found.push(Flaw::EndsBeforeItBegins);
        }
    }
    for pair in versions.windows(2) {
        if pair[0].stored_until.is_some_and(|until| until != pair[1].stored_from) {
            found.push(Flaw::StoredGap);
        }
        if pair[0].valid_until.is_some_and(|until| until != pair[1].valid_from) {
            found.push(Flaw::ValidGap);
        }
    }
    found.sort_unstable();
    found.dedup();
    found.into_iter()
}

fn flaws_of_periods(periods: &[Version]) -> impl Iterator<Item = Flaw> {
    let mut found = Vec::new();
    if periods.iter().any(|period| period.stored_until.is_some() != period.valid_until.is_some()) {
        found.push(Flaw::HalfOpen);
    }
    if periods.iter().any(|period| period.stored_until.is_some_and(|until| until < period.stored_from)) {
        found.push(Flaw::EndsBeforeItBegins);
    }
    if periods.iter().filter(|period| period.stored_until.is_none()).count() > 1 {
        found.push(Flaw::SeveralOpen);
    }
    found.into_iter()
}

#[cfg(test)]
mod tests {
    use super::{Flaw, Version, flaws_of, flaws_of_periods};

    fn former(stored: (i64, i64), valid: (i64, i64)) -> Version {
        Version {
            stored_from: stored.0,
            stored_until: Some(stored.1),
            valid_from: valid.0,
            valid_until: Some(valid.1),
        }
    }

    fn present(stored_from: i64, valid_from: i64) -> Version {
        Version { stored_from, stored_until: None, valid_from, valid_until: None }
    }

    fn flaws(versions: &[Version]) -> Vec<Flaw> {
        flaws_of(versions.to_vec()).collect()
    }

    #[test]
    fn versions_that_follow_each_other_are_a_history_in_any_order_of_reading() {
        let mut versions = [former((10, 20), (1, 2)), former((20, 20), (2, 3)), present(20, 3)];
        assert_eq!(flaws(&versions), []);
        versions.reverse();
        assert_eq!(flaws(&versions), []);
        assert_eq!(flaws(&versions[1..]), [], "a deleted row");
        assert_eq!(flaws(&[]), []);
    }

    #[test]
    fn gaps_and_ends_before_their_beginnings_are_found() {
        assert_eq!(flaws(&[former((10, 20), (1, 2)), present(21, 2)]), [Flaw::StoredGap]);
        assert_eq!(flaws(&[former((10, 20), (1, 2)), present(20, 3)]), [Flaw::ValidGap]);
        assert_eq!(flaws(&[former((10, 5), (1, 2)), present(5, 2)]), [Flaw::EndsBeforeItBegins]);
        let open = Version { valid_until: None, ..former((10, 20), (1, 2)) };
        assert_eq!(flaws(&[open, present(20, 2)]), [Flaw::OpenEnd]);
    }

    #[test]
    fn of_periods_one_may_be_open() {
        let of = |periods: &[Version]| flaws_of_periods(periods).collect::<Vec<_>>();
        // A period that was learnt of late is closed from the beginning.
        assert_eq!(of(&[former((10, 10), (1, 2)), present(5, 2)]), []);
        assert_eq!(of(&[present(5, 1), present(6, 2)]), [Flaw::SeveralOpen]);
        let half = Version { valid_until: Some(3), ..present(5, 1) };
        assert_eq!(of(&[half]), [Flaw::HalfOpen]);
    }
}
