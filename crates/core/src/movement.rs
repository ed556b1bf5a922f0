//! Where a patient was, derived from what messages said about it.
//!
//! Messages about movements arrive late, twice and in any order. So no message changes a stay: each one adds
//! a [`Fact`], and the stays of a hospital visit are computed from all its facts ([`stays`]). The same facts
//! give the same stays, whatever the order in which they became known.
//!
//! ```text
//! message ─► Fact ─┐
//!                  ├─► stays() ─► reconcile() ─► rows to update, insert, delete
//! known facts ─────┘
//! ```
//!
//! A visit whose rows are older than its facts gets facts from [`seed`] first.

mod cancel;
mod fact;
mod order;
mod reconcile;
mod seed;
mod stay;
mod walk;

pub use self::{
    fact::{Fact, FactKind, Place},
    reconcile::{Changes, reconcile},
    seed::seed,
    stay::Stay,
};

/// The stays of one hospital visit, in order of admission, that follow from its facts.
///
/// Neither the order of the facts nor repeats among them matter. Stays never overlap, and only the last one
/// can be open.
pub fn stays<P: Copy + Ord>(facts: &[Fact<P>]) -> Vec<Stay<P>> {
    walk::walk(&cancel::not_cancelled(facts))
}

/// Whether a cancellation among the facts takes back this MOVE or DISCHARGE, be it named or carried away
/// with its stay. Never true of a fact that is itself a cancellation.
///
/// `facts` are all facts known of the visit; `own` need not be among them yet.
pub fn is_cancelled<P: Copy + Ord>(facts: &[Fact<P>], own: &Fact<P>) -> bool {
    if own.kind.is_cancellation() || !facts.iter().any(|fact| fact.kind.is_cancellation()) {
        return false;
    }
    let known: Vec<_> = facts.iter().chain([own]).copied().collect();
    !cancel::not_cancelled(&known).iter().any(|left| left.repeats(own))
}
