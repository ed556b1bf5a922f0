//! Facts for visits whose rows were written before facts were kept.

use chrono::{DateTime, Utc};

use super::{
    fact::{Fact, FactKind, merged},
    stay::Stay,
};

/// The facts that the rows of a visit bear witness to: known beginnings are MOVEs, known ends that no move
/// explains are DISCHARGEs. `rows` may be in any order; no fact comes twice.
///
/// What was inferred gives no fact of its own. It is named as the previous place of the fact behind it, so
/// that it is inferred again.
pub fn seed<P: Copy + Ord>(rows: &[Stay<P>]) -> Vec<Fact<P>> {
    let mut rows = rows.to_vec();
    rows.sort_by_key(Stay::in_time);
    let mut facts = Vec::with_capacity(rows.len() + 1);
    for (i, row) in rows.iter().enumerate() {
        let (earlier, later) = (&rows[..i], rows.get(i + 1));
        if !row.inferred_admission {
            facts.push(fact(FactKind::Move, row, row.admission, moved_from(row, earlier)));
        }
        if let Some(end) = row.known_end()
            && later.is_none_or(|next| next.admission != end || next.inferred_admission)
        {
            facts.push(fact(FactKind::Discharge, row, end, inferred_before(row, earlier)));
        }
    }
    merged(&facts)
}

/// The place whose known end the row's beginning is.
fn moved_from<P: Copy + Ord>(row: &Stay<P>, earlier: &[Stay<P>]) -> Option<P> {
    let before = earlier.last()?;
    (before.known_end() == Some(row.admission) && before.place != row.place).then_some(before.place)
}

/// The place that is only known as the one before an equally unknown place.
fn inferred_before<P: Copy + Ord>(row: &Stay<P>, earlier: &[Stay<P>]) -> Option<P> {
    let before = earlier.last()?;
    let is_guess = row.inferred_admission && before.inferred_admission && before.inferred_discharge;
    (is_guess && before.place != row.place).then_some(before.place)
}

fn fact<P: Copy>(kind: FactKind, row: &Stay<P>, at: DateTime<Utc>, previous: Option<P>) -> Fact<P> {
    Fact { kind, place: row.place, previous, at, message_at: at, recorded: None }
}
