//! Periods in which a department stayed the same, derived from what messages said of its changes.
//!
//! Messages report changes late, twice and in any order, and two reports that agree show as one period. So no message
//! changes a period: each adds a [`Change`], and the periods are computed from all of them ([`periods`]). The same
//! changes give the same periods, whatever the order in which they became known; only of changes at one moment the
//! order decides.

use chrono::{DateTime, Utc};

/// What one message says of a moment at which something changed, or at least was recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<S> {
    /// The moment.
    pub(crate) at: DateTime<Utc>,
    /// What it was from then on.
    pub(crate) state: S,
    /// What it was before, if the message says so, and since when it was on record.
    pub(crate) former: Option<(DateTime<Utc>, S)>,
}

/// A state, from its beginning to the beginning of the next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Derived<S> {
    /// Its beginning.
    pub(crate) from: DateTime<Utc>,
    /// What it was.
    pub(crate) state: S,
}

/// The periods that follow from the changes, in order of time; those of one moment in the order of the changes.
///
/// What a message says of the time before its own counts only if no message is about that time.
pub(crate) fn periods<S: Clone + PartialEq>(changes: &[Change<S>]) -> Vec<Derived<S>> {
    let mut changes: Vec<_> = changes.iter().collect();
    // Stable: at one moment, what was processed last comes last.
    changes.sort_by_key(|change| change.at);
    let mut periods: Vec<Derived<S>> = former(&changes).into_iter().collect();
    for change in changes {
        if periods.last().is_none_or(|last| last.state != change.state) {
            periods.push(Derived { from: change.at, state: change.state.clone() });
        }
    }
    periods
}

/// The state before the first change, if it was on record before that. Of several accounts the one that reaches back
/// furthest counts.
fn former<S: Clone + PartialEq>(changes: &[&Change<S>]) -> Option<Derived<S>> {
    let first = changes.first()?.at;
    let accounts = changes.iter().take_while(|change| change.at == first);
    let (from, state) = accounts.filter_map(|change| change.former.as_ref()).min_by_key(|former| former.0)?;
    (*from < first).then(|| Derived { from: *from, state: state.clone() })
}
