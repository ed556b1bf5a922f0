//! Former versions: one for each change, each ending where the next begins.

use emap_star::Instant;

use crate::world::Rows;

/// A version of a row; the present one has no end.
struct Version {
    row: (&'static str, i64),
    since: (Instant, Instant),
    until: Option<(Instant, Instant)>,
}

macro_rules! versions {
    ($rows:ident, $($key:ident: $live:ident, $former:ident;)*) => {{
        let mut versions = Vec::new();
        $(
            versions.extend($rows.$live.iter().map(|row| Version {
                row: (stringify!($live), row.$key),
                since: (row.stored_from, row.valid_from),
                until: None,
            }));
            versions.extend($rows.$former.iter().map(|row| Version {
                row: (stringify!($live), row.$key),
                since: (row.stored_from, row.valid_from),
                until: row.stored_until.zip(row.valid_until),
            }));
        )*
        versions
    }};
}

/// Asserts that the versions of each row follow each other without gap or overlap, at most one for each message.
pub(crate) fn assert_contiguous(rows: &Rows) {
    let mut versions = versions! { rows,
        mrn_to_live_id: lives, live_audits;
        core_demographic_id: demographics, demographic_audits;
        hospital_visit_id: visits, visit_audits;
        location_visit_id: stays, stay_audits;
        planned_movement_id: plans, plan_audits;
    };
    versions.sort_by_key(|version| (version.row, version.until.is_none(), version.until));
    for pair in versions.windows(2).filter(|pair| pair[0].row == pair[1].row) {
        assert_eq!(pair[0].until, Some(pair[1].since), "{:?}", pair[0].row);
        assert!(pair[0].since.0 < pair[1].since.0, "two versions of {:?} by one message", pair[0].row);
    }
}
