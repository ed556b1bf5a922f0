//! The order in which the facts of a visit took effect.

use super::fact::Fact;

/// Orders facts by time, MOVE before DISCHARGE, then by how recently they were recorded, then by place.
///
/// This is a total order over what facts say, so the order in which they are given never shows. MOVEs at one
/// instant are put so that each starts where another one ended.
pub(super) fn order<P: Copy + Ord>(facts: &mut [Fact<P>]) {
    facts.sort_unstable_by_key(|fact| (fact.at, fact.kind, fact.rank(), fact.place, fact.previous));
    let mut here = None;
    for together in facts.chunk_by_mut(|a, b| a.is_move() && b.is_move() && a.at == b.at) {
        follow_path(together, here);
        here = together.last().map(|fact| fact.place);
    }
}

/// Puts each MOVE behind those that lead to its previous place. MOVEs in a circle all wait for each other:
/// there the path goes on from `here`, where the patient is, or else with the first of them.
fn follow_path<P: Copy + Ord>(moves: &mut [Fact<P>], mut here: Option<P>) {
    for done in 0..moves.len() {
        let rest = &moves[done..];
        let next = rest
            .iter()
            .position(|m| !rest.iter().any(|other| m.previous == Some(other.place)))
            .or_else(|| rest.iter().position(|m| m.previous == here))
            .unwrap_or(0);
        moves[done..=done + next].rotate_right(1);
        here = Some(moves[done].place);
    }
}
