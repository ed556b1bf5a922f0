//! Former versions: one for each change, each ending where the next begins.

use std::collections::HashMap;

use emap_star::{Audited, Instant, Row, Value};

/// All versions of the rows of a table.
pub(crate) struct Versions {
    table: &'static str,
    versions: Vec<Version>,
}

/// A version of a row; the present one has no end.
struct Version {
    row: i64,
    since: Moment,
    until: Option<Moment>,
}

/// When the database learnt of it, and the hospital's time.
type Moment = (Instant, Instant);

impl Versions {
    /// The present versions and the former ones.
    pub(crate) fn of<R: Audited>(present: &[R], former: &[R::Twin]) -> Self {
        let open = |row: &R| Version {
            row: row.id().number(),
            since: (row.stored_from(), row.valid_from()),
            until: None,
        };
        let mut versions: Vec<_> = present.iter().map(open).collect();
        versions.extend(former.iter().filter_map(|twin| ended(twin, &format!("{}_id", R::TABLE))));
        versions.sort_by_key(|version| (version.row, version.until.is_none(), version.until));
        Self { table: R::TABLE, versions }
    }

    /// The versions of each row follow each other without gap or overlap, at most one for each message.
    pub(crate) fn assert_contiguous(&self) {
        for pair in self.versions.windows(2).filter(|pair| pair[0].row == pair[1].row) {
            let row = (self.table, pair[0].row);
            assert_eq!(pair[0].until, Some(pair[1].since), "{row:?}");
            assert!(pair[0].since.0 < pair[1].since.0, "two versions of {row:?} by one message");
        }
    }
}

/// A version that ended; none for what never was a row, such as a cancelled order that nobody had heard of.
fn ended<T: Row>(twin: &T, key: &str) -> Option<Version> {
    let mut row = None;
    let mut times = HashMap::new();
    twin.each_column(|column, value| match value {
        Value::Integer(id) if column == key => row = Some(id),
        Value::Instant(at) => drop(times.insert(column, at)),
        _ => {}
    });
    let moment = |stored, valid| times.get(stored).copied().zip(times.get(valid).copied());
    Some(Version {
        row: row?,
        since: moment("stored_from", "valid_from")?,
        until: moment("stored_until", "valid_until"),
    })
}
