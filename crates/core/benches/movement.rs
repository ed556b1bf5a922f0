//! The cost of deriving the stays of a visit of ten facts.

use std::hint::black_box;

use chrono::{DateTime, TimeDelta, Utc};
use criterion::{Criterion, criterion_group, criterion_main};
use emap_core::movement::{Fact, FactKind, Place, is_cancelled, reconcile, stays};
use emap_star::rows::LocationId;

const ED: Place<'_> = Place { text: "ED^BAY3^CHAIR 7", id: LocationId::new(4711) };
const WARD: Place<'_> = Place { text: "W12^ROOM 4^BED 2", id: LocationId::new(17) };
const SCAN: Place<'_> = Place { text: "SCAN^null^null", id: LocationId::new(230) };
const ICU: Place<'_> = Place { text: "ICU^POD1^BED 9", id: LocationId::new(88) };

/// A fact some minutes into the visit, recorded three minutes after it happened.
fn fact(
    kind: FactKind,
    place: Place<'static>,
    previous: Option<Place<'static>>,
    minutes: i64,
) -> Fact<Place<'static>> {
    let at = DateTime::<Utc>::UNIX_EPOCH + TimeDelta::minutes(minutes);
    Fact { kind, place, previous, at, message_at: at, recorded: Some(at + TimeDelta::minutes(3)) }
}

fn plain_visit() -> Vec<Fact<Place<'static>>> {
    let path = [ED, SCAN, ED, WARD, SCAN, WARD, ICU, WARD, SCAN];
    let mut previous = None;
    let mut facts: Vec<_> = (0..)
        .zip(path)
        .map(|(hour, place)| fact(FactKind::Move, place, previous.replace(place), 60 * hour))
        .collect();
    facts.push(fact(FactKind::Discharge, SCAN, None, 600));
    facts
}

fn visit_with_cancellations() -> Vec<Fact<Place<'static>>> {
    vec![
        fact(FactKind::Discharge, WARD, None, 500),
        fact(FactKind::CancelDischarge, WARD, None, 400),
        fact(FactKind::Discharge, WARD, None, 400),
        fact(FactKind::CancelTransfer, ICU, None, 330),
        fact(FactKind::Move, ICU, Some(WARD), 300),
        fact(FactKind::Move, WARD, None, 210),
        fact(FactKind::Move, WARD, Some(ED), 200),
        fact(FactKind::CancelAdmit, SCAN, None, 0),
        fact(FactKind::Move, ED, None, 30),
        fact(FactKind::Move, SCAN, None, 0),
    ]
}

fn movement(criterion: &mut Criterion) {
    for (name, facts) in [("plain", plain_visit()), ("with cancellations", visit_with_cancellations())] {
        assert_eq!(facts.len(), 10);
        let (derived, own) = (stays(&facts), facts[2]);
        let mut group = criterion.benchmark_group(format!("visit of ten facts, {name}"));
        group.bench_function("stays", |bench| bench.iter(|| stays(black_box(&facts))));
        group.bench_function("is_cancelled", |bench| {
            bench.iter(|| is_cancelled(black_box(&facts), black_box(&own)));
        });
        group.bench_function("reconcile, nothing new", |bench| {
            bench.iter(|| reconcile(black_box(&derived), black_box(&derived)));
        });
        group.finish();
    }
}

criterion_group!(benches, movement);
criterion_main!(benches);
